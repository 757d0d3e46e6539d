"""Which entitlements are over for good: ended unused, or used with no way back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from xinyi_scenarios.entitlements.reading import ended_unused_among, redeemed_among
from xinyi_scenarios.redemptions.models import Redemption
from xinyi_scenarios.redemptions.spending import REVERSAL_HOURS


async def over_among(ids: Iterable[UUID | None], *, at: datetime) -> set[UUID]:
    """Return which of some entitlements are over. What was used at a till is not while that use can be undone."""
    known = [one for one in ids if one is not None]
    used = await redeemed_among(known)
    undoable = Redemption.filter(
        entitlement_id__in=list(used),
        slot="live",
        settled_at=None,
        redeemed_at__gte=at - timedelta(hours=REVERSAL_HOURS),
    )
    open_still: list[UUID] = await undoable.values_list("entitlement_id", flat=True)  # type: ignore[assignment]
    return await ended_unused_among(known) | (used - set(open_still))
