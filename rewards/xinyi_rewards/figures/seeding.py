"""Open data of the synthetic city: the months that are over."""

from __future__ import annotations

from xinyi_platform.features import CityPlan, Progress
from xinyi_platform.runtime import Runtime
from xinyi_rewards.figures.freezing import freeze_months


async def seed_open_data(runtime: Runtime, plan: CityPlan, progress: Progress) -> None:
    """Publish the months that are over, as the job does."""
    published = await freeze_months(runtime)
    progress("开放数据 open data", published, published)
