"""Live counters of scenes, by a few aggregate queries whatever the number of residents."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from tortoise.functions import Count

from xinyi_platform.clock import local_date, start_of_local_day
from xinyi_scenarios.entitlements.models import Entitlement
from xinyi_scenarios.entitlements.states import OPEN
from xinyi_scenarios.manifests import Manifest
from xinyi_scenarios.quotas import FEN, UNITS, period_of
from xinyi_scenarios.quotas.models import Quota, QuotaLoan

_RETURNED = frozenset({"cancelled", "withdrawn"})


@dataclass(slots=True)
class Tally:
    """What was claimed since some time, and what became of it by now."""

    claimed: int = 0
    used: int = 0
    returned: int = 0


@dataclass(slots=True)
class Standing:
    """One scene as it stands: today, this month, and the running quota and budget (None: not opened yet)."""

    today: Tally = field(default_factory=Tally)
    month: Tally = field(default_factory=Tally)
    units: Quota | None = None
    money: Quota | None = None


async def standings_of(scenes: Iterable[Manifest], *, at: datetime) -> dict[str, Standing]:
    """Return how scenes stand: three aggregate queries for all of them."""
    listed = {scene.slug: scene for scene in scenes}
    found = {slug: Standing() for slug in listed}
    day = local_date(at)
    for since, name in ((day, "today"), (day.replace(day=1), "month")):
        begun = start_of_local_day(since)
        rows = await (
            Entitlement.filter(created_at__gte=begun)
            .annotate(number=Count("id"))
            .group_by("scenario", "state")
            .values("scenario", "state", "number")
        )
        for row in rows:
            if row["scenario"] in found:
                _add(getattr(found[row["scenario"]], name), row["state"], row["number"])
    for quota in await Quota.filter(scenario__in=list(listed), scope="", period__in=running_periods(at)):
        scene, standing = listed[quota.scenario], found[quota.scenario]
        if quota.measure == UNITS and quota.period == period_of(scene.quota.period, at):
            standing.units = quota
        if quota.measure == FEN and scene.budget and quota.period == period_of(scene.budget.period, at):
            standing.money = quota
    return found


def _add(tally: Tally, state: str, number: int) -> None:
    tally.claimed += number
    tally.used += number if state == "redeemed" else 0
    tally.returned += number if state in _RETURNED else 0


def running_periods(at: datetime) -> list[str]:
    """Return the periods that an instant falls in."""
    return [period_of(kind, at) for kind in ("day", "month", "year", "ever")]


async def running_quotas(slug: str, *, at: datetime) -> list[Quota]:
    """Return a scene's running quotas: the whole scene first, then its districts."""
    rows = await Quota.filter(scenario=slug, period__in=running_periods(at)).order_by("scope", "measure", "period")
    return [row for row in rows if not row.scope.startswith("merchant:")]


async def running_loans(quotas: Iterable[Quota]) -> list[QuotaLoan]:
    """Return the loans between quotas of which something is still out."""
    ids = [quota.id for quota in quotas]
    loans = await QuotaLoan.filter(lender_id__in=ids).order_by("-at").limit(100)
    return [loan for loan in loans if loan.returned < loan.units]


async def holders_of(slug: str) -> int:
    """Return how many entitlements of a scene are live."""
    return await Entitlement.filter(scenario=slug, state__in=list(OPEN)).count()
