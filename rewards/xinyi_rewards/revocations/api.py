"""Revocations as JSON for staff's own systems: the same acts as in the console."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from litestar import Controller, get, post

from xinyi_platform.principals import Allow, Staff
from xinyi_platform.runtime import Runtime
from xinyi_platform.schemas import Answer, Request
from xinyi_rewards.honor_lists.noting import note_look
from xinyi_rewards.honor_lists.states import MAKERS
from xinyi_rewards.revocations.models import Revocation
from xinyi_rewards.revocations.reading import waiting_in
from xinyi_rewards.revocations.revoking import decide_revocation, propose_revocation

Reason = Annotated[str, msgspec.Meta(min_length=2, max_length=400, examples=["同名同姓,登记有误"])]


class Proposal(Request, kw_only=True, frozen=True):
    """`document`: the number of what it rests on; a mirrored entry needs that of the determining unit's correction."""

    reason: Reason
    document: Annotated[str, msgspec.Meta(max_length=80)] = ""


class RevocationDecision(Request, kw_only=True, frozen=True):
    verdict: Literal["confirm", "refuse"]
    reason: Reason


class RevocationAnswer(Answer, kw_only=True, frozen=True):
    """A proposal that waits: the entry is not displayed until it is decided, by `decide_by` at the latest."""

    id: UUID
    entry: UUID
    reason: str
    document: str
    proposed_at: datetime
    decide_by: date


class StaffRevocationController(Controller):
    path = "/staff/v1"
    guards = [Allow(Staff, roles=MAKERS)]
    tags = ["honor-lists"]

    @post("/honor-entries/{entry_id:uuid}/revocations", operation_id="proposeRevocation")
    async def propose(self, runtime: Runtime, principal: Staff, entry_id: UUID, data: Proposal) -> RevocationAnswer:
        """Propose to end an entry of my area that is wrong; it is off every page at once."""
        now = runtime.clock.now()
        row = await propose_revocation(runtime, entry_id, principal, reason=data.reason, document=data.document, at=now)
        return _answer(row)

    @get("/revocations", operation_id="listRevocations")
    async def index(self, runtime: Runtime, principal: Staff) -> list[RevocationAnswer]:
        """The proposals of my area that wait, the most urgent first; that I looked is on record."""
        rows = await waiting_in(principal)
        await note_look([row.entry_id for row in rows], principal, at=runtime.clock.now())
        return [_answer(row) for row in rows]

    @post("/revocations/{revocation_id:uuid}/decide", status_code=204, operation_id="decideRevocation")
    async def decide(self, runtime: Runtime, principal: Staff, revocation_id: UUID, data: RevocationDecision) -> None:
        """Confirm what somebody else proposed, which ends the entry everywhere, or refuse it, which shows it again."""
        is_confirmed, now = data.verdict == "confirm", runtime.clock.now()
        await decide_revocation(
            runtime, revocation_id, principal, is_confirmed=is_confirmed, reason=data.reason, at=now
        )


def _answer(row: Revocation) -> RevocationAnswer:
    return RevocationAnswer(
        id=row.id,
        entry=row.entry_id,
        reason=row.reason,
        document=row.document,
        proposed_at=row.proposed_at,
        decide_by=row.decide_by,
    )


ROUTES = (StaffRevocationController,)
