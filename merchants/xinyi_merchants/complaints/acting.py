"""Take one step with a complaint: the edge, the clock, the step, the trail and the news are one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from tortoise.expressions import F

from xinyi_merchants.complaints.errors import ComplaintChanged, ReopenedTooOften
from xinyi_merchants.complaints.models import Complaint, ComplaintStep
from xinyi_merchants.complaints.states import ACTS, ANSWER_DAYS, CLOSE_DAYS, MOST_REOPENS, NEEDS_TEXT, TABLE
from xinyi_merchants.registry.finding import MerchantChanged
from xinyi_platform import audit, outbox
from xinyi_platform.clock import local_date
from xinyi_platform.database import transaction
from xinyi_platform.errors import Forbidden, InvalidField
from xinyi_platform.ids import new_id
from xinyi_platform.runtime import Runtime
from xinyi_platform.transitions import next_state
from xinyi_platform.workdays import add_working_days, working_days_between


@dataclass(frozen=True, slots=True)
class Actor:
    """Who takes a step: resident, operator, staff or system."""

    kind: str
    id: UUID | None = None

    @property
    def label(self) -> str:
        return f"{self.kind}:{self.id}" if self.id else self.kind


SYSTEM = Actor("system")


async def act(
    runtime: Runtime, complaint: Complaint, event: str, actor: Actor, *, text: str = "", now: datetime
) -> str:
    """Take a step and return the new state. The caller has checked that the actor is concerned.

    Raises Forbidden (403), InvalidField (400), TransitionForbidden, ReopenedTooOften and ComplaintChanged (409).
    """
    if event not in ACTS[actor.kind]:
        raise Forbidden
    target = next_state(TABLE, kind="complaint", state=complaint.state, event=event)
    if event == "reopen" and complaint.reopened >= MOST_REOPENS:
        raise ReopenedTooOften(most=MOST_REOPENS)
    text = _checked_text(event, text)
    async with transaction():
        changes = changes_of(complaint, event, now)
        held = Complaint.filter(id=complaint.id, state=complaint.state, reopened=complaint.reopened)
        if not await held.update(state=target, changed_at=now, **changes):
            raise ComplaintChanged
        await _record(complaint, event, target, actor, text, now)
        await runtime.events.publish(MerchantChanged(complaint.merchant_id))
        if event == "accept":
            fresh = await Complaint.get(id=complaint.id)
            target = await act(runtime, fresh, "forward", actor, now=now)
    return target


def _checked_text(event: str, text: str) -> str:
    text = text.strip()
    if len(text) > 2_000:
        raise InvalidField(field="text", zh="内容不超过2000字。", en="At most 2,000 characters.")
    if event in NEEDS_TEXT and len(text) < 2:
        raise InvalidField(field="text", zh="请写明内容或理由。", en="Write the answer or the reason.")
    return text


def changes_of(complaint: Complaint, event: str, now: datetime) -> dict[str, object]:
    """Return what a step changes besides the state: deadlines, pauses and counts."""
    today = local_date(now)
    resumed = _resumed(complaint, complaint.paused_on, today) if complaint.paused_on else {}
    if event == "accept":
        return {"close_by": add_working_days(today, CLOSE_DAYS)}
    if event == "forward":
        return {"answer_by": add_working_days(today, ANSWER_DAYS), "reminded_state": ""}
    if event == "ask":
        return {"paused_on": today}
    if event == "answer":
        in_time = today <= complaint.answer_by and complaint.answered_in_time is not False
        return {"answered_in_time": in_time, "resolved_at": now}
    if event == "resolve":
        return {"resolved_at": now}
    if event == "reopen":
        return {"reopened": F("reopened") + 1, "resolved_at": None}
    return resumed


def _resumed(complaint: Complaint, since: date, today: date) -> dict[str, object]:
    """Let the clock run again: the working days of the pause are added to both deadlines."""
    paused = working_days_between(since, today)
    return {
        "paused_on": None,
        "answer_by": add_working_days(complaint.answer_by, paused),
        "close_by": add_working_days(complaint.close_by, paused),
    }


async def _record(complaint: Complaint, event: str, target: str, actor: Actor, text: str, now: datetime) -> None:
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
    await audit.record(
        f"complaint.{event}",
        actor=actor.label,
        object_kind="complaint",
        object_id=complaint.id,
        detail={"from": complaint.state, "to": target},
        at=now,
    )
    payload = {"complaint": str(complaint.id), "number": complaint.number, "state": target, "event": event}
    audiences = [f"merchant:{complaint.merchant_id}"]
    if complaint.resident_id:
        audiences.append(f"resident:{complaint.resident_id}")
    for audience in audiences:
        await outbox.emit(f"complaint.{target}", payload, audience=audience, at=now)
