"""The decisions beside a complaint's handling as JSON for staff: malice and its appeal, and public answers."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from litestar import Controller, get, post

from xinyi_merchants.complaints.marking import DECIDERS, decide_mark, mark_of, marks_waiting, propose_mark
from xinyi_merchants.complaints.models import ComplaintMark
from xinyi_merchants.complaints.public_answers import answers_waiting, decide_answer
from xinyi_merchants.complaints.reading import staff_complaint
from xinyi_merchants.complaints.states import STAFF_ROLES
from xinyi_platform.errors import NotFound
from xinyi_platform.principals import Allow, Staff
from xinyi_platform.runtime import Runtime
from xinyi_platform.schemas import Answer, Request

Reason = Annotated[str, msgspec.Meta(min_length=5, max_length=1_000, examples=["多次以同一虚构事实投诉。"])]


class MarkRequest(Request, kw_only=True, frozen=True):
    """Why a complaint should be found malicious."""

    reason: Reason


class MarkDecision(Request, kw_only=True, frozen=True):
    """What is decided: a proposal is upheld or refused, an appealed finding kept or lifted."""

    act: Literal["uphold", "refuse", "keep", "lift"]
    reason: Reason


class PublicAnswerDecision(Request, kw_only=True, frozen=True):
    """`reason` is needed where an answer is kept back; the shop reads it."""

    is_shown: bool
    reason: Annotated[str, msgspec.Meta(max_length=200, examples=["写出了消费者的姓名。"])] = ""


class MarkAnswer(Answer, kw_only=True, frozen=True):
    """A finding with the reasons of each step."""

    id: UUID
    complaint_id: UUID
    state: str
    reason: str
    made_at: datetime
    decision_reason: str
    decided_at: datetime | None
    appeal_by: date | None
    appeal: str
    appealed_at: datetime | None
    judgement_reason: str
    judged_at: datetime | None


class WaitingAnswer(Answer, kw_only=True, frozen=True):
    """An answer that a shop wants to publish."""

    id: UUID
    complaint_id: UUID
    merchant_id: UUID
    category: str
    text: str
    made_at: datetime


def _mark_answer(row: ComplaintMark) -> MarkAnswer:
    return MarkAnswer(**{name: getattr(row, name) for name in MarkAnswer.__struct_fields__})


class StaffMarkProposals(Controller):
    path = "/staff/v1/complaints/{complaint_id:uuid}/mark"
    guards = [Allow(Staff, roles=STAFF_ROLES)]
    tags = ["complaints"]

    @post("/", status_code=201, summary="Propose that a complaint was malicious")
    async def propose(self, runtime: Runtime, principal: Staff, complaint_id: UUID, data: MarkRequest) -> MarkAnswer:
        """After its end only; another person decides."""
        row = await staff_complaint(complaint_id, principal)
        await propose_mark(runtime, row, principal, reason=data.reason, now=runtime.clock.now())
        mark = await mark_of(row.id)
        if mark is None:
            raise NotFound
        return _mark_answer(mark)


class StaffMarkApi(Controller):
    path = "/staff/v1/complaint-marks"
    guards = [Allow(Staff, roles=DECIDERS)]
    tags = ["complaints"]

    @get("/", summary="Findings of the area that wait for a decision")
    async def index(self, principal: Staff) -> list[MarkAnswer]:
        """Proposals and appeals, the oldest first."""
        return [_mark_answer(row) for row in await marks_waiting(principal)]

    @post("/{mark_id:uuid}", status_code=200, summary="Decide a proposal or an appeal")
    async def decide(self, runtime: Runtime, principal: Staff, mark_id: UUID, data: MarkDecision) -> MarkAnswer:
        """By a person who took no earlier part: 403 otherwise."""
        now = runtime.clock.now()
        return _mark_answer(await decide_mark(runtime, mark_id, principal, data.act, reason=data.reason, now=now))


class StaffPublicAnswerApi(Controller):
    path = "/staff/v1/public-answers"
    guards = [Allow(Staff, roles=STAFF_ROLES)]
    tags = ["complaints"]

    @get("/", summary="Shops' answers that wait to be published")
    async def index(self, principal: Staff) -> list[WaitingAnswer]:
        """Of the area, the oldest first."""
        rows = await answers_waiting(principal)
        names = WaitingAnswer.__struct_fields__
        return [WaitingAnswer(**{name: getattr(row, name) for name in names}) for row in rows]

    @post("/{answer_id:uuid}", status_code=204, summary="Publish an answer, or keep it back")
    async def decide(self, runtime: Runtime, principal: Staff, answer_id: UUID, data: PublicAnswerDecision) -> None:
        """409 where somebody was quicker."""
        now = runtime.clock.now()
        await decide_answer(runtime, answer_id, principal, is_shown=data.is_shown, reason=data.reason, now=now)


ROUTES = (StaffMarkProposals, StaffMarkApi, StaffPublicAnswerApi)
