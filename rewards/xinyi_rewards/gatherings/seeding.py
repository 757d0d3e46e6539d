"""Synthetic gatherings: two that were held, one to come."""

from __future__ import annotations

from datetime import timedelta

from xinyi_platform.divisions import communities
from xinyi_platform.features import CityPlan, Progress
from xinyi_platform.ids import new_id
from xinyi_platform.runtime import Runtime
from xinyi_rewards.gatherings.models import Gathering, GatheringGuest

_GATHERINGS = (
    ("信用修复怎么办(演示)", -20, "done", 24, 160),
    ("诚信游园宣讲(演示)", -8, "done", 31, 210),
    ("信用进社区:码上见怎么看(演示)", 6, "planned", 0, 0),
)


async def seed_gatherings(runtime: Runtime, plan: CityPlan, progress: Progress) -> None:
    """Make the gatherings, with a few guests each."""
    now = runtime.clock.now().replace(minute=0, second=0, microsecond=0)
    for place, (title, days, state, heads, materials) in enumerate(_GATHERINGS):
        starts_at = now + timedelta(days=days)
        guests = plan.shared["residents"][place * 3 : place * 3 + 3]
        made = await Gathering.create(
            id=new_id(), division="410611001001" if state == "planned" else communities()[place], title=title,
            place="社区活动室", state=state, starts_at=starts_at, ends_at=starts_at + timedelta(hours=2), capacity=60,
            taken=len(guests), heads=heads, materials=materials, made_by=new_id(), created_at=now - timedelta(days=30),
        )  # fmt: skip
        for resident_id in guests:
            came = starts_at if state == "done" else None
            await GatheringGuest.create(
                gathering_id=made.id, resident_id=resident_id, signed_up_at=now - timedelta(days=25), attended_at=came
            )
        progress("活动 gatherings", place + 1, len(_GATHERINGS))
