"""Who holds a reward: one at a time a resident, or a household where the policy says so."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from xinyi_platform.database.bulk import bulk_insert
from xinyi_platform.ids import new_id
from xinyi_platform.language import Text
from xinyi_rewards.rewards.models import RewardGrant, RewardHold
from xinyi_rewards.rewards.offers import NotNow

_IN_HOUSEHOLD = Text(
    "同一家庭已有一份,结束后可再发放", "Somebody in your household holds one; after it ends there is another"
)
_BY_ANOTHER_LIST = Text(
    "您已因另一名单持有一份,结束后可再发放", "You hold one by another list; after it ends there is another"
)


async def hold(grant: RewardGrant, household: Collection[UUID]) -> None:
    """Let nobody of a household, the resident herself included, get another while this one is held.

    Joins the caller's transaction, which must roll back on NotNow. Everybody is written down in one order, so that of
    several members at once the first one gets it. A row of somebody who has left the household does not count for it.
    """
    people = sorted({grant.resident_id, *household})
    there = RewardHold.filter(policy=grant.policy, resident_id__in=people)
    await there.exclude(holder_id__in=people).delete()
    rows = [
        {
            "id": new_id(),
            "grant_id": grant.id,
            "policy": grant.policy,
            "holder_id": grant.resident_id,
            "resident_id": who,
        }
        for who in people
    ]
    if len(await bulk_insert(RewardHold, rows, skip_conflicts=True)) < len(rows):
        mine = await there.filter(holder_id=grant.resident_id).exclude(grant_id=grant.id).exists()
        raise NotNow(_BY_ANOTHER_LIST if mine else _IN_HOUSEHOLD)


async def let_go(grant_ids: Collection[UUID]) -> None:
    """Let others get what was held; joins the caller's transaction."""
    await RewardHold.filter(grant_id__in=list(grant_ids)).delete()
