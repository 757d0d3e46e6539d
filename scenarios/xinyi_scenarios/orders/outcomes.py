"""How an order was kept goes back to the bureau, and only under the resident's consent at that moment.

The outcome is noted with the completion, in one transaction; a job tells it. Who has not consented when it is told, or
has withdrawn meanwhile, is never told about. The bureau knows an outcome by its id, so that a second try counts once.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from xinyi_platform import audit
from xinyi_platform.bureau import BureauSilent
from xinyi_platform.consents import ConsentWithdrawn, live_consent
from xinyi_platform.credit import record_disclosure
from xinyi_platform.database import transaction
from xinyi_platform.identity import resident_profile
from xinyi_platform.ids import new_id
from xinyi_platform.runtime import Runtime
from xinyi_scenarios.orders.models import OrderOutcome, ServiceOrder

PURPOSE = "outcome.bureau"
RETRY_SECONDS = (30, 120, 600, 3_600, 21_600, 86_400, 86_400)


async def note_outcome(order: ServiceOrder, *, at: datetime) -> None:
    """Note how a completed order was kept, in the completion's transaction."""
    consent = await live_consent(order.resident_id, PURPOSE, at=at)
    await OrderOutcome.create(
        id=new_id(),
        order_id=order.id,
        resident_id=order.resident_id,
        kept="late" if order.overdue_at is not None or order.due_at < at else "in_time",
        state="due" if consent else "withheld",
        next_at=at,
        settled_at=None if consent else at,
    )


async def withhold_outcomes(news: ConsentWithdrawn) -> None:
    """Tell nothing of what was due when the consent was withdrawn, even if she consents again."""
    if news.purpose != PURPOSE:
        return
    for outcome in await OrderOutcome.filter(resident_id=news.resident_id, state="due").order_by("id"):
        await _settle(outcome, "withheld", news.at)


async def tell_outcomes(runtime: Runtime, *, limit: int = 100) -> int:
    """Tell the bureau what is due. Returns how many were tried; any number of workers may run it at once."""
    now = runtime.clock.now()
    due = await OrderOutcome.filter(state="due", next_at__lte=now).order_by("next_at").limit(limit)
    tried = 0
    for outcome in due:
        tried += await _tell(runtime, outcome, now)
    return tried


async def _tell(runtime: Runtime, outcome: OrderOutcome, now: datetime) -> bool:
    wait = RETRY_SECONDS[min(outcome.attempts, len(RETRY_SECONDS) - 1)]
    mine = OrderOutcome.filter(id=outcome.id, state="due", attempts=outcome.attempts)
    if not await mine.update(attempts=outcome.attempts + 1, next_at=now + timedelta(seconds=wait)):
        return False
    consent = await live_consent(outcome.resident_id, PURPOSE, at=now)
    if consent is None:
        await _settle(outcome, "withheld", now)
        return True
    person = await resident_profile(runtime, outcome.resident_id)
    try:
        await runtime.bureau.tell_outcome(
            outcome_id=outcome.id, subject=person.identity_number, kept=outcome.kept, consent_id=consent.id
        )
    except BureauSilent:
        if outcome.attempts + 1 >= len(RETRY_SECONDS):
            await _settle(outcome, "given_up", now)
        return True
    async with transaction():
        if not await _settle(outcome, "told", now) and await OrderOutcome.exists(id=outcome.id, state="told"):
            return True  # an overlapping worker told it too, and has put it on her record
        words = "order:订单按时完成" if outcome.kept == "in_time" else "order:订单逾期完成"
        await record_disclosure(
            outcome.resident_id, reader="bureau", purpose=PURPOSE, reason=words, consent_id=consent.id, at=now
        )
    return True


async def _settle(outcome: OrderOutcome, state: str, now: datetime) -> bool:
    async with transaction():
        is_mine = await OrderOutcome.filter(id=outcome.id, state="due").update(state=state, settled_at=now) == 1
        if is_mine:
            await audit.record(
                f"order_outcome.{state}", actor="job:outcomes", object_kind="service_order",
                object_id=outcome.order_id, detail={"kept": outcome.kept}, at=now,
            )  # fmt: skip
    return is_mine
