"""Gather what is known of a batch of merchants: a fixed number of queries a batch, and the bureau where they consented.

Redemptions are counted above this feature: whoever counts them registers a supplier with `InputSuppliers`.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from xinyi_merchants.complaints.facts import YEAR_DAYS, numbers_of_last_year
from xinyi_merchants.evaluations.criteria import CRITERIA
from xinyi_merchants.evaluations.models import EvaluationConsent, EvaluationFinding, EvaluationRound, SurveyAnswer
from xinyi_merchants.evaluations.scoring import Inputs
from xinyi_merchants.registry.models import Merchant
from xinyi_merchants.risk_classes.inspections import count_inspections
from xinyi_platform.bureau.client import BureauClient, BureauSilent
from xinyi_platform.clock import start_of_local_day

PURPOSE = "evaluation.honest_merchant"
SIDE_BY_SIDE = 16
CountOf = Callable[[Sequence[UUID], datetime, datetime], Awaitable[Mapping[UUID, int]]]


@dataclass(slots=True)
class InputSuppliers:
    """Inputs that other features count. `redemptions(merchants, from, until)` leaves out who has none."""

    redemptions: CountOf | None = None


async def gather_inputs(
    suppliers: InputSuppliers, bureau: BureauClient, row: EvaluationRound, shops: Sequence[Merchant]
) -> dict[UUID, Inputs]:
    """Return each shop's inputs at the end of the round's last day. Not in a transaction: it asks the bureau."""
    ids = [shop.id for shop in shops]
    first, last = row.closes_on - timedelta(days=YEAR_DAYS - 1), row.closes_on
    parts: dict[UUID, dict[str, Any]] = {merchant_id: {} for merchant_id in ids}
    for found in (
        await _complaints(ids, last),
        await _inspections(ids, first, last),
        await _findings(row.id, ids),
        await _survey(row.id, ids, CRITERIA[row.criteria].least_answers),
        await _credit(bureau, shops),
    ):
        for merchant_id, values in found.items():
            parts[merchant_id].update(values)
    if suppliers.redemptions is not None:
        until = start_of_local_day(last + timedelta(days=1))
        counted = await suppliers.redemptions(ids, start_of_local_day(first), until)
        for merchant_id in ids:
            parts[merchant_id]["redemptions"] = counted.get(merchant_id, 0)
    return {merchant_id: Inputs(**values) for merchant_id, values in parts.items()}


async def _complaints(ids: list[UUID], last: date) -> dict[UUID, dict[str, Any]]:
    names = ("answered_in_time", "answered_late", "satisfied", "dissatisfied")
    found = await numbers_of_last_year(ids, today=last)
    return {merchant_id: {name: getattr(numbers, name) for name in names} for merchant_id, numbers in found.items()}


async def _inspections(ids: list[UUID], first: date, last: date) -> dict[UUID, dict[str, Any]]:
    found = await count_inspections(ids, first, last)
    return {
        merchant_id: {"inspections": done, "inspections_passed": passed}
        for merchant_id, (done, passed) in found.items()
    }


async def _findings(round_id: UUID, ids: list[UUID]) -> dict[UUID, dict[str, Any]]:
    found: dict[UUID, dict[str, Any]] = {merchant_id: {} for merchant_id in ids}
    for row in await EvaluationFinding.filter(round_id=round_id, merchant_id__in=ids):
        found[row.merchant_id].update({"vetoes": [row.veto]} if row.kind == "veto" else {"agency": row.score})
    return found


async def _survey(round_id: UUID, ids: list[UUID], least: int) -> dict[UUID, dict[str, Any]]:
    """Count the answers; how they fell is left out where there are too few for a person to stay unknown."""
    rows = await SurveyAnswer.filter(round_id=round_id, merchant_id__in=ids).values_list("merchant_id", "points")
    tallies: dict[UUID, Counter[int]] = {}
    for merchant_id, points in rows:
        tallies.setdefault(merchant_id, Counter())[points] += 1
    return {
        merchant_id: {
            "answers": tally.total(),
            "survey": [tally[points] for points in range(1, 6)] if tally.total() >= least else [],
        }
        for merchant_id, tally in tallies.items()
    }


async def _credit(bureau: BureauClient, shops: Sequence[Merchant]) -> dict[UUID, dict[str, Any]]:
    """Ask the bureau about those who consented; who cannot be asked, or about whom it is silent, is left out."""
    codes = {shop.id: shop.uscc for shop in shops}
    consents = await EvaluationConsent.filter(merchant_id__in=list(codes), slot="live")
    places = asyncio.Semaphore(SIDE_BY_SIDE)

    async def ask(consent: EvaluationConsent) -> tuple[UUID, dict[str, Any]]:
        async with places:
            try:
                said = await bureau.ask(
                    subject=codes[consent.merchant_id], kind="uscc", purpose=PURPOSE, consent_id=consent.id
                )
            except BureauSilent:
                return consent.merchant_id, {}
        return consent.merchant_id, {"standing": said.standing, "black_listed": said.black_listed}

    return dict(await asyncio.gather(*(ask(consent) for consent in consents)))
