"""The sweep over complaints: close what nobody contested, remind of what is near, note what is late."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from xinyi_merchants.complaints.acting import SYSTEM, act
from xinyi_merchants.complaints.errors import ComplaintChanged
from xinyi_merchants.complaints.models import Complaint
from xinyi_merchants.complaints.reading import due_on
from xinyi_merchants.complaints.states import LAPSE_DAYS
from xinyi_merchants.registry.finding import MerchantChanged
from xinyi_platform import audit, outbox
from xinyi_platform.clock import local_date
from xinyi_platform.database import transaction
from xinyi_platform.runtime import Runtime
from xinyi_platform.workdays import add_working_days

BATCH = 200


async def settle_due(runtime: Runtime) -> int:
    """Do one bounded piece of the sweep; it may run twice and late without harm. Returns how many rows it settled."""
    now = runtime.clock.now()
    return await _lapse(runtime, now) + await _note_late(runtime, now) + await _remind(now)


async def _lapse(runtime: Runtime, now: datetime) -> int:
    before = now - timedelta(days=LAPSE_DAYS)
    settled = 0
    for row in await Complaint.filter(state="resolved", resolved_at__lte=before).limit(BATCH):
        try:
            await act(runtime, row, "lapse", SYSTEM, now=now)
        except ComplaintChanged:
            continue  # the complainant was quicker
        settled += 1
    return settled


async def _note_late(runtime: Runtime, now: datetime) -> int:
    """Note once that a merchant did not answer in time, whatever it answers later."""
    late = Complaint.filter(
        state="waiting_merchant", answer_by__lt=local_date(now), answered_in_time__isnull=True
    ).limit(BATCH)
    settled = 0
    for row in await late:
        async with transaction():
            held = Complaint.filter(
                id=row.id, state="waiting_merchant", answer_by=row.answer_by, answered_in_time__isnull=True
            )
            if not await held.update(answered_in_time=False):
                continue
            await _tell("complaint.overdue", row, now, due=row.answer_by)
            await runtime.events.publish(MerchantChanged(row.merchant_id))
        settled += 1
    return settled


async def _remind(now: datetime) -> int:
    """Remind the merchant once a state when its answer is due by the next working day."""
    tomorrow = add_working_days(local_date(now), 1)
    near = Complaint.filter(
        state="waiting_merchant", answer_by__lte=tomorrow, answer_by__gte=local_date(now), reminded_state=""
    ).limit(BATCH)
    settled = 0
    for row in await near:
        async with transaction():
            if not await Complaint.filter(id=row.id, state=row.state, reminded_state="").update(
                reminded_state=row.state
            ):
                continue
            await _tell("complaint.reminder", row, now, due=due_on(row) or row.answer_by)
        settled += 1
    return settled


async def _tell(topic: str, row: Complaint, now: datetime, *, due: date) -> None:
    detail = {"state": row.state, "due": due.isoformat()}
    await audit.record(topic, actor=SYSTEM.label, object_kind="complaint", object_id=row.id, detail=detail, at=now)
    payload = {"complaint": str(row.id), "number": row.number, **detail}
    await outbox.emit(topic, payload, audience=f"merchant:{row.merchant_id}", at=now)
