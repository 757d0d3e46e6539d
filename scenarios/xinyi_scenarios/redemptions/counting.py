"""How often things were redeemed at merchants: what the honest-merchant evaluation asks of scenes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from tortoise.functions import Count

from xinyi_scenarios.redemptions.models import Redemption


async def count_redemptions(merchants: Sequence[UUID], since: datetime, until: datetime) -> Mapping[UUID, int]:
    """Count live redemptions from `since` up to but not including `until`, by merchant, in one query."""
    live = Redemption.filter(
        merchant_id__in=list(merchants), slot="live", redeemed_at__gte=since, redeemed_at__lt=until
    )
    rows = await live.annotate(times=Count("id")).group_by("merchant_id").values("merchant_id", "times")
    return {UUID(str(row["merchant_id"])): int(row["times"]) for row in rows}
