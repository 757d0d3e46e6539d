"""Take one step with a complaint: the edge, the clock, the step, the trail and the news are one transaction."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from xinyi_merchants.complaints.deadlines import changes_of
from xinyi_merchants.complaints.errors import ComplaintChanged, ReopenedTooOften
from xinyi_merchants.complaints.models import Complaint, ComplaintStep
from xinyi_merchants.complaints.states import ACTS, ASKS_SATISFACTION, MOST_REOPENS, NEEDS_TEXT, OPEN, TABLE
from xinyi_merchants.complaints.telling import tell_step
from xinyi_merchants.registry.finding import MerchantChanged
from xinyi_platform import audit, outbox
from xinyi_platform.database import transaction
from xinyi_platform.errors import Forbidden, InvalidField
from xinyi_platform.ids import new_id
from xinyi_platform.runtime import Runtime
from xinyi_platform.transitions import next_state


@dataclass(frozen=True, slots=True)
class Actor:
    """Who takes a step: resident, visitor (who proved number and phone), operator, staff or system."""

    kind: str
    id: UUID | None = None

    @property
    def part(self) -> str:
        """Return the part that the actor plays: a visitor is a consumer like a resident."""
        return "resident" if self.kind == "visitor" else self.kind

    @property
    def label(self) -> str:
        return f"{self.kind}:{self.id}" if self.id else self.kind


SYSTEM = Actor("system")
_OFFICIAL_NUMBER = re.compile(r"[0-9A-Za-z-]{6,40}")


async def act(
    runtime: Runtime,
    complaint: Complaint,
    event: str,
    actor: Actor,
    *,
    text: str = "",
    satisfied: bool | None = None,
    official_number: str = "",
    now: datetime,
) -> str:
    """Take a step and return the new state. The caller has checked that the actor is concerned.

    Accepting a complaint passes it on to the shop at once; a report waits until staff pass it on. `satisfied` goes
    with confirm and conclude, `official_number` (what 12315 gave) with hand_over and nothing else. Raises Forbidden
    (403), InvalidField (400), TransitionForbidden, ReopenedTooOften, AskedTooLate, AskedTooOften and
    ComplaintChanged (409).
    """
    if event not in ACTS[actor.part]:
        raise Forbidden
    target = next_state(TABLE, kind="complaint", state=complaint.state, event=event)
    if event == "reopen" and complaint.reopened >= MOST_REOPENS:
        raise ReopenedTooOften(most=MOST_REOPENS)
    text = _checked_text(event, text)
    said = _said(event, satisfied, official_number)
    async with transaction():
        changes = changes_of(complaint, event, now) | said
        if target not in OPEN:
            changes["open_key"] = None
        held = Complaint.filter(id=complaint.id, state=complaint.state, reopened=complaint.reopened)
        if not await held.update(state=target, changed_at=now, **changes):
            raise ComplaintChanged
        await _record(complaint, event, target, actor, text, now)
        await tell_step(await Complaint.get(id=complaint.id), event, text, at=now)
        await runtime.events.publish(MerchantChanged(complaint.merchant_id))
        if event == "accept" and complaint.kind == "complaint":
            fresh = await Complaint.get(id=complaint.id)
            target = await act(runtime, fresh, "forward", actor, now=now)
    return target


def _said(event: str, satisfied: bool | None, official_number: str) -> dict[str, object]:
    """Return what a step's words set besides the state. Raises InvalidField (400)."""
    said: dict[str, object] = {}
    if event in ASKS_SATISFACTION and satisfied is not None:
        said["satisfied"] = satisfied
    if event == "hand_over":
        number = official_number.strip()
        if not _OFFICIAL_NUMBER.fullmatch(number):
            raise InvalidField(
                field="official_number",
                zh="请填写12315登记编号(6–40位字母、数字或短横)。",
                en="Enter the number that 12315 gave: 6 to 40 letters, digits or hyphens.",
            )
        said["official_number"] = number
    return said


def _checked_text(event: str, text: str) -> str:
    text = text.strip()
    if len(text) > 2_000:
        raise InvalidField(field="text", zh="内容不超过2000字。", en="At most 2,000 characters.")
    if (event in NEEDS_TEXT or event == "note") and len(text) < 2:
        raise InvalidField(field="text", zh="请写明内容或理由。", en="Write the answer or the reason.")
    return text


async def add_note(complaint: Complaint, actor: Actor, *, text: str, now: datetime) -> None:
    """Write a note that only staff read. Raises InvalidField (400)."""
    text = _checked_text("note", text)
    async with transaction():
        await write_step(complaint, "note", complaint.state, actor, text, now)
        await _trail(complaint, "note", complaint.state, actor, now)


async def _record(complaint: Complaint, event: str, target: str, actor: Actor, text: str, now: datetime) -> None:
    await write_step(complaint, event, target, actor, text, now)
    await _trail(complaint, event, target, actor, now)
    payload = {"complaint": str(complaint.id), "number": complaint.number, "state": target, "event": event}
    for audience in audiences_of(complaint, is_shared=event == "forward"):
        await outbox.emit(f"complaint.{target}", payload, audience=audience, at=now)


def audiences_of(complaint: Complaint, *, is_shared: bool = False) -> list[str]:
    """Return whom news of a complaint goes to: the shop once it was passed on, the resident always."""
    audiences = []
    if complaint.shared_at or is_shared:
        audiences.append(f"merchant:{complaint.merchant_id}")
    if complaint.resident_id:
        audiences.append(f"resident:{complaint.resident_id}")
    return audiences


async def write_step(complaint: Complaint, event: str, target: str, actor: Actor, text: str, now: datetime) -> None:
    """Write a line of a complaint's timeline, in the caller's transaction."""
    await ComplaintStep.create(
        id=new_id(),
        complaint_id=complaint.id,
        event=event,
        state=target,
        actor_kind=actor.kind,
        actor_id=actor.id,
        text=text,
        at=now,
    )


async def _trail(complaint: Complaint, event: str, target: str, actor: Actor, now: datetime) -> None:
    await audit.record(
        f"complaint.{event}",
        actor=actor.label,
        object_kind="complaint",
        object_id=complaint.id,
        detail={"from": complaint.state, "to": target},
        at=now,
    )
