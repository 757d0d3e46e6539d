"""Award the merchants that a notice named, once; and withdraw an award on cause, by two persons."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from tortoise.expressions import Subquery

from xinyi_merchants.evaluations.errors import (
    NoticeStillRuns,
    ObjectionsUndecided,
    OwnRound,
    RoundChanged,
    WithdrawalOpen,
)
from xinyi_merchants.evaluations.models import (
    AwardWithdrawal,
    EvaluationCandidate,
    EvaluationChallenge,
    EvaluationRound,
)
from xinyi_merchants.evaluations.objecting import checked_reason
from xinyi_merchants.evaluations.rounds import find_round, refuse_maker, step_round
from xinyi_merchants.evaluations.states import advance
from xinyi_merchants.registry.finding import MerchantChanged
from xinyi_merchants.registry.models import HonestAward, Merchant
from xinyi_platform import audit, outbox
from xinyi_platform.clock import local_date
from xinyi_platform.database import transaction
from xinyi_platform.database.bulk import bulk_insert
from xinyi_platform.errors import InvalidField, NotFound
from xinyi_platform.ids import new_id
from xinyi_platform.outbox import OutboxEvent, outbox_row
from xinyi_platform.principals import Staff
from xinyi_platform.runtime import Runtime

BATCH = 1_000


async def award_round(runtime: Runtime, round_id: UUID, staff: Staff, *, document_no: str, at: datetime) -> int:
    """Award every merchant that is still named and open; returns how many. One transaction, which happens once.

    Raises NotFound (404), OwnRound (403), InvalidField (400), TransitionForbidden, NoticeStillRuns,
    ObjectionsUndecided and RoundChanged (409).
    """
    row = await find_round(round_id)
    advance(row.state, "award")
    refuse_maker(row, "award", staff)
    if not 4 <= len(document_no.strip()) <= 60:
        raise InvalidField(field="document_no", zh="请填写授予文件的文号。", en="Enter the award document's number.")
    if row.notice_until is None or local_date(at) <= row.notice_until:
        raise NoticeStillRuns(until=row.notice_until)
    async with transaction():
        changes = {"awarded_person": staff.person, "document_no": document_no.strip()}
        await step_round(row, "award", actor=staff.label, at=at, **changes)
        undecided = await EvaluationChallenge.filter(round_id=row.id, state="open").count()
        if undecided:
            raise ObjectionsUndecided(count=undecided)
        return await _award_named(runtime, row, document_no.strip(), at)


async def _award_named(runtime: Runtime, row: EvaluationRound, document_no: str, at: datetime) -> int:
    count = 0
    await _drop_closed(row)
    named = EvaluationCandidate.filter(round_id=row.id, named=True, award_id=None)
    while candidates := await named.order_by("id").limit(BATCH):
        awards = [_award(candidate, row, document_no, at) for candidate in candidates]
        await bulk_insert(HonestAward, awards)
        for candidate, award in zip(candidates, awards, strict=True):
            candidate.award_id = award["id"]
        await EvaluationCandidate.bulk_update(candidates, ["award_id"])
        await bulk_insert(OutboxEvent, _news(awards, at))
        for candidate in candidates:
            await runtime.events.publish(MerchantChanged(candidate.merchant_id))
        count += len(candidates)
    return count


async def _drop_closed(row: EvaluationRound) -> None:
    """Name nobody who closed, or lost its licence, while the notice ran."""
    closed = Subquery(Merchant.exclude(status="open").values("id"))
    await EvaluationCandidate.filter(round_id=row.id, named=True, merchant_id__in=closed).update(named=False)


def _award(candidate: EvaluationCandidate, row: EvaluationRound, document_no: str, at: datetime) -> dict[str, Any]:
    day = local_date(at)
    return {
        "id": new_id(),
        "merchant_id": candidate.merchant_id,
        "awarded_on": day,
        "valid_until": day + timedelta(days=row.validity_days),
        "state": "granted",
        "document_no": document_no,
    }


def _news(awards: Sequence[dict[str, Any]], at: datetime) -> list[dict[str, Any]]:
    return [
        outbox_row(
            "honest_award.granted",
            {"award": str(award["id"]), "document_no": award["document_no"], "until": str(award["valid_until"])},
            audience=f"merchant:{award['merchant_id']}",
            at=at,
        )
        for award in awards
    ]


async def propose_withdrawal(award_id: UUID, staff: Staff, *, reason: str, at: datetime) -> UUID:
    """Propose to withdraw an award on cause; another person decides.

    Raises NotFound (404), InvalidField (400), WithdrawalOpen (409).
    """
    award = await _award_of(award_id)
    if award.state != "granted":
        raise WithdrawalOpen
    identity = new_id()
    row = {
        "id": identity, "award_id": award.id, "slot": "live", "state": "proposed", "reason": checked_reason(reason),
        "maker_person": staff.person, "decider_person": "", "made_at": at, "decided_at": None,
    }  # fmt: skip
    async with transaction():
        if not await bulk_insert(AwardWithdrawal, [row], skip_conflicts=True):
            raise WithdrawalOpen
        await _record("propose_withdrawal", award, staff, at)
    return identity


async def decide_withdrawal(
    runtime: Runtime, withdrawal_id: UUID, staff: Staff, *, confirmed: bool, at: datetime
) -> None:
    """Confirm or refuse a proposed withdrawal; the merchant is told of a confirmed one with its reason.

    Raises NotFound (404), OwnRound (403) for who proposed it, RoundChanged (409) where it was decided.
    """
    found = await AwardWithdrawal.get_or_none(id=withdrawal_id)
    if found is None:
        raise NotFound
    if found.maker_person == staff.person:
        raise OwnRound
    award = await _award_of(found.award_id)
    state, slot = ("confirmed", "live") if confirmed else ("refused", str(found.id))
    async with transaction():
        held = AwardWithdrawal.filter(id=found.id, state="proposed")
        if not await held.update(state=state, slot=slot, decider_person=staff.person, decided_at=at):
            raise RoundChanged
        if confirmed:
            await HonestAward.filter(id=award.id).update(state="withdrawn")
            news = {"award": str(award.id), "document_no": award.document_no, "reason": found.reason}
            await outbox.emit("honest_award.withdrawn", news, audience=f"merchant:{award.merchant_id}", at=at)
            await runtime.events.publish(MerchantChanged(award.merchant_id))
        await _record(f"withdrawal_{state}", award, staff, at)


async def _award_of(award_id: UUID) -> HonestAward:
    award = await HonestAward.get_or_none(id=award_id)
    if award is None:
        raise NotFound
    return award


async def _record(act: str, award: HonestAward, staff: Staff, at: datetime) -> None:
    await audit.record(
        f"honest_award.{act}", actor=staff.label, object_kind="honest_award", object_id=award.id, detail={}, at=at
    )
