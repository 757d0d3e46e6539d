"""What the receiver does with an answer: fetch it, acknowledge it, tell its outcome, check it, stop using it.

Rows are taken in one order: entitlement, referral.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from xinyi_platform.database import transaction
from xinyi_platform.errors import NotFound
from xinyi_scenarios.entitlements.changing import change_entitlement
from xinyi_scenarios.entitlements.models import Entitlement
from xinyi_scenarios.referrals.answers import Signer, read_answer
from xinyi_scenarios.referrals.errors import ReferralChanged, ReferralExpired
from xinyi_scenarios.referrals.models import Referral
from xinyi_scenarios.referrals.states import LIVE, advance
from xinyi_scenarios.referrals.telling import tell


async def own_referral(partner_id: UUID, referral_id: UUID) -> Referral:
    """Return one of a receiver's own. Raises NotFound (404), also for another's and for what it never got."""
    row = await Referral.get_or_none(id=referral_id, partner_id=partner_id)
    if row is None or row.state == "withdrawn" or (row.state == "expired" and row.delivered_at is None):
        raise NotFound
    return row


async def fetch(partner_id: UUID, referral_id: UUID, *, at: datetime) -> Referral:
    """Return a referral to its receiver; the first look is its delivery. Raises NotFound (404)."""
    row = await own_referral(partner_id, referral_id)
    if row.state != "offered":
        return row
    await mark_delivered(row, actor=f"partner:{partner_id}", at=at)
    return await own_referral(partner_id, referral_id)


async def mark_delivered(row: Referral, *, actor: str, at: datetime) -> bool:
    """Record that the answer has arrived, once. False where something else happened first."""
    async with transaction():
        if not await Referral.filter(id=row.id, state="offered").update(state="delivered", delivered_at=at):
            return False
        row.state, row.delivered_at = "delivered", at
        await tell(row, "deliver", actor=actor, at=at)
    return True


async def acknowledge(partner_id: UUID, referral_id: UUID, *, at: datetime) -> Referral:
    """The receiver takes the answer: what she held is used up, exactly once.

    Raises NotFound (404), TransitionForbidden, ReferralExpired, ReferralChanged (409).
    """
    async with transaction():
        found = await own_referral(partner_id, referral_id)
        held = await Entitlement.get(id=found.entitlement_id)
        await Entitlement.filter(id=held.id, state=held.state).update(state=held.state)  # the lock, first
        row = await Referral.get(id=found.id)
        target = advance(row.state, "acknowledge")
        if row.expires_at <= at:
            raise ReferralExpired
        delivered_at = row.delivered_at or at
        await _update(row, target, delivered_at=delivered_at, acknowledged_at=at)
        await change_entitlement(
            row.entitlement_id, "redeem", actor=f"partner:{partner_id}", at=at, detail={"referral": str(row.id)}
        )
        await tell(row, "acknowledge", actor=f"partner:{partner_id}", at=at)
    return row


async def report_outcome(partner_id: UUID, referral_id: UUID, *, outcome: str, at: datetime) -> Referral:
    """The receiver says what became of it: accepted or declined. The same again changes nothing."""
    async with transaction():
        row = await own_referral(partner_id, referral_id)
        if row.outcome == outcome and row.state == "acknowledged":
            return row
        await _update(row, advance(row.state, "report"), outcome=outcome, outcome_at=at)
        await tell(row, "report", actor=f"partner:{partner_id}", at=at)
    return row


async def acknowledge_recall(partner_id: UUID, referral_id: UUID, *, at: datetime) -> Referral:
    """The receiver has stopped using the answer. Raises NotFound (404), TransitionForbidden (409)."""
    async with transaction():
        row = await own_referral(partner_id, referral_id)
        await _update(row, advance(row.state, "acknowledge_recall"), ended_at=at, next_chase_at=None)
        await tell(row, "acknowledge_recall", actor=f"partner:{partner_id}", at=at)
    return row


async def check_answer(signer: Signer, token: str, *, partner_id: UUID, at: datetime) -> str:
    """Return VALID, EXPIRED, RECALLED, or CANNOT_TELL for what is not an answer to this receiver."""
    referral_id = read_answer(signer, token, partner_id=partner_id)
    row = await Referral.get_or_none(id=referral_id, partner_id=partner_id) if referral_id else None
    if row is None:
        return "CANNOT_TELL"
    if row.state not in LIVE and row.state != "expired" and row.recall_reason != "expired":
        return "RECALLED"
    return "VALID" if row.state in LIVE and row.expires_at > at else "EXPIRED"


async def _update(row: Referral, target: str, **values: object) -> None:
    """Take an edge by a conditional update; `row` is as it is afterwards. Raises ReferralChanged (409)."""
    if not await Referral.filter(id=row.id, state=row.state, outcome=row.outcome).update(state=target, **values):
        raise ReferralChanged
    row.update_from_dict({"state": target, **values})
