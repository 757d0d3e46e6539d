"""Count by part of an area and month: a query a measure, bound to the area and grouped by the database where it can."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from tortoise.expressions import Q, Subquery
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
from xinyi_scenarios.using import first_uses

Counts = Counter[tuple[str, str]]
"""By division code and month."""
Load = Callable[[Area, Sequence[Month]], Awaitable[Counts]]
_PAGE = 2_000
_LIST, _ENTRY = "honor_list__division", "entry__honor_list__division"


@dataclass(frozen=True, slots=True)
class Measure:
    """Something that happened in a month, counted by division: what is over is over, and its count stays."""

    key: str
    text: Text
    load: Load


def _counted(rows: Callable[[], QuerySet[Any]], at: str, division: str) -> Load:
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


def _timely_objections(*, in_time: bool) -> Load:
    """Return the loader of objections decided by their day, or after it."""

    async def load(area: Area, months: Sequence[Month]) -> Counts:
        rows = everywhere(Objection).filter(decided_at__gte=months[0].begins, decided_at__lt=months[-1].ends)
        found = await area.bind(rows, _ENTRY).values_list("decided_at", "decide_by", _ENTRY)
        return _placed(((part, at) for at, by, part in found if (local_date(at) <= by) == in_time), months)

    return load


def _decided_repairs(*wanted: bool) -> Load:
    """Return the loader of repairs by the day of their unit's decision: those in time (True) and late (False)."""

    async def load(area: Area, months: Sequence[Month]) -> Counts:
        first, after = local_date(months[0].begins), local_date(months[-1].ends)
        rows = everywhere(RepairRequest).filter(decided_on__gte=first, decided_on__lt=after)
        found = await area.bind(rows).values_list("decided_on", "decide_by", "division")
        return _placed(((part, on) for on, by, part in found if (by is None or on <= by) in wanted), months)

    return load


async def _rewards_given(area: Area, months: Sequence[Month]) -> Counts:
    given = await _rewards(area, granted_at__gte=months[0].begins, granted_at__lt=months[-1].ends)
    return _placed(((part, at) for part, at, _ in given), months)


async def _rewards_used(area: Area, months: Sequence[Month]) -> Counts:
    """Rewards by the month in which they were used first, whenever they were given."""
    given = await _rewards(area, granted_at__lt=months[-1].ends)
    used = await first_uses(held for _, _, held in given)
    return _placed(((part, used[held]) for part, _, held in given if held in used), months)


async def _rewards(area: Area, **when: datetime) -> list[tuple[str, datetime, UUID]]:
    """Return the rewards that entries of an area gave: the list's division, when, and the entitlement."""
    entries = area.bind(everywhere(HonorEntry), _LIST)
    mine = RewardGrant.filter(entry_id__in=Subquery(entries.values("id")), entitlement_id__isnull=False, **when)
    given = await mine.values_list("entry_id", "granted_at", "entitlement_id")
    divisions: dict[UUID, str] = {}
    ids = list({entry for entry, _, _ in given})
    for start in range(0, len(ids), _PAGE):
        some = entries.filter(id__in=ids[start : start + _PAGE])
        divisions |= dict(await some.values_list("id", _LIST))
    return [(divisions[entry], at, held) for entry, at, held in given]


def _placed(rows: Iterable[tuple[str, date]], months: Sequence[Month]) -> Counts:
    """Count rows by the month of their instant, or of their day in the city."""
    counts: Counts = Counter()
    names = {month.name for month in months}
    for division, when in rows:
        month = month_at(months, when) if isinstance(when, datetime) else f"{when:%Y-%m}"
        if month in names:
            counts[division, month] += 1
    return counts


def _published(colour: str) -> Load:
    return _counted(_entries(kind__startswith=f"{colour}-"), "published_at", _LIST)


def _ended(state: str) -> Load:
    return _counted(_entries(state=state, published_at__isnull=False), "ended_at", _LIST)


def _recalled(at: str) -> Load:
    return _counted(lambda: everywhere(Recall).all(), at, "division")


MEASURES = (
    Measure("red", Text("红名单发布", "Red entries published"), _published("red")),
    Measure("black", Text("黑名单转载", "Black entries published"), _published("black")),
    Measure("repaired", Text("已修复", "Repaired"), _ended("repaired")),
    Measure("expired", Text("到期结束", "Expired"), _ended("expired")),
    Measure("revoked", Text("撤销", "Revoked"), _ended("revoked")),
    Measure("objections", Text("提出异议", "Objections filed"), _counted(_objections(), "created_at", _ENTRY)),
    Measure(
        "objections_decided",
        Text("异议办结", "Objections decided"),
        _counted(_objections(state__in=("upheld", "dismissed")), "decided_at", _ENTRY),
    ),
    Measure(
        "upheld", Text("异议成立", "Objections upheld"), _counted(_objections(state="upheld"), "decided_at", _ENTRY)
    ),
    Measure(
        "dismissed",
        Text("异议不成立", "Objections dismissed"),
        _counted(_objections(state="dismissed"), "decided_at", _ENTRY),
    ),
    Measure("objections_in_time", Text("异议按期办结", "Objections decided in time"), _timely_objections(in_time=True)),
    Measure("objections_late", Text("异议逾期办结", "Objections decided late"), _timely_objections(in_time=False)),
    Measure(
        "repairs",
        Text("申请修复", "Repairs filed"),
        _counted(lambda: everywhere(RepairRequest).all(), "filed_at", "division"),
    ),
    Measure("repairs_decided", Text("修复已决定", "Repairs decided"), _decided_repairs(True, False)),
    Measure("repairs_in_time", Text("修复按期决定", "Repairs decided in time"), _decided_repairs(True)),
    Measure("repairs_late", Text("修复逾期决定", "Repairs decided late"), _decided_repairs(False)),
    Measure("recalls", Text("发出停止使用", "Recalls sent"), _recalled("issued_at")),
    Measure("acknowledged", Text("已确认停止使用", "Recalls acknowledged"), _recalled("acknowledged_at")),
    Measure("rewards", Text("发放奖励权益", "Rewards given"), _rewards_given),
    Measure("rewards_used", Text("首次使用奖励权益", "Rewards used for the first time"), _rewards_used),
    Measure(
        "support",
        Text("商户支持", "Support granted"),
        _counted(lambda: everywhere(SupportGrant).all(), "granted_at", "division"),
    ),
)
NAMES = {measure.key: measure.text for measure in MEASURES}
ADDS_UP = {
    "objections_decided": (("upheld", "dismissed"), ("objections_in_time", "objections_late")),
    "repairs_decided": (("repairs_in_time", "repairs_late"),),
}
"""Measures that are the sum of others, each of the ways in which they are."""
