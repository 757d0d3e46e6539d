"""The ground falls away: the receiver is told to stop, in the same transaction, and until it says that it has."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from xinyi_platform.consents import ConsentWithdrawn
from xinyi_platform.database import transaction
from xinyi_platform.errors import NotFound
from xinyi_platform.outbox import OutboxEvent, WebhookDelivery, WebhookEndpoint
from xinyi_platform.runtime import Runtime
from xinyi_scenarios.entitlements.models import Entitlement
from xinyi_scenarios.referrals.answers import Signer, sign_recall
from xinyi_scenarios.referrals.errors import ReferralPending
from xinyi_scenarios.referrals.models import Referral
from xinyi_scenarios.referrals.offering import signer_of
from xinyi_scenarios.referrals.states import LIVE, advance
from xinyi_scenarios.referrals.telling import audience_of, send_to_receiver, tell
from xinyi_scenarios.referrals.using import mark_delivered

BATCH = 200
CHASE_EVERY = timedelta(days=1)
SYSTEM = "job:referrals"
TOPIC = "referral.recalled"
_GROUNDS = frozenset({"suspend", "withdraw", "cancel", "expire", "reverse"})


async def recall(signer: Signer, row: Referral, reason: str, *, actor: str, at: datetime) -> bool:
    """Stop the use of an answer, in the caller's transaction; False where somebody was first.

    What has left the house is recalled; what has not is kept from leaving.
    """
    if not await _has_left(row):
        return await _keep_back(row, reason, actor, at)
    signed = sign_recall(signer, referral_id=row.id, partner_id=row.partner_id, pseudonym=row.pseudonym, at=at)
    values = {
        "state": advance(row.state, "recall"),
        "slot": str(row.id),
        "recall": signed,
        "recall_reason": reason,
        "recalled_at": at,
        "next_chase_at": at + CHASE_EVERY,
    }
    if not await Referral.filter(id=row.id, state=row.state).update(**values):
        return False
    row.update_from_dict(values)
    await send_to_receiver(TOPIC, row, {"recall": signed}, at=at)
    await tell(row, "recall", actor=actor, at=at)
    return True


async def _has_left(row: Referral) -> bool:
    """Tell whether the receiver may have the answer: it fetched it, or a webhook carried it, or is about to."""
    if row.state != "offered":
        return True
    if await WebhookDelivery.exists(event_id=row.offer_event_id):
        return True
    return await WebhookEndpoint.exists(audience=audience_of(row.partner_id), active=True)


async def _keep_back(row: Referral, reason: str, actor: str, at: datetime) -> bool:
    event = "expire" if reason == "expired" else "withdraw"
    values = {"state": advance(row.state, event), "slot": str(row.id), "recall_reason": reason, "ended_at": at}
    if not await Referral.filter(id=row.id, state="offered").update(**values):
        return False
    row.update_from_dict(values)
    await OutboxEvent.filter(id=row.offer_event_id).update(routed=True)
    await tell(row, event, actor=actor, at=at)
    return True


async def take_back(runtime: Runtime, resident_id: UUID, referral_id: UUID) -> Referral:
    """A resident takes one answer back. Raises NotFound (404), TransitionForbidden (409)."""
    at = runtime.clock.now()
    async with transaction():
        row = await Referral.get_or_none(id=referral_id, resident_id=resident_id)
        if row is None:
            raise NotFound
        advance(row.state, "recall")
        while not await recall(signer_of(runtime), row, "resident", actor=f"resident:{resident_id}", at=at):
            await row.refresh_from_db()  # the receiver was quicker by one step
            advance(row.state, "recall")
    return await Referral.get(id=referral_id)


class GroundWatcher:
    """Listens for what an answer rests on: the consent, and the entitlement behind it."""

    def __init__(self, runtime: Runtime) -> None:
        self._signer = signer_of(runtime)

    async def consent_withdrawn(self, event: ConsentWithdrawn) -> None:
        """Recall what rested on a consent, in the transaction of its withdrawal."""
        rows = await Referral.filter(resident_id=event.resident_id, purpose=event.purpose, slot="live")
        await self._recall_all(rows, "consent", f"resident:{event.resident_id}", event.at)

    async def entitlement_changes(self, held: Entitlement, event: str, actor: str, at: datetime) -> None:
        """Recall with the entitlement; refuse to use it up before the receiver has acknowledged."""
        if event == "redeem" and not await Referral.exists(entitlement_id=held.id, state="acknowledged"):
            raise ReferralPending
        if event in _GROUNDS:
            rows = await Referral.filter(entitlement_id=held.id, slot="live")
            await self._recall_all(rows, "entitlement", actor, at)

    async def _recall_all(self, rows: Sequence[Referral], reason: str, actor: str, at: datetime) -> None:
        for row in rows:
            while not await recall(self._signer, row, reason, actor=actor, at=at):
                await row.refresh_from_db()  # the receiver was quicker by one step
                if row.state not in LIVE:
                    break


async def settle_due(runtime: Runtime) -> int:
    """Do one bounded piece: note deliveries, recall what has run out, chase what is not acknowledged."""
    now, signer = runtime.clock.now(), signer_of(runtime)
    return await _note_deliveries(now) + await expire_due(signer, now) + await chase_due(now)


async def _note_deliveries(now: datetime) -> int:
    waiting = {row.offer_event_id: row for row in await Referral.filter(state="offered").order_by("id").limit(BATCH)}
    arrived = await WebhookDelivery.filter(event_id__in=list(waiting), state="delivered")
    rows = {delivery.event_id: delivery.delivered_at or now for delivery in arrived}
    return sum([await mark_delivered(waiting[event], actor=SYSTEM, at=at) for event, at in rows.items()])


async def expire_due(signer: Signer, now: datetime) -> int:
    """Recall what has run out; what never left just ends. Returns how many."""
    settled = 0
    over = Referral.filter(state__in=list(LIVE), expires_at__lte=now).order_by("expires_at")
    for row in await over.limit(BATCH):
        async with transaction():
            settled += await recall(signer, row, "expired", actor=SYSTEM, at=now)
    return settled


async def chase_due(now: datetime) -> int:
    """Send each recall again, once a day, until it is acknowledged. Returns how many were sent."""
    settled = 0
    silent = Referral.filter(state="recalled", next_chase_at__lte=now).order_by("next_chase_at")
    for row in await silent.limit(BATCH):
        async with transaction():
            same = Referral.filter(id=row.id, state="recalled", next_chase_at=row.next_chase_at)
            if not await same.update(next_chase_at=now + CHASE_EVERY, chases=row.chases + 1):
                continue
            await send_to_receiver(TOPIC, row, {"recall": row.recall}, at=now)
            await tell(row, "chase", actor=SYSTEM, at=now)
            settled += 1
    return settled
