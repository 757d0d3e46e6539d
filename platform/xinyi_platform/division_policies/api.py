"""Areas' own policies as JSON for staff: what holds, propose, decide."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from litestar import Controller, get, post
from litestar.params import QueryParameter

from xinyi_platform.clock import local_date
from xinyi_platform.division_policies.models import DivisionPolicy
from xinyi_platform.division_policies.reading import Held, held_in, policies_of_area
from xinyi_platform.division_policies.setting import Proposal, decide_policy, propose_policy
from xinyi_platform.division_policies.states import DECIDERS, PROPOSERS
from xinyi_platform.errors import NotFound
from xinyi_platform.principals import Allow, Staff
from xinyi_platform.runtime import Runtime
from xinyi_platform.schemas import Answer, Request
from xinyi_platform.tenancy import area_of
from xinyi_platform.tenancy.narrowing import topics

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=40)]


class PolicyProposal(Request, kw_only=True, frozen=True):
    """A value for a division of your area; `value` null gives its own value up."""

    division: Annotated[str, msgspec.Meta(min_length=6, max_length=12, examples=["410611"])]
    topic: Annotated[Name, msgspec.Meta(examples=["list_kind"])]
    key: Annotated[Name, msgspec.Meta(examples=["red-volunteer"])]
    parameter: Annotated[Name, msgspec.Meta(examples=["notice_days"])]
    value: int | list[str] | None
    in_force_from: date
    reason: Annotated[str, msgspec.Meta(min_length=2, max_length=200, examples=["本区居民要求延长公示。"])]


class PolicyDecision(Request, kw_only=True, frozen=True):
    """`withdraw` is for who proposed it, the others for another person; `reason` is needed to refuse."""

    act: Literal["approve", "refuse", "withdraw"]
    reason: Annotated[str, msgspec.Meta(max_length=200)] = ""


class PolicyAnswer(Answer, kw_only=True, frozen=True):
    """A value that a division has set or would set."""

    id: UUID
    division: str
    topic: str
    key: str
    parameter: str
    value: int | list[str] | None
    in_force_from: date
    reason: str
    state: str
    made_at: datetime
    decided_at: datetime | None
    decision_reason: str


class HeldValue(Answer, kw_only=True, frozen=True):
    """A value that holds; `origin` is the division that set it, `ignored` an own value that is wider than above."""

    parameter: str
    direction: str
    value: int | list[str]
    origin: str
    ignored: int | list[str] | None


class HeldAnswer(Answer, kw_only=True, frozen=True):
    """One thing as a division has it today."""

    key: str
    name_zh: str
    name_en: str
    values: list[HeldValue]


def _row(row: DivisionPolicy) -> PolicyAnswer:
    return PolicyAnswer(**{name: getattr(row, name) for name in PolicyAnswer.__struct_fields__})


def _held(held: Held) -> HeldAnswer:
    return HeldAnswer(
        key=held.key,
        name_zh=held.text.zh,
        name_en=held.text.en,
        values=[
            HeldValue(
                parameter=cell.parameter.name,
                direction=cell.parameter.direction,
                value=cell.value,
                origin=cell.origin,
                ignored=cell.ignored,
            )
            for cell in held.cells
        ],
    )


class StaffPolicyApi(Controller):
    path = "/staff/v1/policies"
    guards = [Allow(Staff, roles=DECIDERS)]
    tags = ["policies"]

    @get("/", summary="Values that the area set or proposed")
    async def index(self, principal: Staff) -> list[PolicyAnswer]:
        """What waits first, then the newest."""
        return [_row(row) for row in await policies_of_area(principal)]

    @get("/held", summary="What holds in a division today")
    async def held(
        self,
        runtime: Runtime,
        principal: Staff,
        topic: Annotated[str, QueryParameter(max_length=40)] = "list_kind",
        division: Annotated[str, QueryParameter(max_length=12)] = "",
    ) -> list[HeldAnswer]:
        """Of your area's division where none is named; 404 for one elsewhere."""
        place = area_of(principal).part(division or principal.division)
        if topic not in topics():
            raise NotFound
        return [_held(one) for one in await held_in(topics()[topic], place.code, on=local_date(runtime.clock.now()))]

    @post("/{policy_id:uuid}", status_code=200, summary="Approve, refuse or take back")
    async def decide(self, runtime: Runtime, principal: Staff, policy_id: UUID, data: PolicyDecision) -> PolicyAnswer:
        """By another person than who proposed it; 422 where the area above has become stricter since."""
        now = runtime.clock.now()
        return _row(await decide_policy(policy_id, principal, data.act, reason=data.reason, at=now))


class StaffPolicyProposals(Controller):
    path = "/staff/v1/policies/proposals"
    guards = [Allow(Staff, roles=PROPOSERS)]
    tags = ["policies"]

    @post("/", status_code=201, summary="Propose a stricter value")
    async def propose(self, runtime: Runtime, principal: Staff, data: PolicyProposal) -> PolicyAnswer:
        """422 with the value above where it would be wider."""
        proposal = Proposal(**msgspec.structs.asdict(data))
        return _row(await propose_policy(principal, proposal, at=runtime.clock.now()))


ROUTES = (StaffPolicyApi, StaffPolicyProposals)
