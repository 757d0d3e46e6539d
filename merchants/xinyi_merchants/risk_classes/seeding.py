"""Inspections and classes of the synthetic city, so that every class is there with its reasons."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from xinyi_merchants.registry import MerchantFacts
from xinyi_merchants.risk_classes.models import Inspection
from xinyi_merchants.risk_classes.recomputing import recompute_everybody
from xinyi_platform.clock import local_date
from xinyi_platform.database.bulk import bulk_insert
from xinyi_platform.features import CityPlan, Progress
from xinyi_platform.ids import new_id
from xinyi_platform.runtime import Runtime

_KIND_OF_TRADE = {
    "catering": "food", "supermarket": "food", "pharmacy": "medicine", "hotel": "fire", "attraction": "fire",
    "fitness": "fire", "farm_supplies": "quality", "car_repair": "quality",
}  # fmt: skip


async def seed_risk_classes(runtime: Runtime, plan: CityPlan, progress: Progress) -> None:
    """Inspect two shops of three, some of them with failures, and class everybody."""
    now = runtime.clock.now()
    shops: list[MerchantFacts] = plan.shared["merchants"]
    rows = [row for number, shop in enumerate(shops) for row in _inspections(shop, number, local_date(now), now)]
    await bulk_insert(Inspection, rows)
    done = 0

    def told(classed: int) -> None:
        nonlocal done
        done += classed
        progress("risk classes", done, len(shops))

    await recompute_everybody(runtime, told)


def _inspections(shop: MerchantFacts, number: int, today: date, now: datetime) -> list[dict[str, object]]:
    """Return a shop's inspections: every third one was never inspected, every fifth failed, every tenth twice more."""
    if number % 3 == 2:
        return []
    kind = _KIND_OF_TRADE.get(shop.trade, "general")
    results = [number % 5 != 0, *([False, False] if number % 10 == 0 else [])]
    return [
        {
            "id": new_id(),
            "merchant_id": shop.id,
            "day": today - timedelta(days=30 + 90 * place),
            "has_passed": passed,
            "kind": kind if place < 2 else "general",
            "authority": "鹤壁市市场监督管理局",
            "document_no": f"鹤市监检示〔{today.year}〕{number * 10 + place}号",
            "created_at": now,
        }
        for place, passed in enumerate(results)
    ]
