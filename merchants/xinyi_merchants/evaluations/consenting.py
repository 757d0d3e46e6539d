"""A merchant's consent to its credit being asked for in evaluations: given and withdrawn in the portal."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from xinyi_merchants.evaluations.models import EvaluationConsent
from xinyi_platform import audit
from xinyi_platform.database import transaction
from xinyi_platform.database.bulk import bulk_insert
from xinyi_platform.ids import new_id
from xinyi_platform.principals import Operator


async def live_consent(merchant_id: UUID) -> EvaluationConsent | None:
    """Return the consent in force, or None."""
    return await EvaluationConsent.get_or_none(merchant_id=merchant_id, slot="live")


async def grant_consent(merchant_id: UUID, operator: Operator, *, at: datetime) -> None:
    """Consent. Safe to repeat."""
    row = {
        "id": new_id(), "merchant_id": merchant_id, "slot": "live", "granted_by": operator.id, "granted_at": at,
        "withdrawn_at": None,
    }  # fmt: skip
    async with transaction():
        if await bulk_insert(EvaluationConsent, [row], skip_conflicts=True):
            await _record("grant", merchant_id, operator, at)


async def withdraw_consent(merchant_id: UUID, operator: Operator, *, at: datetime) -> None:
    """Withdraw; from now on nothing is asked. Safe to repeat."""
    async with transaction():
        live = await live_consent(merchant_id)
        if live is None:
            return
        await EvaluationConsent.filter(id=live.id, slot="live").update(slot=str(live.id), withdrawn_at=at)
        await _record("withdraw", merchant_id, operator, at)


async def _record(act: str, merchant_id: UUID, operator: Operator, at: datetime) -> None:
    await audit.record(
        f"evaluation_consent.{act}",
        actor=operator.label,
        object_kind="merchant",
        object_id=merchant_id,
        detail={},
        at=at,
    )
