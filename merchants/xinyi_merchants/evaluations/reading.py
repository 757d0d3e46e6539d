"""What others may see of rounds: the notice for everybody, a merchant's own standing, and staff's ranking."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec

from xinyi_merchants.evaluations.criteria import CRITERIA
from xinyi_merchants.evaluations.models import AwardWithdrawal, EvaluationCandidate, EvaluationRound
from xinyi_merchants.evaluations.objecting import is_noticed
from xinyi_merchants.evaluations.scoring import FORMAT, Inputs, Result, Sheet
from xinyi_merchants.registry.finding import MerchantFacts, list_merchants
from xinyi_merchants.registry.models import HonestAward
from xinyi_platform.clock import local_date
from xinyi_platform.errors import NotFound

PAGE = 50
CHUNK = 500


@dataclass(frozen=True, slots=True)
class Notice:
    """A round in its notice, with the merchants that it names on one page of the list."""

    round: EvaluationRound
    shops: list[MerchantFacts]
    count: int


async def notices(at: datetime, *, page: int = 1) -> list[Notice]:
    """Return the rounds whose notice runs, each with one page of its names."""
    rows = await EvaluationRound.filter(state="noticed", notice_until__gte=local_date(at)).order_by("-id")
    found = []
    for row in rows:
        if not is_noticed(row, at):
            continue
        named = EvaluationCandidate.filter(round_id=row.id, named=True)
        ids = await named.order_by("id").offset((page - 1) * PAGE).limit(PAGE).values_list("merchant_id", flat=True)
        found.append(Notice(row, await list_merchants(UUID(str(one)) for one in ids), await named.count()))
    return found


@dataclass(frozen=True, slots=True)
class Standing:
    """A merchant in a round, with its result read from what was stored; None where it was left out."""

    round: EvaluationRound
    candidate: EvaluationCandidate
    result: Result | None


async def standings_of(merchant_id: UUID) -> list[Standing]:
    """Return a merchant's standings in rounds that have gone public, the newest first."""
    candidates = await EvaluationCandidate.filter(merchant_id=merchant_id).order_by("-id").limit(20)
    ids = [candidate.round_id for candidate in candidates]
    rounds = {row.id: row for row in await EvaluationRound.filter(id__in=ids, state__in=("noticed", "awarded"))}
    return [
        Standing(rounds[candidate.round_id], candidate, result_of(candidate))
        for candidate in candidates
        if candidate.round_id in rounds
    ]


def result_of(candidate: EvaluationCandidate) -> Result | None:
    """Return the stored result."""
    return msgspec.json.decode(candidate.result, type=Result) if candidate.result else None


async def sheet_of(candidate_id: UUID, merchant: MerchantFacts) -> Sheet:
    """Return what a merchant recomputes. Raises NotFound (404), also for another's and for one without a result."""
    candidate = await EvaluationCandidate.get_or_none(id=candidate_id, merchant_id=merchant.id)
    result = result_of(candidate) if candidate else None
    row = await EvaluationRound.get_or_none(id=candidate.round_id) if candidate else None
    if candidate is None or result is None or row is None or row.state not in ("noticed", "awarded"):
        raise NotFound
    return Sheet(
        format=FORMAT,
        merchant=merchant.code,
        round=str(row.id),
        criteria=CRITERIA[row.criteria],
        inputs=msgspec.json.decode(candidate.inputs, type=Inputs),
        result=result,
        digest=candidate.digest,
    )


async def ranking(round_id: UUID, *, page: int = 1) -> tuple[list[tuple[EvaluationCandidate, Result | None, str]], int]:
    """Return a page of the candidates by total, with their names, and how many there are. For staff only."""
    every = EvaluationCandidate.filter(round_id=round_id)
    # Those without a total come last on both databases, which sort nulls at different ends.
    told = every.filter(total__isnull=False)
    with_total = await told.count()
    start = (page - 1) * PAGE
    rows = await told.order_by("-total", "id").offset(start).limit(PAGE)
    if len(rows) < PAGE:
        rest = every.filter(total=None).order_by("id")
        rows += await rest.offset(max(start - with_total, 0)).limit(PAGE - len(rows))
    names = {shop.id: shop.name for shop in await list_merchants(row.merchant_id for row in rows)}
    return [(row, result_of(row), names.get(row.merchant_id, "")) for row in rows], await every.count()


async def certificate_of(merchant_id: UUID, at: datetime) -> HonestAward:
    """Return the valid award. Raises NotFound (404)."""
    day = local_date(at)
    valid = HonestAward.filter(merchant_id=merchant_id, state="granted", awarded_on__lte=day, valid_until__gte=day)
    award = await valid.order_by("-valid_until").first()
    if award is None:
        raise NotFound
    return award


async def withdrawals_waiting() -> list[tuple[AwardWithdrawal, HonestAward, str]]:
    """Return the proposed withdrawals with their awards and the merchants' names."""
    rows = await AwardWithdrawal.filter(state="proposed").order_by("id").limit(PAGE)
    awards = {row.id: row for row in await HonestAward.filter(id__in=[row.award_id for row in rows])}
    names = {shop.id: shop.name for shop in await list_merchants(award.merchant_id for award in awards.values())}
    return [(row, awards[row.award_id], names.get(awards[row.award_id].merchant_id, "")) for row in rows]
