"""What can go wrong with a campaign."""

from __future__ import annotations

from xinyi_platform.errors import ChangedMeanwhile, Conflict, Forbidden
from xinyi_platform.language import Text


class CampaignChanged(ChangedMeanwhile):
    code = "campaign_changed"
    text = Text("活动状态已变化,请刷新后重试。", "The campaign has changed; look again and retry.")


class OwnCampaign(Forbidden):
    """Nobody approves or sends back what she planned herself, by whichever account."""

    code = "own_campaign"
    text = Text("不能复核自己提出的活动。", "You cannot review a campaign that you planned yourself.")


class OnlyItsPlanner(Forbidden):
    """A draft is its planner's: nobody else changes it, hands it in or takes it back."""

    code = "only_its_planner"
    text = Text(
        "只有提出人可以修改、提交或撤回。", "Only the person who planned it changes it, hands it in or takes it back."
    )


class CampaignOver(Conflict):
    """Its last day is over."""

    code = "campaign_over"
    text = Text("活动的最后一天已过,不能再批准。", "Its last day is over; it cannot be approved any more.")
