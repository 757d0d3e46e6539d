"""Guardianships over HTTP: a resident's own, and those that wait for the staff of a community."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from litestar import Controller, get, post

from xinyi_platform.guardianships.keeping import Ward, ask_guardianship, decide_guardianship, end_guardianship
from xinyi_platform.guardianships.models import Guardianship
from xinyi_platform.guardianships.reading import GuardianshipView, my_guardianships, waiting_guardianships
from xinyi_platform.guardianships.states import DECIDERS, Relation
from xinyi_platform.principals import Allow, Resident, Staff
from xinyi_platform.runtime import Runtime
from xinyi_platform.schemas import Answer, Request


class GuardianshipRequest(Request, kw_only=True, frozen=True):
    """The ward by name and either identity number or phone; `relation` is what you are to her."""

    name: Annotated[str, msgspec.Meta(min_length=2, max_length=30, examples=["王小宝"])]
    relation: Relation
    identity_number: Annotated[str, msgspec.Meta(pattern=r"^[0-9]{17}[0-9Xx]$")] | None = None
    phone: Annotated[str, msgspec.Meta(pattern=r"^1[0-9]{10}$")] | None = None


class GuardianshipDecision(Request, kw_only=True, frozen=True):
    verdict: Literal["confirm", "refuse"]
    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class GuardianshipAnswer(Answer, kw_only=True, frozen=True):
    """One guardianship: asked, confirmed, refused or ended. Names are masked; `role` is yours in it."""

    id: UUID
    role: Literal["guardian", "ward", "staff"]
    guardian: str
    ward: str
    relation: str
    state: str
    reason: str
    asked_at: datetime
    decided_at: datetime | None
    ended_at: datetime | None


class GuardianshipState(Answer, kw_only=True, frozen=True):
    id: UUID
    state: str


def _answer(view: GuardianshipView, reader: UUID) -> GuardianshipAnswer:
    row = view.row
    roles: dict[UUID, Literal["guardian", "ward"]] = {row.guardian_id: "guardian", row.ward_id: "ward"}
    return GuardianshipAnswer(
        id=row.id,
        role=roles.get(reader, "staff"),
        guardian=view.guardian,
        ward=view.ward,
        relation=row.relation,
        state=row.state,
        reason=row.reason,
        asked_at=row.asked_at,
        decided_at=row.decided_at,
        ended_at=row.ended_at,
    )


def _state(row: Guardianship) -> GuardianshipState:
    return GuardianshipState(id=row.id, state=row.state)


class MyGuardianshipController(Controller):
    path = "/api/v1/me/guardianships"
    guards = [Allow(Resident)]
    tags = ["guardianships"]

    @get("/", operation_id="listMyGuardianships")
    async def mine(self, runtime: Runtime, principal: Resident) -> list[GuardianshipAnswer]:
        """Those in which I am guardian or ward."""
        return [_answer(view, principal.id) for view in await my_guardianships(runtime, principal.id)]

    @post("/", operation_id="askGuardianship")
    async def ask(self, runtime: Runtime, principal: Resident, data: GuardianshipRequest) -> GuardianshipState:
        """Ask to be somebody's guardian or carer; her community confirms it."""
        ward = Ward(data.name, data.identity_number or "", data.phone or "")
        return _state(await ask_guardianship(runtime, principal.id, ward, data.relation, at=runtime.clock.now()))

    @post("/{guardianship_id:uuid}/end", status_code=200, operation_id="endGuardianship")
    async def end(self, runtime: Runtime, principal: Resident, guardianship_id: UUID) -> GuardianshipState:
        """End it, as guardian or ward."""
        return _state(await end_guardianship(guardianship_id, principal.id, at=runtime.clock.now()))


class StaffGuardianshipController(Controller):
    path = "/staff/v1/guardianships"
    guards = [Allow(Staff, roles=DECIDERS)]
    tags = ["guardianships"]

    @get("/", operation_id="listWaitingGuardianships")
    async def waiting(self, runtime: Runtime, principal: Staff) -> list[GuardianshipAnswer]:
        """Those that wait for a decision in my area, oldest first."""
        return [_answer(view, principal.id) for view in await waiting_guardianships(runtime, principal)]

    @post("/{guardianship_id:uuid}/decide", status_code=200, operation_id="decideGuardianship")
    async def decide(
        self, runtime: Runtime, principal: Staff, guardianship_id: UUID, data: GuardianshipDecision
    ) -> GuardianshipState:
        """Confirm or refuse, with the reason (which papers were seen, or why not)."""
        now, confirmed = runtime.clock.now(), data.verdict == "confirm"
        return _state(
            await decide_guardianship(guardianship_id, principal, confirmed=confirmed, reason=data.reason, at=now)
        )


ROUTES = (MyGuardianshipController, StaffGuardianshipController)
