"""Synthetic support: what the demo's awarded shops are granted, and one use."""

from __future__ import annotations

from xinyi_platform.features import CityPlan, Progress
from xinyi_platform.runtime import Runtime
from xinyi_rewards.support.granting import refresh_all


async def seed_support(runtime: Runtime, plan: CityPlan, progress: Progress) -> None:
    """Grant what the awards of the city give."""
    looked_at = await refresh_all(runtime)
    progress("商户支持 support", looked_at, looked_at)
