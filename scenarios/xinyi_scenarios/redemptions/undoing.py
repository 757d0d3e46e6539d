"""Undo a use and tell its holder, together or not at all."""

from __future__ import annotations

from uuid import UUID

from xinyi_platform.database import transaction
from xinyi_platform.runtime import Runtime
from xinyi_scenarios.entitlements.models import Entitlement
from xinyi_scenarios.redemptions.models import Redemption
from xinyi_scenarios.redemptions.redeeming import reverse_redemption
from xinyi_scenarios.watching.telling import tell_reversed


async def undo_redemption(
    runtime: Runtime, redemption_id: UUID, *, merchant_id: UUID | None, actor: str, reason: str
) -> Redemption:
    """Undo one redemption, as `reverse_redemption` does and with its errors, and tell the resident."""
    now = runtime.clock.now()
    async with transaction():
        row = await reverse_redemption(redemption_id, merchant_id=merchant_id, actor=actor, reason=reason, at=now)
        held = await Entitlement.get(id=row.entitlement_id)
        await tell_reversed(runtime, held, str(row.id), at=now)
    return row
