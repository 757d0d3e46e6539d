"""News reaches its subscribers as Standard Webhooks: signed, tried again on schedule, given up in the end."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from standardwebhooks import Webhook
from standardwebhooks.webhooks import WebhookVerificationError

from xinyi_platform.clock import FixedClock
from xinyi_platform.database import transaction
from xinyi_platform.outbox import OutboxEvent, WebhookDelivery, WebhookEndpoint, emit
from xinyi_platform.outbox.delivering import RETRY_SECONDS, deliver_due, route_events
from xinyi_platform.outbox.subscribing import subscribe, unsubscribe
from xinyi_platform.runtime import Runtime

pytestmark = pytest.mark.anyio
AUDIENCE = "partner:0192"
Sweep = Callable[[], Any]


@pytest.fixture
async def subscription(runtime: Runtime, receiver: Any) -> tuple[UUID, str]:
    return await subscribe(
        runtime.keys, audience=AUDIENCE, url=receiver.url, topics=[], strict=False, at=runtime.clock.now()
    )


@pytest.fixture
def sweep(runtime: Runtime) -> Sweep:
    """One beat of the job."""

    async def run() -> int:
        await route_events(runtime.clock.now())
        return await deliver_due(runtime.keys, runtime.clock.now())

    return run


async def tell(clock: FixedClock, topic: str = "order.done", audience: str = AUDIENCE) -> None:
    await emit(topic, {"order": "A1", "name": "完成"}, audience=audience, at=clock.now())


async def test_news_arrives_once_and_its_signature_is_verified_by_the_reference_library(
    subscription: tuple[UUID, str], receiver: Any, sweep: Sweep, clock: FixedClock
) -> None:
    await tell(clock)
    assert [await sweep(), await sweep()] == [1, 0]
    (got,) = receiver.received
    opened = Webhook(subscription[1]).verify(got.body, got.headers)
    assert opened == {
        "type": "order.done",
        "timestamp": clock.now().isoformat(),
        "data": {"order": "A1", "name": "完成"},
    }
    event, delivery = await OutboxEvent.get(), await WebhookDelivery.get()
    assert got.headers["webhook-id"] == f"msg_{event.id}"
    assert got.headers["content-type"] == "application/json"
    assert (delivery.state, delivery.attempts, delivery.last_status) == ("delivered", 1, 204)


async def test_a_changed_body_or_another_secret_fails_the_check(
    subscription: tuple[UUID, str], receiver: Any, sweep: Sweep, clock: FixedClock
) -> None:
    await tell(clock)
    await sweep()
    (got,) = receiver.received
    with pytest.raises(WebhookVerificationError):
        Webhook(subscription[1]).verify(got.body.replace(b"A1", b"A2"), got.headers)
    with pytest.raises(WebhookVerificationError):
        Webhook("whsec_" + base64.b64encode(b"x" * 32).decode()).verify(got.body, got.headers)


async def test_the_second_signature_is_checked_with_the_published_key(
    subscription: tuple[UUID, str], receiver: Any, sweep: Sweep, clock: FixedClock, runtime: Runtime
) -> None:
    await tell(clock)
    await sweep()
    (got,) = receiver.received
    signature = next(p for p in got.headers["webhook-signature"].split() if p.startswith("v1a,"))[4:]
    (published,) = runtime.keys.public_keys("webhook")
    key = Ed25519PublicKey.from_public_bytes(base64.urlsafe_b64decode(published["x"] + "="))
    head = f"{got.headers['webhook-id']}.{got.headers['webhook-timestamp']}.".encode()
    key.verify(base64.b64decode(signature), head + got.body)
    with pytest.raises(InvalidSignature):
        key.verify(base64.b64decode(signature), head + got.body + b" ")


async def test_what_was_rolled_back_is_never_told(
    subscription: tuple[UUID, str], receiver: Any, sweep: Sweep, clock: FixedClock
) -> None:
    async def fail() -> None:
        async with transaction():
            await tell(clock)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert await sweep() == 0
    assert receiver.received == []


async def test_a_failing_receiver_is_tried_on_the_published_schedule_and_then_given_up(
    subscription: tuple[UUID, str], receiver: Any, sweep: Sweep, clock: FixedClock
) -> None:
    receiver.status = 500
    await tell(clock)
    await sweep()
    for tried, wait in enumerate(RETRY_SECONDS, 1):
        assert len(receiver.received) == tried
        clock.advance(timedelta(seconds=wait - 1))
        assert await sweep() == 0, f"too early for try {tried + 1}"
        clock.advance(timedelta(seconds=1))
        assert await sweep() == 1
    clock.advance(timedelta(days=30))
    assert await sweep() == 0
    assert len(receiver.received) == len(RETRY_SECONDS) + 1
    assert len({got.headers["webhook-id"] for got in receiver.received}) == 1
    delivery = await WebhookDelivery.get()
    assert (delivery.state, delivery.last_status) == ("dead", 500)


async def test_a_receiver_that_comes_back_gets_a_fresh_timestamp(
    subscription: tuple[UUID, str], receiver: Any, sweep: Sweep, clock: FixedClock
) -> None:
    receiver.status = 503
    await tell(clock)
    await sweep()
    receiver.status = 200
    clock.advance(timedelta(seconds=RETRY_SECONDS[0]))
    await sweep()
    first, second = receiver.received
    assert int(second.headers["webhook-timestamp"]) - int(first.headers["webhook-timestamp"]) == RETRY_SECONDS[0]
    Webhook(subscription[1]).verify(second.body, second.headers)
    assert (await WebhookDelivery.get()).state == "delivered"


async def test_nobody_there_is_a_failure_like_any_other(runtime: Runtime, sweep: Sweep, clock: FixedClock) -> None:
    for url in ("http://127.0.0.1:1/hooks", "http://no-such-host.invalid/"):
        await subscribe(runtime.keys, audience=AUDIENCE, url=url, topics=[], strict=False, at=clock.now())
    await tell(clock)
    assert await sweep() == 2
    assert {(d.state, d.last_status) for d in await WebhookDelivery.all()} == {("due", None)}


async def test_a_redirect_is_not_followed(
    subscription: tuple[UUID, str], receiver: Any, sweep: Sweep, clock: FixedClock
) -> None:
    receiver.status = 307
    await tell(clock)
    await sweep()
    assert len(receiver.received) == 1
    assert (await WebhookDelivery.get()).state == "due"


async def test_a_receiver_that_is_gone_ends_its_subscription(
    subscription: tuple[UUID, str], receiver: Any, sweep: Sweep, clock: FixedClock
) -> None:
    receiver.status = 410
    await tell(clock)
    await sweep()
    await tell(clock)
    await sweep()
    assert len(receiver.received) == 1
    assert not (await WebhookEndpoint.get()).active


async def test_who_unsubscribed_gets_nothing_of_what_is_still_waiting(
    subscription: tuple[UUID, str], receiver: Any, sweep: Sweep, clock: FixedClock
) -> None:
    receiver.status = 500
    await tell(clock)
    await sweep()
    receiver.status = 204
    await unsubscribe(subscription[0], audience=AUDIENCE)
    clock.advance(timedelta(seconds=RETRY_SECONDS[0]))
    await sweep()
    assert len(receiver.received) == 1
    assert (await WebhookDelivery.get()).state == "dead"


async def test_only_the_audience_and_the_topics_subscribed_to_are_told(
    runtime: Runtime, receiver: Any, sweep: Sweep, clock: FixedClock
) -> None:
    await subscribe(
        runtime.keys, audience=AUDIENCE, url=receiver.url, topics=["order.done"], strict=False, at=clock.now()
    )
    await tell(clock, topic="order.done")
    await tell(clock, topic="order.revoked")
    await tell(clock, topic="order.done", audience="partner:other")
    await sweep()
    assert [json.loads(got.body)["type"] for got in receiver.received] == ["order.done"]
    assert await OutboxEvent.filter(routed=False).count() == 0


async def test_two_sweepers_at_once_deliver_each_piece_once(
    subscription: tuple[UUID, str], receiver: Any, runtime: Runtime, clock: FixedClock
) -> None:
    for _ in range(8):
        await tell(clock)
    await asyncio.gather(route_events(clock.now()), route_events(clock.now()))
    assert await WebhookDelivery.all().count() == 8
    await asyncio.gather(deliver_due(runtime.keys, clock.now()), deliver_due(runtime.keys, clock.now()))
    identities = [got.headers["webhook-id"] for got in receiver.received]
    assert len(identities) == len(set(identities)) == 8
