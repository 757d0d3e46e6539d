"""What the model's indicators look at, gathered for many merchants by a few queries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from tortoise.functions import Max

from xinyi_merchants.complaints.facts import numbers_of_last_year
from xinyi_merchants.registry.models import HonestAward, Merchant
from xinyi_merchants.risk_classes.classifying import Facts
from xinyi_merchants.risk_classes.models import Inspection

INSPECTED_DAYS = 730
KINDS = ("general", "food", "medicine", "fire", "quality")
NAMES = frozenset(
    {
        "licence_age_days",
        "is_closed",
        "awards_withdrawn",
        "complaints_late_year",
        "complaints_unresolved_year",
        "days_since_inspection",
        "failed_inspections",
        *(f"failed_inspections.{kind}" for kind in KINDS),
    }
)


@dataclass(frozen=True, slots=True)
class Known:
    """A merchant as the model sees it."""

    merchant_id: UUID
    trade: str
    division: str
    facts: Facts


async def facts_of(merchants: Sequence[Merchant], *, today: date) -> list[Known]:
    """Return what is known of merchants on a day. What nobody looked into is None: it cannot be told."""
    ids = [merchant.id for merchant in merchants]
    complaints = await numbers_of_last_year(ids, today=today)
    lost = await HonestAward.filter(merchant_id__in=ids, state="withdrawn").only("merchant_id")
    withdrawn = Counter(award.merchant_id for award in lost)
    inspected = await _inspected(ids, today)
    found = []
    for merchant in merchants:
        numbers = complaints.get(merchant.id)
        facts: dict[str, int | None] = {
            "licence_age_days": (today - merchant.licence_date).days,
            "is_closed": int(merchant.status != "open"),
            "awards_withdrawn": withdrawn[merchant.id],
            "complaints_late_year": numbers.answered_late if numbers else 0,
            "complaints_unresolved_year": numbers.received - numbers.resolved - numbers.open if numbers else 0,
            **inspected.get(merchant.id, {}),
        }
        found.append(Known(merchant.id, merchant.trade, merchant.division, facts))
    return found


async def _inspected(ids: list[UUID], today: date) -> dict[UUID, dict[str, int]]:
    """Return the inspections' facts; a kind that nobody inspected in two years has none."""
    last = (
        await Inspection.filter(merchant_id__in=ids)
        .annotate(last=Max("day"))
        .group_by("merchant_id")
        .values_list("merchant_id", "last")
    )
    found: dict[UUID, dict[str, int]] = {
        merchant_id: {"days_since_inspection": (today - _day(day)).days} for merchant_id, day in last
    }
    recent = await Inspection.filter(
        merchant_id__in=ids, day__gte=today - timedelta(days=INSPECTED_DAYS), day__lte=today
    ).values_list("merchant_id", "kind", "has_passed")
    for merchant_id, kind, has_passed in recent:
        facts = found[merchant_id]
        for name in ("failed_inspections", f"failed_inspections.{kind}"):
            facts[name] = facts.get(name, 0) + (not has_passed)
    return found


def _day(value: date | str) -> date:
    """Return a day as SQLite's aggregate gives it (text) or PostgreSQL's (a date)."""
    return date.fromisoformat(value) if isinstance(value, str) else value
