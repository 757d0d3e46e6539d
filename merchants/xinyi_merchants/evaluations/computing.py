"""Compute a round in batches: bounded memory, restartable where it stopped, each merchant exactly once.

The round's cursor moves in the transaction that writes a batch, by a conditional update: of two computations at the
same time one goes on, and what the other gathered is thrown away.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import structlog

from xinyi_merchants.evaluations.criteria import CRITERIA
from xinyi_merchants.evaluations.errors import RoundChanged, RoundStillRuns, RoundTooLarge
from xinyi_merchants.evaluations.gathering import InputSuppliers, gather_inputs
from xinyi_merchants.evaluations.models import EvaluationCandidate, EvaluationRound
from xinyi_merchants.evaluations.rounds import find_round, record, step_round
from xinyi_merchants.evaluations.scoring import Inputs, canonical, digest_of, score
from xinyi_merchants.evaluations.states import advance
from xinyi_merchants.registry.models import Merchant
from xinyi_platform.clock import local_date
from xinyi_platform.database import transaction
from xinyi_platform.database.bulk import bulk_insert
from xinyi_platform.errors import TransitionForbidden
from xinyi_platform.ids import new_id
from xinyi_platform.runtime import Runtime

BATCH = 500
SMALL = 2_000
"""A round of at most so many merchants may be computed from the console; a larger one from the command line."""
log = structlog.get_logger(__name__)
Tell = Callable[[int, int], None]


async def compute_round(
    runtime: Runtime, round_id: UUID, *, actor: str, tell: Tell = lambda done, total: None, batch: int = BATCH
) -> int:
    """Compute what is left of a round and close it; returns how many merchants were taken in by this call.

    Safe to stop and to call again. Raises NotFound (404), TransitionForbidden, RoundStillRuns, RoundChanged (409).
    """
    row = await find_round(round_id)
    at = runtime.clock.now()
    advance(row.state, "compute")
    if local_date(at) <= row.closes_on:
        raise RoundStillRuns(closes_on=row.closes_on)
    total = await Merchant.all().count()
    done = await EvaluationCandidate.filter(round_id=row.id).count()
    before = done
    while shops := await _next_shops(row.cursor, batch):
        tell(done, total)
        rows = await _candidates(runtime, row, shops)
        await _keep(row, rows, str(shops[-1].id), at)
        done += len(rows)
    async with transaction():
        await step_round(row, "compute", actor=actor, at=at)
    tell(done, done)
    return done - before


async def _next_shops(cursor: str, batch: int) -> list[Merchant]:
    after = Merchant.filter(id__gt=UUID(cursor)) if cursor else Merchant.all()
    return await after.order_by("id").limit(batch)


async def _keep(row: EvaluationRound, rows: Sequence[dict[str, Any]], last: str, at: datetime) -> None:
    async with transaction():
        held = EvaluationRound.filter(id=row.id, state="open", cursor=row.cursor)
        if not await held.update(cursor=last, changed_at=at):
            raise RoundChanged
        await bulk_insert(EvaluationCandidate, rows)
    row.cursor = last


async def _candidates(runtime: Runtime, row: EvaluationRound, shops: Sequence[Merchant]) -> list[dict[str, Any]]:
    criteria = CRITERIA[row.criteria]
    youngest = row.closes_on - timedelta(days=criteria.least_licence_days)
    asked = [shop for shop in shops if not _left_out(shop, youngest)]
    inputs = await gather_inputs(runtime.part(InputSuppliers), runtime.bureau, row, asked)
    return [candidate_row(row, shop.id, inputs.get(shop.id), _left_out(shop, youngest)) for shop in shops]


def _left_out(shop: Merchant, youngest: date) -> str:
    if shop.status != "open":
        return "closed"
    return "too_young" if shop.licence_date > youngest else ""


def candidate_row(row: EvaluationRound, merchant_id: UUID, inputs: Inputs | None, left_out: str) -> dict[str, Any]:
    """Return a candidate as a row for an insert: scored, or left out with its reason."""
    made: dict[str, Any] = {
        "id": new_id(), "round_id": row.id, "merchant_id": merchant_id, "outcome": left_out, "total": None,
        "named": False, "inputs": "", "result": "", "digest": "", "award_id": None,
    }  # fmt: skip
    if left_out or inputs is None:
        return made
    result = score(inputs, CRITERIA[row.criteria])
    return made | {
        "outcome": result.verdict,
        "total": result.total,
        "named": result.verdict == "passed",
        "inputs": canonical(inputs).decode(),
        "result": canonical(result).decode(),
        "digest": digest_of(result),
    }


async def ask_to_compute(round_id: UUID, *, actor: str, at: datetime) -> None:
    """Leave a small round to the worker. Raises NotFound (404), RoundTooLarge, RoundStillRuns, RoundChanged (409)."""
    row = await find_round(round_id)
    advance(row.state, "compute")
    if local_date(at) <= row.closes_on:
        raise RoundStillRuns(closes_on=row.closes_on)
    if await Merchant.all().count() > SMALL:
        raise RoundTooLarge(most=SMALL)
    async with transaction():
        if not await EvaluationRound.filter(id=row.id, state="open").update(compute_asked=actor, changed_at=at):
            raise RoundChanged
        await record(row.id, "ask_compute", actor, at)


async def compute_asked(runtime: Runtime) -> int:
    """Compute one round that was left to the worker; returns how many merchants were taken in."""
    row = await EvaluationRound.filter(state="open").exclude(compute_asked="").order_by("id").first()
    if row is None:
        return 0
    try:
        return await compute_round(runtime, row.id, actor=row.compute_asked)
    except (RoundChanged, TransitionForbidden) as error:  # another worker was quicker
        log.info("evaluation_computed_elsewhere", code=error.code)
        return 0
