"""Sign the commitment once, and withdraw it; both show behind the sticker at once."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from xinyi_merchants.commitments.models import MerchantCommitment
from xinyi_merchants.commitments.texts import LATEST
from xinyi_merchants.registry.finding import MerchantChanged
from xinyi_platform import audit
from xinyi_platform.database import transaction
from xinyi_platform.database.bulk import bulk_insert
from xinyi_platform.errors import Conflict
from xinyi_platform.ids import new_id
from xinyi_platform.language import Text
from xinyi_platform.principals import Operator
from xinyi_platform.runtime import Runtime


class CommitmentTextChanged(Conflict):
    """The text that was read is no longer the one to sign."""

    code = "merchant_commitment_changed"
    text = Text("承诺书已更新,请重新阅读后签署。", "The commitment's text has changed; read it again and sign.")


async def commitment_of(merchant_id: UUID) -> MerchantCommitment | None:
    """Return the commitment in force, or None."""
    return await MerchantCommitment.get_or_none(merchant_id=merchant_id, slot="live")


async def sign_commitment(
    runtime: Runtime, merchant_id: UUID, operator: Operator, *, version: str, at: datetime
) -> None:
    """Sign; safe to repeat. Raises CommitmentTextChanged (409) for another version than the one to sign."""
    if version != LATEST:
        raise CommitmentTextChanged
    row = {
        "id": new_id(), "merchant_id": merchant_id, "slot": "live", "version": version, "signer_id": operator.id,
        "signed_at": at, "withdrawn_at": None,
    }  # fmt: skip
    async with transaction():
        if await bulk_insert(MerchantCommitment, [row], skip_conflicts=True):
            await _record(runtime, "sign", merchant_id, operator, at)


async def withdraw_commitment(runtime: Runtime, merchant_id: UUID, operator: Operator, *, at: datetime) -> None:
    """Withdraw; the page stops showing it. Safe to repeat."""
    async with transaction():
        live = await commitment_of(merchant_id)
        if live is None:
            return
        held = MerchantCommitment.filter(id=live.id, slot="live")
        if await held.update(slot=str(live.id), withdrawn_at=at):
            await _record(runtime, "withdraw", merchant_id, operator, at)


async def _record(runtime: Runtime, act: str, merchant_id: UUID, operator: Operator, at: datetime) -> None:
    await audit.record(
        f"merchant_commitment.{act}",
        actor=operator.label,
        object_kind="merchant",
        object_id=merchant_id,
        detail={},
        at=at,
    )
    await runtime.events.publish(MerchantChanged(merchant_id))
