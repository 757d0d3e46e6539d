"""Synthetic trainings to come: one in a community, one online for the whole city."""

from __future__ import annotations

from datetime import timedelta

from xinyi_platform.clock import SHANGHAI
from xinyi_platform.features import CityPlan, Progress
from xinyi_platform.ids import new_id
from xinyi_platform.runtime import Runtime
from xinyi_rewards.assistance.models import TrainingSession

_TRAININGS = (
    ("410611001001", "信用修复培训:条件与材料(演示)", "社区活动室", False, 5, 20),
    ("410600", "信用修复线上培训(演示)", "https://training.example/xinyi", True, 9, 200),
)


async def seed_trainings(runtime: Runtime, plan: CityPlan, progress: Progress) -> None:
    """Plan the trainings, each at half past nine."""
    now = runtime.clock.now()
    morning = now.astimezone(SHANGHAI).replace(hour=9, minute=30, second=0, microsecond=0)
    for done, (division, title, place, is_online, days, capacity) in enumerate(_TRAININGS, 1):
        starts_at = morning + timedelta(days=days)
        await TrainingSession.create(
            id=new_id(), division=division, title=title, place=place, is_online=is_online, state="planned",
            starts_at=starts_at, ends_at=starts_at + timedelta(hours=2), capacity=capacity, made_by=new_id(),
            created_at=now,
        )  # fmt: skip
        progress("修复培训 trainings", done, len(_TRAININGS))
