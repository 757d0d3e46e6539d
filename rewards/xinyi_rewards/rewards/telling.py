"""Tell a resident of a reward that comes later than the place on the list, and of one that is taken back before."""

from __future__ import annotations

from datetime import datetime

from xinyi_platform.language import Text
from xinyi_platform.notices import News, NoticeKind, notify
from xinyi_rewards.rewards.models import RewardGrant

GIVEN = NoticeKind("reward.given")
TAKEN_BACK = NoticeKind("reward.taken_back", about_loss=True)


async def tell_given(grant: RewardGrant, *, at: datetime) -> None:
    """Joins the grant's transaction. What is given at once was told with the place on the list."""
    if not grant.reason_zh:
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


async def tell_taken_back(grant: RewardGrant, reason: Text, *, at: datetime) -> None:
    """Joins the transaction in which a reward loses its ground while the entry lasts."""
    told = News(
        resident_id=grant.resident_id,
        kind=TAKEN_BACK,
        dedupe=f"reward:{grant.id}:taken_back",
        title=Text("一项奖励权益已结束", "A reward of yours has ended"),
        body=Text(
            f"原因:{reason.zh}。\n怎么办:条件恢复后会自动重新发放,也可在“荣誉与公示”页面申请。",
            f"Why: {reason.en}.\nWhat helps: it is given again by itself once that has changed, or when you ask for "
            "it on the page of honors.",
        ),
        link="/app/honors",
    )
    await notify(told, at=at)
