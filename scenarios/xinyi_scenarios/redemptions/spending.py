"""What a use takes of the limits that count at the merchant, and the money that comes back when it was not spent.

The most that an entitlement can cost is set aside of its scene's budget at the claim. As long as a redemption can be
reversed that stays so; afterwards a job returns what the discount left over.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from xinyi_platform.database import transaction
from xinyi_platform.errors import Conflict
from xinyi_platform.language import Text
from xinyi_scenarios.entitlements.models import Entitlement
from xinyi_scenarios.ledger import Journal, book_many
from xinyi_scenarios.quotas import FEN, Hold, QuotaKey, hold_from, open_quotas, period_of, release_units, take_units
from xinyi_scenarios.redemptions.models import Redemption

REVERSAL_HOURS = 24


class MerchantSoldOut(Conflict):
    """This merchant's own share of the period is used up. Values: `period`."""

    code = "merchant_sold_out"
    text = Text(
        "本店本期({period})优惠名额已用完,可到其他参与商户使用。",
        "This shop's share for {period} is used up; use it at another shop.",
    )


async def take_at_merchant(
    held: Entitlement, merchant_id: UUID | None, discount_fen: int | None, *, at: datetime
) -> list[Hold]:
    """Take what a use counts at its merchant, in the caller's transaction. Raises MerchantSoldOut (409)."""
    limits = held.benefit.get("limits_at_use")
    if merchant_id is None or not isinstance(limits, list):
        return []
    scope = f"merchant:{merchant_id}"
    totals = {
        QuotaKey(str(limit["measure"]), scope, period_of(limit["period"], at)): limit["total"] for limit in limits
    }
    quotas = await open_quotas(held.scenario, totals, at=at)
    holds = []
    for key in sorted(totals, key=lambda key: (key.measure, key.period)):
        amount = (discount_fen or 0) if key.measure == FEN else 1
        if amount and not await take_units(quotas[key].id, amount):
            raise MerchantSoldOut(period=key.period)
        if amount:
            holds.append(Hold(quotas[key].id, key.measure, amount))
    await book_many([Journal("spend", hold.quota_id, held.id, hold.amount) for hold in holds], at=at)
    return holds


async def give_back_at_merchant(row: Redemption, *, at: datetime) -> None:
    """Return what a use took at its merchant, in the reversal's transaction."""
    holds = [hold_from(stored) for stored in row.holds]
    await book_many([Journal("refund", hold.quota_id, row.entitlement_id, hold.amount) for hold in holds], at=at)
    for hold in holds:
        await release_units(hold.quota_id, hold.amount)


async def return_unspent(now: datetime, *, limit: int = 500) -> int:
    """Return the money that settled redemptions did not spend. Returns how many redemptions it settled."""
    final = now - timedelta(hours=REVERSAL_HOURS)
    due = (
        await Redemption.filter(slot="live", settled_at=None, redeemed_at__lt=final)
        .order_by("redeemed_at")
        .limit(limit)
    )
    entitlements = {held.id: held for held in await Entitlement.filter(id__in=[row.entitlement_id for row in due])}
    settled = 0
    for row in due:
        settled += await _settle(row, entitlements, now)
    return settled


async def _settle(row: Redemption, entitlements: Mapping[UUID, Entitlement], now: datetime) -> bool:
    held = entitlements[row.entitlement_id]
    async with transaction():
        if not await Redemption.filter(id=row.id, slot="live", settled_at=None).update(settled_at=now):
            return False
        over = [
            Journal("refund", hold.quota_id, held.id, hold.amount - (row.discount_fen or 0))
            for hold in map(hold_from, held.holds)
            if hold.measure == FEN and hold.amount > (row.discount_fen or 0)
        ]
        await book_many(over, at=now)
        for journal in over:
            await release_units(journal.quota_id, journal.amount)
    return True
