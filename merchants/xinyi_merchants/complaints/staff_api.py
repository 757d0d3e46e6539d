"""Complaints as JSON for staff: the same acts as in the console."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Controller, get, post
from litestar.params import QueryParameter

from xinyi_merchants.complaints.acting import Actor, act, add_note
from xinyi_merchants.complaints.deadlines import due_on, is_overdue
from xinyi_merchants.complaints.models import Complaint
from xinyi_merchants.complaints.reading import complaints_of_area, staff_complaint, steps_of
from xinyi_merchants.complaints.states import STAFF_ROLES, acts_of
from xinyi_platform.clock import local_date
from xinyi_platform.principals import Allow, Staff
from xinyi_platform.runtime import Runtime
from xinyi_platform.schemas import Answer, Request


class StaffAct(Request, kw_only=True, frozen=True):
    """One step: accept, forward, reject, mediate, resolve, close, hand_over, conclude or note.

    `text` is the reason or the note; `satisfied` what the consumer said at a follow-up (conclude), `official_number`
    what 12315 gave (hand_over).
    """

    act: Annotated[str, msgspec.Meta(max_length=16, examples=["accept"])]
    text: Annotated[str, msgspec.Meta(max_length=2_000)] = ""
    satisfied: bool | None = None
    official_number: Annotated[str, msgspec.Meta(max_length=40)] = ""


class StaffStepAnswer(Answer, kw_only=True, frozen=True):
    event: str
    state: str
    actor: str
    text: str
    at: datetime


class StaffComplaintAnswer(Answer, kw_only=True, frozen=True):
    """A complaint as staff see it; `due_by` is the day of the next step, `acts` what may be done. No phone."""

    id: UUID
    number: str
    kind: str
    merchant_id: UUID
    division: str
    category: str
    text: str
    wish: str
    state: str
    due_by: date | None
    is_overdue: bool
    is_escalated: bool
    satisfied: bool | None
    official_number: str
    is_malicious: bool
    created_at: datetime
    acts: list[str]
    steps: list[StaffStepAnswer] = []


class StaffComplaintApi(Controller):
    path = "/staff/v1/complaints"
    guards = [Allow(Staff, roles=STAFF_ROLES)]
    tags = ["complaints"]

    @get("/", summary="Complaints of the area")
    async def index(
        self, runtime: Runtime, principal: Staff, chosen: Annotated[str, QueryParameter(name="state")] = ""
    ) -> list[StaffComplaintAnswer]:
        """Those that are open, or in one state, the most urgent first."""
        today = local_date(runtime.clock.now())
        return [_answer(row, today, []) for row in await complaints_of_area(principal, state=chosen)]

    @get("/{complaint_id:uuid}", summary="One complaint of the area with its steps and notes")
    async def one(self, runtime: Runtime, principal: Staff, complaint_id: UUID) -> StaffComplaintAnswer:
        """404 also for a complaint outside the area."""
        return await _one(runtime, await staff_complaint(complaint_id, principal))

    @post("/{complaint_id:uuid}", status_code=200, summary="Take a step with a complaint")
    async def step(
        self, runtime: Runtime, principal: Staff, complaint_id: UUID, data: StaffAct
    ) -> StaffComplaintAnswer:
        """409 where the state does not allow it or somebody else was quicker."""
        row, actor = await staff_complaint(complaint_id, principal), Actor("staff", principal.id)
        if data.act == "note":
            await add_note(row, actor, text=data.text, now=runtime.clock.now())
        else:
            await act(
                runtime,
                row,
                data.act,
                actor,
                text=data.text,
                satisfied=data.satisfied,
                official_number=data.official_number,
                now=runtime.clock.now(),
            )
        return await _one(runtime, await staff_complaint(complaint_id, principal))


async def _one(runtime: Runtime, row: Complaint) -> StaffComplaintAnswer:
    steps = [
        StaffStepAnswer(event=s.event, state=s.state, actor=s.actor_kind, text=s.text, at=s.at)
        for s in await steps_of(row.id, with_notes=True)
    ]
    return _answer(row, local_date(runtime.clock.now()), steps)


def _answer(row: Complaint, today: date, steps: list[StaffStepAnswer]) -> StaffComplaintAnswer:
    return StaffComplaintAnswer(
        id=row.id,
        number=row.number,
        kind=row.kind,
        merchant_id=row.merchant_id,
        division=row.division,
        category=row.category,
        text=row.text,
        wish=row.wish,
        state=row.state,
        due_by=due_on(row),
        is_overdue=is_overdue(row, today),
        is_escalated=row.escalated_state == row.state,
        satisfied=row.satisfied,
        official_number=row.official_number,
        is_malicious=row.is_malicious,
        created_at=row.created_at,
        acts=[*acts_of("staff", row.state, reopened=row.reopened), "note"],
        steps=steps,
    )
