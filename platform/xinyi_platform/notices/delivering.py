"""Bring notices to phones by SMS: each delivery claimed by one worker, tried again on a schedule, given up in the end.

A text that the gateway has acknowledged is not sent again: its row is settled. Where the acknowledgement is lost on
the way, or a worker dies before it is written down, the next try carries the same key, by which the gateway knows it.
"""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import structlog

from xinyi_platform.identity import resident_phone
from xinyi_platform.notices.choosing import choices_of
from xinyi_platform.notices.models import Notice, NoticeDelivery
from xinyi_platform.runtime import Runtime
from xinyi_platform.sms import SmsAnswer, SmsGateway, sms_gateway

RETRY_SECONDS = (30, 120, 600, 1_800, 7_200, 21_600, 43_200)
# Longer than any answer is waited for, so that nobody else sends while one still does.
_LEASE = timedelta(minutes=2)
log = structlog.get_logger(__name__)


async def deliver_notices(runtime: Runtime, *, limit: int = 50) -> int:
    """Try the deliveries that are due. Returns how many were tried; any number of workers may run it at once."""
    gateway, now = sms_gateway(runtime.settings), runtime.clock.now()
    due = NoticeDelivery.filter(state="due", channel="sms", next_at__lte=now).order_by("next_at", "id").limit(limit)
    claimed = [delivery for delivery in await due.prefetch_related("notice") if await _claim(delivery, now)]
    await asyncio.gather(*(_deliver(runtime, gateway, delivery, now) for delivery in claimed))
    return len(claimed)


async def _claim(delivery: NoticeDelivery, now: datetime) -> bool:
    mine = NoticeDelivery.filter(id=delivery.id, state="due", next_at=delivery.next_at, attempts=delivery.attempts)
    delivery.attempts += 1
    return bool(await mine.update(next_at=now + _LEASE, attempts=delivery.attempts))


async def _deliver(runtime: Runtime, gateway: SmsGateway | None, delivery: NoticeDelivery, now: datetime) -> None:
    notice = delivery.notice
    phone = await resident_phone(runtime, notice.resident_id) if await _is_wanted(notice) else None
    if phone is None:
        await _settle(delivery, "skipped", now)
    elif gateway is None:
        log.info("sms_shown", notice=str(notice.id), kind=notice.kind)  # the demo: its text is in the app
        await _settle(delivery, "shown", now)
    else:
        text = sms_text(notice, public_url=runtime.settings.public_url)
        await _take(delivery, await gateway.post(phone, text, key=str(delivery.id), at=now), now)


async def _is_wanted(notice: Notice) -> bool:
    """Tell whether she still waits for it: it is unread, and she has not switched the way off since."""
    choices = await choices_of([notice.resident_id])
    return notice.read_at is None and choices[notice.resident_id].wants_sms(about_loss=notice.about_loss)


def sms_text(notice: Notice, *, public_url: str) -> str:
    """Return what stands on the phone: the title and where to read on. Reasons are read in the app, signed in."""
    return f"【信易+】{notice.title_zh}。详情与办法:{public_url}/app/notices/{notice.id}"


async def _take(delivery: NoticeDelivery, answer: SmsAnswer, now: datetime) -> None:
    if answer.outcome == "taken":
        await _settle(delivery, "sent", now, answer.status)
    elif answer.outcome == "refused" or delivery.attempts > len(RETRY_SECONDS):
        log.warning("sms_given_up", delivery=str(delivery.id), status=answer.status, attempts=delivery.attempts)
        await _settle(delivery, "dead", now, answer.status)
    else:
        wait = max(RETRY_SECONDS[delivery.attempts - 1], answer.retry_after_seconds or 0)
        mine = NoticeDelivery.filter(id=delivery.id, state="due", attempts=delivery.attempts)
        await mine.update(next_at=now + timedelta(seconds=wait), last_status=answer.status)


async def _settle(delivery: NoticeDelivery, state: str, now: datetime, status: int | None = None) -> None:
    """End a delivery. An acknowledged one ends whoever is at it; otherwise only the holder of the last try may."""
    rows = NoticeDelivery.filter(id=delivery.id, state="due")
    if state != "sent":
        rows = rows.filter(attempts=delivery.attempts)
    await rows.update(state=state, settled_at=now, last_status=status)
