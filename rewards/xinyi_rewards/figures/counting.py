"""Count by part of an area and month: a query a measure, grouped by the database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from tortoise.expressions import Q
from tortoise.functions import Count
from tortoise.queryset import QuerySet

from xinyi_platform.clock import local_date
from xinyi_platform.language import Text
from xinyi_platform.tenancy import Area, everywhere
from xinyi_rewards.figures.months import Month, month_at
from xinyi_rewards.honor_lists.models import HonorEntry, Objection
from xinyi_rewards.recalls.models import Recall
from xinyi_rewards.repairs.models import RepairRequest
from xinyi_rewards.rewards.models import RewardGrant
from xinyi_rewards.support.models import SupportGrant
from xinyi_scenarios.entitlements.reading import redeemed_among

Counts = Counter[tuple[str, str]]
"""By division code and month."""
_PAGE = 2_000


@dataclass(frozen=True, slots=True)
class Measure:
    """Something that is counted, by division and month."""

    key: str
    text: Text
    load: Callable[[Area, Sequence[Month]], Awaitable[Counts]]


def _counted(
    rows: Callable[[], QuerySet[Any]], at: str, division: str
) -> Callable[[Area, Sequence[Month]], Awaitable[Counts]]:
    """Return the loader of a measure that counts rows by the instant in a column."""

    async def load(area: Area, months: Sequence[Month]) -> Counts:
        window = {f"{at}__gte": months[0].begins, f"{at}__lt": months[-1].ends}
        sums = {f"m{place}": Count("id", _filter=_within(at, m)) for place, m in enumerate(months)}
        mine = area.bind(rows().filter(**window), division)
        found = await mine.annotate(**sums).group_by(division).values(division, *sums)
        counts: Counts = Counter()
        for row in found:
            for place, month in enumerate(months):
                counts[row[division], month.name] += int(row[f"m{place}"] or 0)
        return counts

    return load


def _within(at: str, month: Month) -> Q:
    bounds: dict[str, Any] = {f"{at}__gte": month.begins, f"{at}__lt": month.ends}
    return Q(**bounds)


def _entries(**which: object) -> Callable[[], QuerySet[Any]]:
    return lambda: everywhere(HonorEntry).filter(**which)


def _objections(**which: object) -> Callable[[], QuerySet[Any]]:
    return lambda: everywhere(Objection).filter(**which)


def _requests(**which: object) -> Callable[[], QuerySet[Any]]:
    return lambda: everywhere(RepairRequest).filter(**which)


async def _decided_in_time(area: Area, months: Sequence[Month]) -> Counts:
    """Objections decided by their day."""
    rows = everywhere(Objection).filter(decided_at__gte=months[0].begins, decided_at__lt=months[-1].ends)
    found = await area.bind(rows, "entry__honor_list__division").values_list(
        "decided_at", "decide_by", "entry__honor_list__division"
    )
    in_time = [(division, at) for at, by, division in found if local_date(at) <= by]
    return _placed(in_time, months)


async def _repairs_in_time(area: Area, months: Sequence[Month]) -> Counts:
    """Repairs that their unit decided by their day."""
    rows = everywhere(RepairRequest).filter(
        decided_on__isnull=False, changed_at__gte=months[0].begins, changed_at__lt=months[-1].ends
    )
    found = await area.bind(rows).values_list("changed_at", "decided_on", "decide_by", "division")
    return _placed([(division, at) for at, on, by, division in found if by and on <= by], months)


async def _rewards_given(area: Area, months: Sequence[Month]) -> Counts:
    return _placed([(division, at) for division, at, _ in await _rewards(area, months)], months)


async def _rewards_used(area: Area, months: Sequence[Month]) -> Counts:
    """Those of the rewards given in a month that were used by now."""
    rows = await _rewards(area, months)
    used: set[UUID] = set()
    for start in range(0, len(rows), _PAGE):
        used |= await redeemed_among([held for _, _, held in rows[start : start + _PAGE]])
    return _placed([(division, at) for division, at, held in rows if held in used], months)


async def _rewards(area: Area, months: Sequence[Month]) -> list[tuple[str, Any, UUID]]:
    given = await RewardGrant.filter(
        granted_at__gte=months[0].begins, granted_at__lt=months[-1].ends, entitlement_id__isnull=False
    ).values_list("entry_id", "granted_at", "entitlement_id")
    divisions: dict[UUID, str] = {}
    ids = list({entry for entry, _, _ in given})
    for start in range(0, len(ids), _PAGE):
        entries = everywhere(HonorEntry).filter(id__in=ids[start : start + _PAGE])
        divisions |= dict(await area.bind(entries, "honor_list__division").values_list("id", "honor_list__division"))
    return [(divisions[entry], at, held) for entry, at, held in given if entry in divisions]


def _placed(rows: Sequence[tuple[str, Any]], months: Sequence[Month]) -> Counts:
    counts: Counts = Counter()
    for division, at in rows:
        if (month := month_at(months, at)) is not None:
            counts[division, month] += 1
    return counts


_LIST, _ENTRY = "honor_list__division", "entry__honor_list__division"


def _published(colour: str) -> Callable[[Area, Sequence[Month]], Awaitable[Counts]]:
    return _counted(_entries(kind__startswith=f"{colour}-"), "published_at", _LIST)


def _ended(state: str) -> Callable[[Area, Sequence[Month]], Awaitable[Counts]]:
    return _counted(_entries(state=state, published_at__isnull=False), "ended_at", _LIST)


def _decided(state: str) -> Callable[[Area, Sequence[Month]], Awaitable[Counts]]:
    return _counted(_objections(state=state), "decided_at", _ENTRY)


def _recalled(at: str) -> Callable[[Area, Sequence[Month]], Awaitable[Counts]]:
    return _counted(lambda: everywhere(Recall).all(), at, "division")


async def _supported(area: Area, months: Sequence[Month]) -> Counts:
    granted = _counted(lambda: everywhere(SupportGrant).filter(holds_unit=True), "made_at", "division")
    return await granted(area, months)


MEASURES = (
    Measure("red", Text("红名单发布", "Red entries published"), _published("red")),
    Measure("black", Text("黑名单转载", "Black entries published"), _published("black")),
    Measure("repaired", Text("已修复", "Repaired"), _ended("repaired")),
    Measure("expired", Text("到期结束", "Expired"), _ended("expired")),
    Measure("revoked", Text("撤销", "Revoked"), _ended("revoked")),
    Measure("objections", Text("提出异议", "Objections filed"), _counted(_objections(), "created_at", _ENTRY)),
    Measure("upheld", Text("异议成立", "Objections upheld"), _decided("upheld")),
    Measure("dismissed", Text("异议不成立", "Objections dismissed"), _decided("dismissed")),
    Measure("objections_in_time", Text("异议按期办结", "Objections decided in time"), _decided_in_time),
    Measure("repairs", Text("申请修复", "Repairs filed"), _counted(_requests(), "filed_at", "division")),
    Measure("repairs_in_time", Text("修复按期决定", "Repairs decided in time"), _repairs_in_time),
    Measure("recalls", Text("发出停止使用", "Recalls sent"), _recalled("issued_at")),
    Measure("acknowledged", Text("已确认停止使用", "Recalls acknowledged"), _recalled("acknowledged_at")),
    Measure("rewards", Text("发放奖励权益", "Rewards given"), _rewards_given),
    Measure("rewards_used", Text("其中已使用", "Of these used by now"), _rewards_used),
    Measure("support", Text("商户支持", "Support granted"), _supported),
)
