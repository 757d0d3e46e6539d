"""Malicious complaints: proposed with reasons after the end, found by another person, appealed, judged by a third.

What is found malicious counts in no number about the shop. While an appeal runs it counts again: nobody loses her
voice before she was heard. How the complaint itself was handled stays as it is.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from xinyi_merchants.complaints.acting import Actor, write_step
from xinyi_merchants.complaints.errors import AppealTooLate, MarkChanged, MarkedAlready, MarkTooEarly, OwnMark
from xinyi_merchants.complaints.models import Complaint, ComplaintMark
from xinyi_merchants.complaints.policy import limit_of
from xinyi_merchants.complaints.states import OPEN
from xinyi_merchants.complaints.telling import tell_mark
from xinyi_merchants.registry.finding import MerchantChanged
from xinyi_platform import audit
from xinyi_platform.clock import local_date
from xinyi_platform.database import transaction
from xinyi_platform.database.bulk import bulk_insert
from xinyi_platform.errors import InvalidField, NotFound
from xinyi_platform.ids import new_id
from xinyi_platform.language import Text
from xinyi_platform.principals import Role, Staff
from xinyi_platform.runtime import Runtime
from xinyi_platform.tenancy import area_of
from xinyi_platform.transitions import Transitions, next_state

STATES: dict[str, Text] = {
    "proposed": Text("待认定", "To be decided"),
    "refused": Text("未认定", "Not found malicious"),
    "upheld": Text("认定为恶意投诉", "Found malicious"),
    "appealed": Text("申诉中", "Appealed"),
    "kept": Text("维持认定", "Appeal dismissed"),
    "lifted": Text("已撤销认定", "Appeal upheld"),
}
TABLE: Transitions = {
    "proposed": {"uphold": "upheld", "refuse": "refused"},
    "upheld": {"appeal": "appealed"},
    "appealed": {"keep": "kept", "lift": "lifted"},
    "refused": {},
    "kept": {},
    "lifted": {},
}
COUNTS_NOWHERE = frozenset({"upheld", "kept"})
DECIDERS = [Role.REVIEWER, Role.CREDIT_OFFICE]


async def propose_mark(runtime: Runtime, complaint: Complaint, staff: Staff, *, reason: str, now: datetime) -> None:
    """Propose that a complaint was malicious, with the reasons; another person decides.

    Raises InvalidField (400), MarkTooEarly (409) before its end, and MarkedAlready (409).
    """
    reason = _checked(reason)
    if complaint.state in OPEN or complaint.kind != "complaint":
        raise MarkTooEarly
    row = {
        "id": new_id(), "complaint_id": complaint.id, "division": complaint.division, "state": "proposed",
        "reason": reason, "maker_id": staff.id, "maker_person": staff.person, "made_at": now, "decision_reason": "",
        "appeal": "", "judgement_reason": "",
    }  # fmt: skip
    async with transaction():
        if not await bulk_insert(ComplaintMark, [row], skip_conflicts=True):
            raise MarkedAlready
        await _record(complaint, "mark", staff.label, now)


async def decide_mark(
    runtime: Runtime, mark_id: UUID, staff: Staff, event: str, *, reason: str, now: datetime
) -> ComplaintMark:
    """Uphold or refuse a proposal, keep or lift what was appealed; by a person who took no earlier part.

    Raises InvalidField (400), OwnMark (403), NotFound (404), TransitionForbidden and MarkChanged (409).
    """
    mark = await mark_of_area(mark_id, staff)
    reason = _checked(reason)
    target = next_state(TABLE, kind="complaint_mark", state=mark.state, event=event)
    if staff.person in (mark.maker_person, mark.decider_person):
        raise OwnMark
    if mark.state == "proposed":
        last = limit_of("appeal", local_date(now)).end(local_date(now))
        values: dict[str, object] = {"decider_person": staff.person, "decision_reason": reason, "decided_at": now}
        values |= {"appeal_by": last} if event == "uphold" else {}
    else:
        values = {"judge_person": staff.person, "judgement_reason": reason, "judged_at": now}
    return await _step(runtime, mark, event, target, staff.label, values, now)


async def appeal_mark(
    runtime: Runtime, complaint_id: UUID, resident_id: UUID, *, text: str, now: datetime
) -> ComplaintMark:
    """Appeal against the finding about one's own complaint, within its days.

    Raises NotFound (404), InvalidField (400), AppealTooLate, TransitionForbidden and MarkChanged (409).
    """
    complaint = await Complaint.get_or_none(id=complaint_id, resident_id=resident_id)
    mark = await mark_of(complaint_id) if complaint else None
    if mark is None:
        raise NotFound
    text = _checked(text)
    target = next_state(TABLE, kind="complaint_mark", state=mark.state, event="appeal")
    if mark.appeal_by is None or local_date(now) > mark.appeal_by:
        raise AppealTooLate
    values: dict[str, object] = {"appeal": text, "appealed_at": now}
    return await _step(runtime, mark, "appeal", target, f"resident:{resident_id}", values, now)


async def _step(
    runtime: Runtime, mark: ComplaintMark, event: str, target: str, actor: str, values: dict[str, object], now: datetime
) -> ComplaintMark:
    async with transaction():
        if not await ComplaintMark.filter(id=mark.id, state=mark.state).update(state=target, **values):
            raise MarkChanged
        await Complaint.filter(id=mark.complaint_id).update(is_malicious=target in COUNTS_NOWHERE)
        complaint = await Complaint.get(id=mark.complaint_id)
        await _record(complaint, event, actor, now)
        made = await ComplaintMark.get(id=mark.id)
        await tell_mark(complaint, made, at=now)
        await runtime.events.publish(MerchantChanged(complaint.merchant_id))
    return made


async def _record(complaint: Complaint, event: str, actor: str, now: datetime) -> None:
    kind, _, identity = actor.partition(":")
    await write_step(complaint, event, complaint.state, Actor(kind, UUID(identity)), "", now)
    await audit.record(
        f"complaint_mark.{event}", actor=actor, object_kind="complaint", object_id=complaint.id, detail={}, at=now
    )


async def mark_of(complaint_id: UUID) -> ComplaintMark | None:
    """Return the mark of a complaint; None where nobody proposed one."""
    return await ComplaintMark.get_or_none(complaint_id=complaint_id)


async def mark_of_area(mark_id: UUID, staff: Staff) -> ComplaintMark:
    """Return a mark of the area that a member of staff serves. Raises NotFound (404) for any other."""
    mark = await area_of(staff).bind(ComplaintMark.filter(id=mark_id)).first()
    if mark is None:
        raise NotFound
    return mark


async def marks_waiting(staff: Staff) -> list[ComplaintMark]:
    """Return what waits for a decision in the area, the oldest first."""
    waiting = area_of(staff).bind(ComplaintMark.filter(state__in=["proposed", "appealed"]))
    return await waiting.order_by("made_at").limit(200)


def _checked(text: str) -> str:
    if not 5 <= len(text.strip()) <= 1_000:
        raise InvalidField(field="text", zh="请用5–1000字写明理由。", en="Give the reasons in 5 to 1,000 characters.")
    return text.strip()
