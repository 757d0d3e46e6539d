"""Synthetic campaigns: one that runs, one that waits for review."""

from __future__ import annotations

from datetime import timedelta

from xinyi_platform.clock import local_date
from xinyi_platform.features import CityPlan, Progress
from xinyi_platform.ids import new_id
from xinyi_platform.runtime import Runtime
from xinyi_rewards.campaigns.models import Campaign
from xinyi_rewards.rewards.granting import grant_due
from xinyi_rewards.rewards.promising import refresh_rewards

_CAMPAIGNS = (
    ("approved", "410600", "敬老服务月(演示)", "为红名单上的老人多送一小时居家服务", "elder-care", 40, 150_000),
    ("in_review", "410611001001", "书香社区(演示)", "请红名单居民多读一本书", "bookshop", 30, 150_000),
)


async def seed_campaigns(runtime: Runtime, plan: CityPlan, progress: Progress) -> None:
    """Make the campaigns; what runs is given to those who are listed."""
    now = runtime.clock.now()
    today = local_date(now)
    for place, (state, division, title, why, scene, units, budget_fen) in enumerate(_CAMPAIGNS):
        await Campaign.create(
            id=new_id(), division=division, title=title, why=why, kinds=["red-good-neighbour", "red-volunteer"],
            scenario=scene, minors="guardian", once_a_household=False, first_on=today - timedelta(days=3 - place * 10),
            last_on=today + timedelta(days=27), units=units, budget_fen=budget_fen, state=state, maker_id=new_id(),
            maker_person="person-lin", approver_person="person-zhou" if state == "approved" else "",
            made_at=now - timedelta(days=6), changed_at=now - timedelta(days=4),
        )  # fmt: skip
        progress("激励活动 campaigns", place + 1, len(_CAMPAIGNS))
    await refresh_rewards(runtime)
    await grant_due(runtime)
