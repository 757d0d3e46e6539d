"""Rounds of the synthetic city: one that gave the awards there are, one to be computed, one that runs its survey."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from xinyi_merchants.evaluations.computing import candidate_row
from xinyi_merchants.evaluations.criteria import LATEST
from xinyi_merchants.evaluations.models import EvaluationCandidate, EvaluationRound
from xinyi_merchants.evaluations.scoring import Inputs
from xinyi_merchants.registry.finding import MerchantFacts
from xinyi_merchants.registry.models import HonestAward
from xinyi_merchants.registry.seeding import AWARDED_DAYS_AGO
from xinyi_platform.clock import local_date
from xinyi_platform.database import transaction
from xinyi_platform.database.bulk import bulk_insert
from xinyi_platform.features import CityPlan, Progress
from xinyi_platform.ids import new_id
from xinyi_platform.runtime import Runtime

CHUNK = 500
MAKER = "person-xu"
CONFIRMER = "person-lin"
_GOOD = Inputs(
    standing="good", answered_in_time=9, answered_late=1, satisfied=8, dissatisfied=1, inspections=4,
    inspections_passed=4, redemptions=80, answers=6, survey=[0, 0, 0, 2, 4], agency=920,
)  # fmt: skip
_FAIR = Inputs(
    standing="minor", answered_in_time=5, answered_late=5, satisfied=3, dissatisfied=4, inspections=4,
    inspections_passed=3, redemptions=12, answers=5, survey=[0, 1, 2, 2, 0], agency=700,
)  # fmt: skip


async def seed_evaluations(runtime: Runtime, plan: CityPlan, progress: Progress) -> None:
    """Make a round that is awarded, over all merchants, one whose days are over, and one whose survey runs."""
    at = runtime.clock.now()
    shops: list[MerchantFacts] = plan.shared["merchants"]
    past, over, now = _past_round(at), _round(at, opens=-31, days=30), _round(at, opens=-7, days=21)
    over["title"] = "补充评定"
    made = EvaluationRound(**past)
    awards = {award.merchant_id: award.id for award in await HonestAward.all().only("id", "merchant_id")}
    rows = [_candidate(made, shop, awards.get(shop.id)) for shop in shops]
    async with transaction():
        await bulk_insert(EvaluationRound, [past, over, now])
        for start in range(0, len(rows), CHUNK):
            await bulk_insert(EvaluationCandidate, rows[start : start + CHUNK])
    progress("evaluation", len(rows), len(rows))


def _past_round(at: datetime) -> dict[str, Any]:
    made = _round(at, opens=-AWARDED_DAYS_AGO - 90, days=60)
    noticed_until = local_date(at) - timedelta(days=AWARDED_DAYS_AGO + 1)
    return made | {
        "title": "上一轮诚信商户评定", "state": "awarded", "notice_until": noticed_until,
        "noticed_person": CONFIRMER, "awarded_person": CONFIRMER, "document_no": f"鹤信示〔{noticed_until.year}〕",
    }  # fmt: skip


def _round(at: datetime, *, opens: int, days: int) -> dict[str, Any]:
    first = local_date(at) + timedelta(days=opens)
    last = first + timedelta(days=days)
    return {
        "id": new_id(), "title": "本轮诚信商户评定", "criteria": LATEST, "state": "open", "opens_on": first,
        "closes_on": last, "survey_from": first, "survey_until": last, "notice_days": 7, "validity_days": 365,
        "notice_until": None, "document_no": "", "cursor": "", "compute_asked": "", "maker_id": new_id(),
        "maker_person": MAKER, "noticed_person": "", "awarded_person": "", "created_at": at, "changed_at": at,
    }  # fmt: skip


def _candidate(made: EvaluationRound, shop: MerchantFacts, award_id: UUID | None) -> dict[str, Any]:
    if shop.status != "open":
        return candidate_row(made, shop.id, None, "closed")
    return candidate_row(made, shop.id, _FAIR if award_id is None else _GOOD, "") | {"award_id": award_id}
