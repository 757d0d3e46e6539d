"""The sweep over complaints: close what nobody contested, let clocks run on, remind, and raise what is late."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from tortoise.expressions import Q
from tortoise.queryset import QuerySet

from xinyi_merchants.complaints.acting import SYSTEM, act, audiences_of
from xinyi_merchants.complaints.deadlines import confirm_by, due_on, lapses_before, reminder_due
from xinyi_merchants.complaints.errors import ComplaintChanged
from xinyi_merchants.complaints.models import Complaint, ComplaintStep
from xinyi_merchants.registry.finding import MerchantChanged
from xinyi_platform import audit, outbox
from xinyi_platform.clock import local_date
from xinyi_platform.database import transaction
from xinyi_platform.ids import new_id
from xinyi_platform.runtime import Runtime
from xinyi_platform.workdays import add_working_days

BATCH = 200
_SETTLING = ("accepted", "mediation", "reopened")


async def settle_due(runtime: Runtime) -> int:
    """Do one bounded piece of the sweep; it may run twice and late without harm. Returns how many rows it settled."""
    now = runtime.clock.now()
    settled = await _lapse(runtime, now) + await _resume(runtime, now)
    return settled + await _escalate(runtime, now) + await _remind(now)


async def _lapse(runtime: Runtime, now: datetime) -> int:
    """Close what was answered and not contested within its days."""
    answered = Complaint.filter(state="resolved", resolved_at__lte=lapses_before(now)).order_by("resolved_at")
    rows = await answered.limit(BATCH)
    over = [row for row in rows if row.resolved_at and confirm_by(row.resolved_at) < local_date(now)]
    return await _step_all(runtime, over, "lapse", now)


async def _resume(runtime: Runtime, now: datetime) -> int:
    """Let the merchant's clock run on where the consumer did not reply, so that a question never parks a complaint."""
    silent = Complaint.filter(state="waiting_consumer", reply_by__lt=local_date(now))
    return await _step_all(runtime, await silent.order_by("reply_by").limit(BATCH), "resume", now)


async def _step_all(runtime: Runtime, rows: list[Complaint], event: str, now: datetime) -> int:
    settled = 0
    for row in rows:
        try:
            await act(runtime, row, event, SYSTEM, now=now)
        except ComplaintChanged:
            continue  # somebody concerned was quicker
        settled += 1
    return settled


def late(today: date) -> QuerySet[Complaint]:
    """Return the complaints with which the authority or the merchant is late."""
    return Complaint.filter(
        Q(state="submitted", accept_by__lt=today)
        | Q(state="waiting_merchant", answer_by__lt=today)
        | Q(state__in=_SETTLING, close_by__lt=today)
    )


async def _escalate(runtime: Runtime, now: datetime) -> int:
    """Raise each late complaint with the community once a state, and note for good that the answer came late."""
    settled = 0
    for state in ("submitted", "waiting_merchant", *_SETTLING):
        rows = await late(local_date(now)).filter(state=state).exclude(escalated_state=state).limit(BATCH)
        for row in rows:
            settled += await _escalate_one(runtime, row, now)
    return settled


async def _escalate_one(runtime: Runtime, row: Complaint, now: datetime) -> int:
    changes: dict[str, Any] = {"escalated_state": row.state}
    if row.state == "waiting_merchant":
        changes["answered_in_time"] = False
    async with transaction():
        same = Complaint.filter(
            id=row.id, state=row.state, answer_by=row.answer_by, escalated_state=row.escalated_state
        )
        if not await same.update(**changes):
            return 0
        await ComplaintStep.create(
            id=new_id(),
            complaint_id=row.id,
            event="escalate",
            state=row.state,
            actor_kind=SYSTEM.kind,
            actor_id=None,
            text="",
            at=now,
        )
        await _tell("complaint.overdue", row, now)
        await runtime.events.publish(MerchantChanged(row.merchant_id))
    return 1


async def _remind(now: datetime) -> int:
    """Remind the merchant at half of its time and on the day before, each once."""
    today = local_date(now)
    near = Complaint.filter(
        state="waiting_merchant", answer_by__lte=add_working_days(today, 5), answer_by__gte=today, reminded__lt=2
    ).order_by("answer_by")
    settled = 0
    for row in await near.limit(BATCH):
        level = reminder_due(row, today)
        if level <= row.reminded:
            continue
        async with transaction():
            same = Complaint.filter(id=row.id, state=row.state, reminded=row.reminded)
            if not await same.update(reminded=level):
                continue
            await _tell("complaint.reminder", row, now)
        settled += 1
    return settled


async def _tell(topic: str, row: Complaint, now: datetime) -> None:
    due = due_on(row)
    detail = {"state": row.state, "due": due.isoformat() if due else ""}
    await audit.record(topic, actor=SYSTEM.label, object_kind="complaint", object_id=row.id, detail=detail, at=now)
    payload = {"complaint": str(row.id), "number": row.number, **detail}
    for audience in audiences_of(row):
        await outbox.emit(topic, payload, audience=audience, at=now)
