"""Deliver news as signed webhooks by the Standard Webhooks rules, with a published retry schedule.

Headers `webhook-id`, `webhook-timestamp`, `webhook-signature` (`v1` HMAC with the endpoint's secret, once more with the
earlier one for a day after a rotation, and `v1a` Ed25519 with this platform's published key). A receiver may get the
same `webhook-id` twice.
"""

from __future__ import annotations

import asyncio
import base64
import json
from datetime import datetime, timedelta

import httpx
import structlog
from standardwebhooks import Webhook

from xinyi_platform.database.bulk import bulk_insert
from xinyi_platform.ids import new_id
from xinyi_platform.keys import KeyRing
from xinyi_platform.outbox.models import OutboxEvent, WebhookDelivery, WebhookEndpoint
from xinyi_platform.outbox.subscribing import secrets_of, takes
from xinyi_platform.outgoing import http_client

RETRY_SECONDS = (5, 300, 1_800, 7_200, 18_000, 36_000, 36_000)
_LEASE = timedelta(minutes=2)
log = structlog.get_logger(__name__)


async def route_events(now: datetime, *, limit: int = 500) -> int:
    """Make a delivery for each new event and subscribed endpoint. Returns how many events were looked at."""
    events = await OutboxEvent.filter(routed=False).order_by("created_at").limit(limit)
    if not events:
        return 0
    endpoints = await WebhookEndpoint.filter(audience__in={e.audience for e in events}, active=True)
    rows = [
        {"id": new_id(), "event_id": e.id, "endpoint_id": p.id, "state": "due", "attempts": 0, "next_at": now}
        for e in events
        for p in endpoints
        if p.audience == e.audience and takes(p, e.topic)
    ]
    await bulk_insert(WebhookDelivery, rows, skip_conflicts=True)
    await OutboxEvent.filter(id__in=[e.id for e in events]).update(routed=True)
    return len(events)


async def deliver_due(keys: KeyRing, now: datetime, *, limit: int = 50) -> int:
    """Try the deliveries that are due, each claimed by a conditional update first. Returns how many were tried.

    They are tried side by side, so that receivers that do not answer hold up nobody else.
    """
    due = await WebhookDelivery.filter(state="due", next_at__lte=now).order_by("next_at").limit(limit)
    claimed = [delivery for delivery in due if await _claim(delivery, now)]
    async with http_client(timeout_seconds=10) as client:
        await asyncio.gather(*(_deliver(client, keys, delivery, now) for delivery in claimed))
    return len(claimed)


async def _claim(delivery: WebhookDelivery, now: datetime) -> bool:
    mine = WebhookDelivery.filter(id=delivery.id, state="due", next_at=delivery.next_at)
    return bool(await mine.update(next_at=now + _LEASE, attempts=delivery.attempts + 1))


async def _deliver(client: httpx.AsyncClient, keys: KeyRing, delivery: WebhookDelivery, now: datetime) -> None:
    await delivery.fetch_related("event", "endpoint")
    if not delivery.endpoint.active:
        await WebhookDelivery.filter(id=delivery.id).update(state="dead")
        return
    body = envelope(delivery.event)
    try:
        answer = await client.post(
            delivery.endpoint.url,
            content=body,
            headers=sign(keys, delivery.event, delivery.endpoint, body, now),
        )
        status: int | None = answer.status_code
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        log.info("webhook_failed", endpoint=str(delivery.endpoint.id), error=type(error).__name__)
        status = None
    await _settle(delivery, status, now)


def envelope(event: OutboxEvent) -> bytes:
    """Return the body that is sent: type, timestamp and data."""
    document = {"type": event.topic, "timestamp": event.created_at.isoformat(), "data": event.payload}
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def sign(keys: KeyRing, event: OutboxEvent, endpoint: WebhookEndpoint, body: bytes, now: datetime) -> dict[str, str]:
    """Return the headers of one delivery."""
    identity = f"msg_{event.id}"
    signatures = " ".join(
        Webhook(secret).sign(identity, now, body.decode()) for secret in secrets_of(keys, endpoint, now)
    )
    content = f"{identity}.{int(now.timestamp())}.".encode() + body
    ed25519 = base64.b64encode(keys.current("webhook").private().sign(content)).decode()
    return {
        "content-type": "application/json",
        "webhook-id": identity,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": f"{signatures} v1a,{ed25519}",
    }


async def _settle(delivery: WebhookDelivery, status: int | None, now: datetime) -> None:
    if status is not None and 200 <= status < 300:
        await WebhookDelivery.filter(id=delivery.id).update(state="delivered", delivered_at=now, last_status=status)
        return
    if status == 410:
        await WebhookEndpoint.filter(id=delivery.endpoint.id).update(active=False)
    tries = delivery.attempts
    if status == 410 or tries >= len(RETRY_SECONDS):
        await WebhookDelivery.filter(id=delivery.id).update(state="dead", last_status=status)
        return
    next_at = now + timedelta(seconds=RETRY_SECONDS[tries])
    await WebhookDelivery.filter(id=delivery.id).update(next_at=next_at, last_status=status)
