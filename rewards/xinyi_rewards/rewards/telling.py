"""Tell a resident of a reward that comes later than the place on the list."""

from __future__ import annotations

from datetime import datetime

from xinyi_platform.language import Text
from xinyi_platform.notices import News, NoticeKind, notify
from xinyi_rewards.rewards.models import RewardGrant

GIVEN = NoticeKind("reward.given")


async def tell_given(grant: RewardGrant, *, at: datetime) -> None:
    """Joins the grant's transaction. What is given at once was told with the place on the list."""
    if not grant.tries:
        return
    told = News(
        resident_id=grant.resident_id,
        kind=GIVEN,
        dedupe=f"reward:{grant.id}:given",
        title=Text("一项奖励权益已发放", "A reward of yours has been given"),
        body=Text("红名单的一项权益已具备条件,现已发放。", "What your red list gives can be given now, and was."),
        link="/app/honors",
    )
    await notify(told, at=at)
