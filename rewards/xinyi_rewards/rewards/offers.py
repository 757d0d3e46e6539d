"""Every policy that gives a reward, of the file or a campaign's; those who give ask here and know no difference."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from xinyi_platform.language import Text
from xinyi_platform.runtime import Runtime
from xinyi_rewards.campaigns.offering import campaign_behind, campaign_of, campaign_policies, campaign_policy, worth_of
from xinyi_rewards.campaigns.spending import Spend, has_room, take_unit
from xinyi_rewards.rewards.policy import RewardPolicy, reward_policies

_USED_UP = Text("该活动的预算已用完", "The campaign's budget is used up")
_UNBOUNDED = Text("该权益的金额没有上限,活动不能发放", "What it costs has no bound, so a campaign cannot give it")


async def policies_on(day: date) -> list[RewardPolicy]:
    """Return what is given on a day: the file's policies in their order, then the campaigns'."""
    return [
        *(policy for policy in reward_policies().values() if policy.holds_on(day)),
        *await campaign_policies(on=day),
    ]


async def find_policy(slug: str) -> RewardPolicy | None:
    """Return a policy by its slug, or None where there is none any more."""
    campaign_id = campaign_of(slug)
    return reward_policies().get(slug) if campaign_id is None else await campaign_policy(campaign_id)


async def policy_behind(slug: str) -> RewardPolicy | None:
    """Return the policy that something was given by, also where it gives nothing any more."""
    campaign_id = campaign_of(slug)
    return reward_policies().get(slug) if campaign_id is None else await campaign_behind(campaign_id)


@dataclass(frozen=True, slots=True)
class Budget:
    """What a policy may still give beside the scene's quota; of the file's policies nothing is counted."""

    campaign_id: UUID | None
    worth_fen: int | None

    async def shortage(self, *, at: datetime) -> Text | None:
        """Return why nothing more can be given just now, or None."""
        if self.campaign_id is None:
            return None
        if self.worth_fen is None:
            return _UNBOUNDED
        return None if await has_room(self.campaign_id, self.worth_fen, at=at) else _USED_UP

    async def take(self, grant_id: UUID, resident_id: UUID, entitlement_id: UUID, *, at: datetime) -> None:
        """Take one unit in the caller's transaction. Raises UsedUp, with which the whole of it must roll back."""
        if self.campaign_id is None or self.worth_fen is None:
            return
        spend = Spend(
            grant_id=grant_id, resident_id=resident_id, entitlement_id=entitlement_id, worth_fen=self.worth_fen
        )
        if not await take_unit(self.campaign_id, spend, at=at):
            raise UsedUp(_USED_UP)


class NotNow(Exception):
    """A reward cannot be given just now, and the whole of its transaction rolls back; `reason` says why.

    `again_at` is when another look is worth it; None: the next night.
    """

    def __init__(self, reason: Text, again_at: datetime | None = None) -> None:
        super().__init__(reason.en)
        self.reason = reason
        self.again_at = again_at


class UsedUp(NotNow):
    """Others took the last unit or the last of the money meanwhile."""


def budget_of(runtime: Runtime, policy: RewardPolicy) -> Budget:
    """Return what a policy may give. Raises NotFound (404) for a scene that is not there."""
    campaign_id = campaign_of(policy.slug)
    return Budget(campaign_id, worth_of(runtime, policy.scene) if campaign_id else None)
