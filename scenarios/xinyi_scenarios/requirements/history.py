"""What residents had, hold and have open, gathered for many of them at once from our own tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from tortoise.functions import Count

from xinyi_platform.clock import local_date, start_of_local_day
from xinyi_platform.consents import Consent
from xinyi_scenarios.entitlements.models import Entitlement
from xinyi_scenarios.entitlements.states import OPEN
from xinyi_scenarios.orders.models import ServiceOrder
from xinyi_scenarios.orders.states import OPEN as OPEN_ORDERS
from xinyi_scenarios.redemptions.models import Redemption

History = dict[str, dict[str, Any]]
# What was given back or refused was not had.
_NOT_HAD = ("cancelled", "withdrawn")


async def histories(resident_ids: Sequence[UUID], *, at: datetime) -> dict[UUID, History]:
    """Return what each resident had, by scene: live, used, last_used_on and claims of the running periods."""
    wanted = list(resident_ids)
    found: dict[UUID, History] = {resident_id: {} for resident_id in wanted}
    today = local_date(at)
    begins = {period: start_of_local_day(day) for period, day in _first_days(today).items()}
    columns = ("id", "resident_id", "scenario", "state", "created_at")
    rows = await Entitlement.filter(resident_id__in=wanted).values_list(*columns)
    holders = {}
    for identity, resident_id, scenario, state, created_at in rows:
        row = found[resident_id].setdefault(scenario, _empty())
        holders[identity] = row
        row["live"] += state in OPEN
        for period in _periods_of(created_at, begins) if state not in _NOT_HAD else ():
            row[period] += 1
    uses = Redemption.filter(slot="live", entitlement_id__in=list(holders))
    for entitlement_id, used_at in await uses.values_list("entitlement_id", "redeemed_at"):
        _used(holders[entitlement_id], used_at)
    started = ServiceOrder.filter(resident_id__in=wanted, started_at__isnull=False)
    for resident_id, scenario, used_at in await started.values_list("resident_id", "scenario", "started_at"):
        _used(found[resident_id].setdefault(scenario, _empty()), used_at)
    return found


def _empty() -> dict[str, Any]:
    return {"live": 0, "used": 0, "last_used_on": None, "day": 0, "week": 0, "month": 0, "year": 0}


def _first_days(today: date) -> dict[str, date]:
    return {
        "day": today,
        "week": today - timedelta(days=today.isoweekday() - 1),
        "month": today.replace(day=1),
        "year": today.replace(month=1, day=1),
    }


def _periods_of(created_at: datetime, begins: dict[str, datetime]) -> Iterator[str]:
    return (period for period, begin in begins.items() if _aware(created_at) >= begin)


def _used(row: dict[str, Any], used_at: datetime) -> None:
    day = local_date(_aware(used_at)).isoformat()
    row["used"] += 1
    row["last_used_on"] = max(day, row["last_used_on"] or day)


def _aware(at: datetime) -> datetime:
    return at if at.tzinfo else at.replace(tzinfo=UTC)


async def open_orders(resident_ids: Sequence[UUID]) -> dict[UUID, dict[str, int]]:
    """Return how many deposit-free orders each resident has open, by scene."""
    wanted = list(resident_ids)
    found: dict[UUID, dict[str, int]] = {resident_id: {} for resident_id in wanted}
    running = ServiceOrder.filter(resident_id__in=wanted, state__in=[*OPEN_ORDERS])
    rows = running.annotate(number=Count("id")).group_by("resident_id", "scenario")
    for row in await rows.values("resident_id", "scenario", "number"):
        found[row["resident_id"]][row["scenario"]] = row["number"]
    return found


async def live_purposes(resident_ids: Sequence[UUID], *, at: datetime) -> dict[UUID, list[str]]:
    """Return the purposes that each resident has consented to and not withdrawn."""
    wanted = list(resident_ids)
    found: dict[UUID, list[str]] = {resident_id: [] for resident_id in wanted}
    live = Consent.filter(resident_id__in=wanted, slot="live", state="granted", expires_at__gt=at)
    for resident_id, purpose in await live.order_by("purpose").values_list("resident_id", "purpose"):
        found[resident_id].append(purpose)
    return found
