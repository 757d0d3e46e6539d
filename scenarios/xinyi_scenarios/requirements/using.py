"""Whether what was given may be used here and now: the same evaluator as at the claim, over the place and the time.

The rules travel with what was given, so that an older entitlement keeps those that it was given under.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from xinyi_merchants.registry import MerchantFacts
from xinyi_platform.clock import SHANGHAI, local_date
from xinyi_scenarios.requirements.checking import Finding, evaluate


def tables_at_use(benefit: Mapping[str, object]) -> list[dict[str, Any]]:
    """Return the requirement tables of a use, those that the flow's own terms mean included."""
    tables: list[dict[str, Any]] = []
    if trades := benefit.get("trades"):
        tables.append({"type": "merchant_trade", "any_of": trades})
    if districts := benefit.get("districts"):
        tables.append({"type": "merchant_district", "within": districts})
    if benefit.get("honest_only"):
        tables.append({"type": "honest_merchant"})
    if benefit.get("sign_up"):
        tables.append({"type": "merchant_signed_up"})
    more = benefit.get("requires_at_use")
    return [*tables, *more] if isinstance(more, list) else tables


def facts_at_use(scene: str, merchant: MerchantFacts | None, at: datetime, joined: frozenset[str]) -> dict[str, Any]:
    """Return the facts of a use; `joined` are the scenes that the merchant signed up to."""
    known = None
    if merchant is not None:
        known = {
            "trade": merchant.trade,
            "division": merchant.division,
            "is_honest": merchant.is_honest(local_date(at)),
            "scenes": sorted(joined),
        }
    return {"merchant": known, "now": at.astimezone(SHANGHAI).isoformat(), "scene": scene}


def asks_who_joined(benefit: Mapping[str, object]) -> bool:
    """Tell whether a use asks for the merchants that joined the scene."""
    return any(table["type"] == "merchant_signed_up" for table in tables_at_use(benefit))


def findings_at_use(
    scene: str,
    benefit: Mapping[str, object],
    merchant: MerchantFacts | None,
    at: datetime,
    joined: frozenset[str] = frozenset(),
) -> list[Finding]:
    """Return a finding for each requirement of a use."""
    return evaluate(tables_at_use(benefit), facts_at_use(scene, merchant, at, joined))
