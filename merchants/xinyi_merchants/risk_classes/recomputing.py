"""Keep classes up to date: what changed is classed again within minutes, everybody once a day.

Any number of workers may run it at once and late: a class changes by a conditional update, so that each change is
written down once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from uuid import UUID

import msgspec
from tortoise.expressions import Subquery

from xinyi_merchants.registry.models import Merchant
from xinyi_merchants.risk_classes.classifying import Classified, classify
from xinyi_merchants.risk_classes.gathering import Known, facts_of
from xinyi_merchants.risk_classes.models import RiskClass, RiskClassChange
from xinyi_merchants.risk_classes.rules import rules_of
from xinyi_platform.clock import local_date
from xinyi_platform.database import transaction
from xinyi_platform.database.bulk import bulk_insert
from xinyi_platform.ids import new_id
from xinyi_platform.runtime import Runtime
from xinyi_platform.tenancy import everywhere

STALE_BATCH = 500
DAILY_BATCH = 2_000


async def mark_stale(merchant_ids: Sequence[UUID], *, at: datetime) -> None:
    """Have merchants classed again soon. Joins the caller's transaction."""
    await everywhere(RiskClass).filter(merchant_id__in=list(merchant_ids)).update(stale_at=at)


async def settle_classes(runtime: Runtime) -> int:
    """Do one bounded piece: what changed first, then who was not classed today. Returns how many were classed."""
    now = runtime.clock.now()
    stale = await RiskClass.filter(stale_at__isnull=False).order_by("stale_at").limit(STALE_BATCH)
    merchants = await Merchant.filter(id__in=[row.merchant_id for row in stale]) if stale else []
    done = await recompute(merchants, now=now)
    return done + await recompute(await outdated(local_date(now), limit=DAILY_BATCH), now=now)


async def outdated(today: date, *, limit: int, after: UUID | None = None) -> list[Merchant]:
    """Return merchants that were not classed today, by id."""
    fresh = RiskClass.filter(computed_on__gte=today).values("merchant_id")
    rows = Merchant.exclude(id__in=Subquery(fresh))
    return await (rows.filter(id__gt=after) if after else rows).order_by("id").limit(limit)


async def recompute_everybody(runtime: Runtime, progress: Callable[[int], None], *, batch: int = DAILY_BATCH) -> int:
    """Class everybody who was not classed today, batch by batch; stopped and started again, it goes on."""
    done, after = 0, None
    while merchants := await outdated(local_date(runtime.clock.now()), limit=batch, after=after):
        await recompute(merchants, now=runtime.clock.now())
        after, done = merchants[-1].id, done + len(merchants)
        progress(len(merchants))
    return done


async def recompute(merchants: Sequence[Merchant], *, now: datetime) -> int:
    """Class merchants by the model of the day. Returns how many."""
    if not merchants:
        return 0
    today = local_date(now)
    rules = rules_of(today)
    async with transaction():
        ids = [merchant.id for merchant in merchants]
        held = {row.merchant_id: row for row in await RiskClass.filter(merchant_id__in=ids)}
        known = await facts_of(merchants, today=today)
        classed = [(one, classify(one.trade, one.facts, rules)) for one in known]
        await _enter([(one, found) for one, found in classed if one.merchant_id not in held], today, now)
        there = [(one, found, held[one.merchant_id]) for one, found in classed if one.merchant_id in held]
        same = [row for one, found, row in there if _is_same(row, one, found)]
        await _confirm(same, today, now)
        for one, found, row in there:
            if not _is_same(row, one, found):
                await _change(row, one, found, today, now)
    return len(merchants)


def _is_same(row: RiskClass, one: Known, found: Classified) -> bool:
    where = (row.trade, row.division) == (one.trade, one.division)
    said = (row.colour, row.points, row.version) == (found.colour, found.points, found.version)
    return where and said and row.reasons == _reasons(found)


def _reasons(found: Classified) -> list[dict[str, object]]:
    return [msgspec.to_builtins(reason) for reason in found.reasons]


async def _enter(fresh: Sequence[tuple[Known, Classified]], today: date, now: datetime) -> None:
    rows = [
        {**_values(one, found, today, now), "id": new_id(), "merchant_id": one.merchant_id, "stale_at": None}
        for one, found in fresh
    ]
    inserted = await bulk_insert(RiskClass, rows, skip_conflicts=True)
    mine = [(one, found) for row, (one, found) in zip(rows, fresh, strict=True) if row["id"] in inserted]
    await bulk_insert(RiskClassChange, [_change_row(one, found, "", now) for one, found in mine])


async def _confirm(same: Sequence[RiskClass], today: date, now: datetime) -> None:
    """Say that a class still holds; what changed after it was read stays marked."""
    ids = [row.id for row in same]
    await RiskClass.filter(id__in=ids).update(computed_on=today, computed_at=now)
    await RiskClass.filter(id__in=ids, stale_at__lte=now).update(stale_at=None)


async def _change(row: RiskClass, one: Known, found: Classified, today: date, now: datetime) -> None:
    same = RiskClass.filter(id=row.id, computed_at=row.computed_at, colour=row.colour, points=row.points)
    if not await same.update(**_values(one, found, today, now)):
        return  # another worker was quicker, or it is classed again by the next one
    await RiskClass.filter(id=row.id, stale_at__lte=now).update(stale_at=None)
    if row.colour != found.colour:
        await bulk_insert(RiskClassChange, [_change_row(one, found, row.colour, now)])


def _values(one: Known, found: Classified, today: date, now: datetime) -> dict[str, object]:
    return {
        "trade": one.trade,
        "division": one.division,
        "colour": found.colour,
        "points": found.points,
        "version": found.version,
        "reasons": _reasons(found),
        "computed_on": today,
        "computed_at": now,
    }


def _change_row(one: Known, found: Classified, before: str, now: datetime) -> dict[str, object]:
    return {
        "id": new_id(),
        "merchant_id": one.merchant_id,
        "before": before,
        "colour": found.colour,
        "points": found.points,
        "version": found.version,
        "reasons": _reasons(found),
        "at": now,
    }
