"""Campaigns as JSON: what runs for anybody, and the console's acts for staff."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Controller, get, post, put

from xinyi_platform.clock import local_date
from xinyi_platform.principals import Allow, Anyone, Staff
from xinyi_platform.runtime import Runtime
from xinyi_platform.schemas import Answer, Request
from xinyi_rewards.campaigns.deciding import (
    approve_campaign,
    send_campaign_back,
    stop_campaign,
    submit_campaign,
    withdraw_campaign,
)
from xinyi_rewards.campaigns.planning import Plan, edit_campaign, find_campaign, plan_campaign
from xinyi_rewards.campaigns.reading import Seen, campaigns_of, numbers_of, running_campaigns, seen_on
from xinyi_rewards.campaigns.states import MAKERS, READERS, REVIEWERS
from xinyi_rewards.rewards.policy import Minors

_READ = [Allow(Staff, roles=READERS)]
_MAKE = [Allow(Staff, roles=MAKERS)]
_REVIEW = [Allow(Staff, roles=REVIEWERS)]


class CampaignAnswer(Answer, kw_only=True, frozen=True):
    """One campaign that runs. `kinds`: of red lists; days are local and included; `left`: by units and by money."""

    id: UUID
    title: str
    why: str
    division: str
    kinds: list[str]
    scenario: str
    minors: str
    once_a_household: bool
    first_on: date
    last_on: date
    left: int


class StaffCampaignAnswer(CampaignAnswer, kw_only=True, frozen=True):
    """As staff see it. `state`: draft, in_review, coming, running, ended, stopped or withdrawn.

    `comment` is the reviewer's when it was sent back, `reason` why it was stopped.
    """

    state: str
    units: int
    used: int
    budget_fen: int
    spent_fen: int
    comment: str
    reason: str


class NotGiven(Answer, kw_only=True, frozen=True):
    reason_zh: str
    reason_en: str
    rewards: int


class CampaignReport(StaffCampaignAnswer, kw_only=True, frozen=True):
    """With whom it reached, units that came back unused, and what was not given, by its reason."""

    residents: int
    returned: int
    not_given: list[NotGiven]


class PlanRequest(Request, kw_only=True, frozen=True):
    """`budget_fen` holds at least one unit, at what the scene's terms make it cost at worst."""

    division: Annotated[str, msgspec.Meta(pattern=r"^[0-9]{6,12}$", examples=["410611001001"])]
    title: Annotated[str, msgspec.Meta(min_length=2, max_length=80, examples=["重阳体检月"])]
    why: Annotated[str, msgspec.Meta(min_length=2, max_length=400, examples=["感谢照护独居老人的邻里"])]
    kinds: Annotated[list[str], msgspec.Meta(min_length=1, max_length=20, examples=[["red-good-neighbour"]])]
    scenario: Annotated[str, msgspec.Meta(max_length=64, examples=["checkup"])]
    first_on: date
    last_on: date
    units: Annotated[int, msgspec.Meta(ge=1, examples=[50])]
    budget_fen: Annotated[int, msgspec.Meta(ge=0, examples=[1_000_000])]
    minors: Minors = "guardian"
    once_a_household: bool = False

    def plan(self) -> Plan:
        values = msgspec.structs.asdict(self)
        return Plan(scene=values.pop("scenario"), **values)


class CampaignComment(Request, kw_only=True, frozen=True):
    comment: Annotated[str, msgspec.Meta(min_length=1, max_length=400, examples=["请减少份数"])]


class StopRequest(Request, kw_only=True, frozen=True):
    reason: Annotated[str, msgspec.Meta(min_length=2, max_length=200, examples=["资金调整"])]


class CampaignController(Controller):
    path = "/api/v1/campaigns"
    guards = [Allow(Anyone)]
    tags = ["campaigns"]

    @get("/", operation_id="listCampaigns")
    async def index(self, runtime: Runtime) -> list[CampaignAnswer]:
        """What runs today, what ends first at the beginning."""
        running = await running_campaigns(runtime, on=local_date(runtime.clock.now()))
        return [CampaignAnswer(**_values(one)) for one in running]


