"""A shop's public answer: it asks to publish one, staff see that it tells nothing of a person, everybody reads it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from xinyi_merchants.complaints.acting import Actor, write_step
from xinyi_merchants.complaints.errors import AnswerDecided, AnswerGiven, NothingAnswered
from xinyi_merchants.complaints.models import Complaint, PublicAnswer
from xinyi_merchants.registry.finding import MerchantChanged
from xinyi_platform import audit, outbox
from xinyi_platform.database import transaction
from xinyi_platform.database.bulk import bulk_insert
from xinyi_platform.errors import InvalidField, NotFound
from xinyi_platform.ids import new_id
from xinyi_platform.language import Text
from xinyi_platform.principals import Staff
from xinyi_platform.runtime import Runtime
from xinyi_platform.tenancy import area_of

STATES: dict[str, Text] = {
    "waiting": Text("待社区查看", "To be looked at by the community"),
    "shown": Text("已公开", "Published"),
    "refused": Text("未公开", "Not published"),
}
ANSWERED = frozenset({"resolved", "confirmed", "reopened", "mediation", "closed_unresolved"})
MOST_SHOWN = 5


async def ask_to_publish(complaint: Complaint, actor: Actor, *, text: str, now: datetime) -> None:
    """Ask that an answer be published on the shop's page. It must not tell who complained.

    Raises InvalidField (400), NothingAnswered (409) before an answer and for reports, AnswerGiven (409).
    """
    text = " ".join(text.split())
    if not 5 <= len(text) <= 500:
        raise InvalidField(field="text", zh="请用5–500字填写公开答复。", en="Answer in 5 to 500 characters.")
    if complaint.kind != "complaint" or complaint.state not in ANSWERED or complaint.answered_in_time is None:
        raise NothingAnswered
    row = {
        "id": new_id(), "complaint_id": complaint.id, "merchant_id": complaint.merchant_id, "reason": "",
        "division": complaint.division, "category": complaint.category, "text": text, "state": "waiting",
        "made_at": now,
    }  # fmt: skip
    async with transaction():
        if not await bulk_insert(PublicAnswer, [row], skip_conflicts=True):
            raise AnswerGiven
        await _record(complaint, "publish", actor, now)


async def decide_answer(
    runtime: Runtime, answer_id: UUID, staff: Staff, *, is_shown: bool, reason: str, now: datetime
) -> None:
    """Publish an answer, or keep it back with the reason, which the shop reads.

    Raises InvalidField (400), NotFound (404) also outside the area, AnswerDecided (409).
    """
    area = area_of(staff).bind(PublicAnswer.filter(id=answer_id))
    answer = await area.first()
    if answer is None:
        raise NotFound
    if not is_shown and not 2 <= len(reason.strip()) <= 200:
        raise InvalidField(field="reason", zh="请用2–200字说明理由。", en="Give the reason in 2 to 200 characters.")
    state = "shown" if is_shown else "refused"
    async with transaction():
        waiting = PublicAnswer.filter(id=answer.id, state="waiting")
        if not await waiting.update(state=state, reason=reason.strip()[:200], decided_by=staff.id, decided_at=now):
            raise AnswerDecided
        complaint = await Complaint.get(id=answer.complaint_id)
        await _record(complaint, "show" if is_shown else "keep_back", Actor("staff", staff.id), now)
        payload = {"complaint": str(complaint.id), "number": complaint.number, "result": state}
        await outbox.emit("complaint.public_answer", payload, audience=f"merchant:{answer.merchant_id}", at=now)
        await runtime.events.publish(MerchantChanged(answer.merchant_id))


async def _record(complaint: Complaint, event: str, actor: Actor, now: datetime) -> None:
    await write_step(complaint, event, complaint.state, actor, "", now)
    await audit.record(
        f"complaint.{event}", actor=actor.label, object_kind="complaint", object_id=complaint.id, detail={}, at=now
    )


async def answer_of(complaint_id: UUID) -> PublicAnswer | None:
    """Return what a shop asked to publish about a complaint; None where it did not."""
    return await PublicAnswer.get_or_none(complaint_id=complaint_id)


async def answers_shown(merchant_id: UUID) -> list[PublicAnswer]:
    """Return a shop's newest public answers."""
    shown = PublicAnswer.filter(merchant_id=merchant_id, state="shown")
    return await shown.order_by("-made_at").limit(MOST_SHOWN)


async def answers_waiting(staff: Staff) -> list[PublicAnswer]:
    """Return what waits to be looked at in the area, the oldest first."""
    waiting = area_of(staff).bind(PublicAnswer.filter(state="waiting"))
    return await waiting.order_by("made_at").limit(200)
