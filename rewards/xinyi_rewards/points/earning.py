"""Earn points once a cause, within the year's cap; reverse them exactly; have none at all by choice."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from tortoise.expressions import F

from xinyi_platform import audit
from xinyi_platform.clock import local_date
from xinyi_platform.database import transaction
from xinyi_platform.database.bulk import bulk_insert
from xinyi_platform.ids import new_id
from xinyi_platform.tenancy import everywhere
from xinyi_rewards.gatherings.holding import Attended
from xinyi_rewards.honor_lists.kinds import kind_of
from xinyi_rewards.honor_lists.models import HonorEntry
from xinyi_rewards.honor_lists.publishing import EntryEnded, EntryPublished
from xinyi_rewards.points.models import PointEntry, PointHolder, PointYear
from xinyi_rewards.points.policy import point_rules


async def award_points(cause: str, cause_id: UUID, resident_id: UUID, *, at: datetime) -> int:
    """Give what a cause earns, once. Returns the points given.

    That is 0 where it gave before, the year's cap is reached, or she wants none. Joins the caller's transaction.
    """
    rule, year = point_rules().cause_of(cause), local_date(at).year
    async with transaction():
        if (await _hold(resident_id, at)).is_off:
            return 0
        row: dict[str, object] = {
            "id": new_id(), "resident_id": resident_id, "cause": cause, "cause_id": cause_id, "is_reversal": False,
            "points": rule.points, "year": year, "expires_on": local_date(at) + timedelta(days=rule.validity_days),
            "at": at,
        }  # fmt: skip
        if not await bulk_insert(PointEntry, [row], skip_conflicts=True):
            return 0
        tally: dict[str, object] = {
            "id": new_id(), "resident_id": resident_id, "cause": cause, "year": year, "points": 0
        }  # fmt: skip
        await bulk_insert(PointYear, [tally], skip_conflicts=True)
        within = PointYear.filter(
            resident_id=resident_id, cause=cause, year=year, points__lte=rule.yearly_cap - rule.points
        )
        if not await within.update(points=F("points") + rule.points):
            await PointEntry.filter(id=row["id"]).delete()
            return 0
    return rule.points


async def reverse_points(cause: str, cause_id: UUID, resident_id: UUID, *, at: datetime) -> None:
    """Take back exactly what a cause gave, once; joins the caller's transaction."""
    async with transaction():
        await _hold(resident_id, at)
        given = await PointEntry.get_or_none(cause=cause, cause_id=cause_id, resident_id=resident_id, is_reversal=False)
        if given is None:
            return
        row: dict[str, object] = {
            "id": new_id(), "resident_id": resident_id, "cause": cause, "cause_id": cause_id, "is_reversal": True,
            "points": -given.points, "year": given.year, "expires_on": given.expires_on, "at": at,
        }  # fmt: skip
        if await bulk_insert(PointEntry, [row], skip_conflicts=True):
            tally = PointYear.filter(resident_id=resident_id, cause=cause, year=given.year)
            await tally.update(points=F("points") - given.points)


async def _hold(resident_id: UUID, at: datetime) -> PointHolder:
    """Return what a resident wants, her row held until the transaction ends: who comes next sees what was done."""
    row: dict[str, object] = {"id": new_id(), "resident_id": resident_id, "is_off": False, "since": at}
    await bulk_insert(PointHolder, [row], skip_conflicts=True)
    return await PointHolder.filter(resident_id=resident_id).select_for_update().get()


async def entry_published(news: EntryPublished) -> None:
    """A place on a red list earns points."""
    if news.resident_id is not None and kind_of(news.kind).colour == "red":
        await award_points("red_list", news.entry_id, news.resident_id, at=news.at)


async def entry_ended(news: EntryEnded) -> None:
    """What should never have been listed should never have earned points; an ordinary end keeps what was earned."""
    if news.resident_id is None or kind_of(news.kind).colour != "red":
        return
    entry = await everywhere(HonorEntry).get(id=news.entry_id)
    if entry.state == "revoked":
        await reverse_points("red_list", news.entry_id, news.resident_id, at=news.at)


async def attended(news: Attended) -> None:
    """Coming to a gathering earns points."""
    await award_points("gathering", news.gathering_id, news.resident_id, at=news.at)


async def refuse_points(resident_id: UUID, *, at: datetime) -> None:
    """Collect none any more and delete those there are; a second time changes nothing."""
    async with transaction():
        if not (await _hold(resident_id, at)).is_off:
            await PointHolder.filter(resident_id=resident_id).update(is_off=True, since=at)
        await PointEntry.filter(resident_id=resident_id).delete()
        await PointYear.filter(resident_id=resident_id).delete()
        await _record("refuse", resident_id, at)


async def want_points(resident_id: UUID, *, at: datetime) -> None:
    """Collect them again from now on."""
    async with transaction():
        if await PointHolder.filter(resident_id=resident_id, is_off=True).update(is_off=False, since=at):
            await _record("want", resident_id, at)


async def _record(act: str, resident_id: UUID, at: datetime) -> None:
    await audit.record(
        f"points.{act}",
        actor=f"resident:{resident_id}",
        object_kind="resident",
        object_id=resident_id,
        detail={},
        at=at,
    )
