"""News of uses for the merchant's own systems: what was redeemed for how much, never by whom."""

from __future__ import annotations

from datetime import datetime

from xinyi_platform import outbox
from xinyi_scenarios.redemptions.models import Redemption


async def tell_merchant(event: str, row: Redemption, *, at: datetime) -> None:
    """Write news of a use or its reversal in the caller's transaction; a partner's own counter has no merchant."""
    if row.merchant_id is None:
        return
    payload = {
        "redemption": str(row.id),
        "scenario": row.scenario,
        "channel": row.channel,
        "price_fen": row.price_fen,
        "discount_fen": row.discount_fen,
        "redeemed_at": row.redeemed_at.isoformat(),
    }
    await outbox.emit(f"redemption.{event}", payload, audience=f"merchant:{row.merchant_id}", at=at)
