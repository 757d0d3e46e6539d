"""The states of a campaign, as a table: draft → in review → approved → ended | stopped; it runs by its days."""

from __future__ import annotations

from datetime import date

from xinyi_platform.language import Text
from xinyi_platform.principals import Role
from xinyi_platform.transitions import Transitions, next_state
from xinyi_rewards.campaigns.models import Campaign

TRANSITIONS: Transitions = {
    "draft": {"edit": "draft", "submit": "in_review", "withdraw": "withdrawn"},
    "in_review": {"send_back": "draft", "approve": "approved", "withdraw": "withdrawn"},
    "approved": {"end": "ended", "stop": "stopped"},
    "ended": {},
    "stopped": {},
    "withdrawn": {},
}
NAMES = {
    "draft": Text("草稿", "Draft"),
    "in_review": Text("待复核", "In review"),
    "coming": Text("即将开始", "To come"),
    "running": Text("进行中", "Running"),
    "ended": Text("已结束", "Ended"),
    "stopped": Text("已停止", "Stopped"),
    "withdrawn": Text("已撤回", "Withdrawn"),
}
MAKERS = [Role.COMMUNITY_WORKER, Role.CREDIT_OFFICE]
REVIEWERS = [Role.REVIEWER, Role.CREDIT_OFFICE]
READERS = [Role.COMMUNITY_WORKER, Role.REVIEWER, Role.CREDIT_OFFICE]


def advance(state: str, event: str) -> str:
    """Return the next state. Raises TransitionForbidden (409)."""
    return next_state(TRANSITIONS, kind="campaign", state=state, event=event)


def phase_of(campaign: Campaign, today: date) -> str:
    """Return how a campaign stands on a day: its state; an approved one is to come, runs or is over."""
    if campaign.state != "approved":
        return campaign.state
    if today < campaign.first_on:
        return "coming"
    return "running" if today <= campaign.last_on else "ended"