class StaffCampaignController(Controller):
    path = "/staff/v1/campaigns"
    tags = ["campaigns"]

    @get("/", guards=_READ, operation_id="listAreaCampaigns")
    async def index(self, runtime: Runtime, principal: Staff) -> list[StaffCampaignAnswer]:
        """The campaigns of my area, the newest first."""
        seen = await campaigns_of(runtime, principal, on=local_date(runtime.clock.now()))
        return [StaffCampaignAnswer(**_staff_values(one)) for one in seen]

    @get("/{campaign_id:uuid}", guards=_READ, operation_id="getCampaign")
    async def one(self, runtime: Runtime, principal: Staff, campaign_id: UUID) -> CampaignReport:
        """One campaign with what it has reached."""
        row, numbers = await find_campaign(campaign_id, principal), await numbers_of(campaign_id)
        seen = seen_on(runtime, [row], local_date(runtime.clock.now()))[0]
        return CampaignReport(
            **_staff_values(seen),
            residents=numbers.residents,
            returned=numbers.returned,
            not_given=[NotGiven(reason_zh=why.zh, reason_en=why.en, rewards=n) for why, n in numbers.not_given],
        )

    @post("/{campaign_id:uuid}/stop", guards=_READ, status_code=204, operation_id="stopCampaign")
    async def stop(self, runtime: Runtime, principal: Staff, campaign_id: UUID, data: StopRequest) -> None:
        """Stop it with the reason; what was given stays."""
        await stop_campaign(campaign_id, principal, reason=data.reason, at=runtime.clock.now())

    @post("/", guards=_MAKE, operation_id="planCampaign")
    async def plan(self, runtime: Runtime, principal: Staff, data: PlanRequest) -> StaffCampaignAnswer:
        """Begin a campaign as a draft."""
        row = await plan_campaign(runtime, principal, data.plan(), at=runtime.clock.now())
        return StaffCampaignAnswer(**_staff_values(seen_on(runtime, [row], local_date(runtime.clock.now()))[0]))

    @put("/{campaign_id:uuid}", guards=_MAKE, status_code=204, operation_id="editCampaign")
    async def edit(self, runtime: Runtime, principal: Staff, campaign_id: UUID, data: PlanRequest) -> None:
        """Change my draft."""
        await edit_campaign(runtime, campaign_id, principal, data.plan(), at=runtime.clock.now())

    @post("/{campaign_id:uuid}/submit", guards=_MAKE, status_code=204, operation_id="submitCampaign")
    async def submit(self, runtime: Runtime, principal: Staff, campaign_id: UUID) -> None:
        """Hand my draft in."""
        await submit_campaign(campaign_id, principal, at=runtime.clock.now())

    @post("/{campaign_id:uuid}/withdraw", guards=_MAKE, status_code=204, operation_id="withdrawCampaign")
    async def withdraw(self, runtime: Runtime, principal: Staff, campaign_id: UUID) -> None:
        """Take mine back before it is approved."""
        await withdraw_campaign(campaign_id, principal, at=runtime.clock.now())

    @post("/{campaign_id:uuid}/approve", guards=_REVIEW, status_code=204, operation_id="approveCampaign")
    async def approve(self, runtime: Runtime, principal: Staff, campaign_id: UUID) -> None:
        """Approve what another person planned."""
        await approve_campaign(campaign_id, principal, at=runtime.clock.now())

    @post("/{campaign_id:uuid}/send-back", guards=_REVIEW, status_code=204, operation_id="sendCampaignBack")
    async def send_back(self, runtime: Runtime, principal: Staff, campaign_id: UUID, data: CampaignComment) -> None:
        """Return it to its planner with a comment."""
        await send_campaign_back(campaign_id, principal, comment=data.comment, at=runtime.clock.now())


def _values(seen: Seen) -> dict[str, Any]:
    return {
        **{name: getattr(seen.row, name) for name in CampaignAnswer.__struct_fields__ if name != "left"},
        "left": seen.left,
    }


def _staff_values(seen: Seen) -> dict[str, Any]:
    more = ("units", "used", "budget_fen", "spent_fen", "comment", "reason")
    return {**_values(seen), "state": seen.phase, **{name: getattr(seen.row, name) for name in more}}


ROUTES = (CampaignController, StaffCampaignController)
