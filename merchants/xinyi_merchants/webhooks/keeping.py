"""A shop's webhook addresses, each act with its line on the trail. The deliveries are the platform's."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from xinyi_merchants.webhooks.topics import topics_of
from xinyi_platform import audit, outbox
from xinyi_platform.database import transaction
from xinyi_platform.errors import Conflict, Unprocessable
from xinyi_platform.language import Text
from xinyi_platform.rate_limits import limit
from xinyi_platform.runtime import Runtime

MOST = 5
LONGEST_URL = 500


class TooManyEndpoints(Conflict):
    """Values: `most`."""

    code = "too_many_webhooks"
    text = Text("最多登记{most}个回调地址。", "At most {most} addresses.")


class UrlTooLong(Unprocessable):
    """Values: `most`."""

    code = "webhook_url_too_long"
    text = Text("回调地址不超过{most}个字符。", "An address has at most {most} characters.")


async def add_endpoint(runtime: Runtime, audience: str, *, url: str, kinds: Iterable[str], actor: str) -> str:
    """Subscribe an address and return its secret, this once.

    Raises InvalidField (400), TooManyEndpoints (409), UrlTooLong and WebhookAddressRefused (422).
    """
    topics, now = topics_of(kinds), runtime.clock.now()
    if len(url) > LONGEST_URL:
        raise UrlTooLong(most=LONGEST_URL)
    async with transaction():
        if len(await outbox.endpoints_of(audience)) >= MOST:
            raise TooManyEndpoints(most=MOST)
        endpoint_id, secret = await outbox.subscribe(
            runtime.keys,
            audience=audience,
            url=url.strip(),
            topics=topics,
            strict=runtime.settings.is_production,
            at=now,
        )
        await _record(runtime, "subscribed", endpoint_id, actor)
    return secret


async def change_secret(runtime: Runtime, endpoint_id: UUID, audience: str, *, actor: str) -> str:
    """Return a new secret, this once. Raises NotFound (404) and SecretRotated (409)."""
    async with transaction():
        secret = await outbox.rotate_secret(runtime.keys, endpoint_id, audience=audience, at=runtime.clock.now())
        await _record(runtime, "secret_changed", endpoint_id, actor)
    return secret


async def try_endpoint(runtime: Runtime, endpoint_id: UUID, audience: str, *, actor: str) -> None:
    """Send a test event. Raises NotFound (404) and TooManyRequests (429)."""
    await limit(runtime.cache, f"webhook-test:{audience}", times=20, per_seconds=600)
    async with transaction():
        await outbox.send_test(endpoint_id, audience=audience, at=runtime.clock.now())
        await _record(runtime, "tested", endpoint_id, actor)


async def end_endpoint(runtime: Runtime, endpoint_id: UUID, audience: str, *, actor: str) -> None:
    """End a subscription. Raises NotFound (404)."""
    async with transaction():
        await outbox.unsubscribe(endpoint_id, audience=audience)
        await _record(runtime, "unsubscribed", endpoint_id, actor)


async def resend(runtime: Runtime, delivery_id: UUID, audience: str, *, actor: str) -> None:
    """Send a delivery again. Raises NotFound (404), DeliveryRuns (409) and TooManyRequests (429)."""
    await limit(runtime.cache, f"webhook-replay:{audience}", times=60, per_seconds=600)
    async with transaction():
        await outbox.replay_delivery(delivery_id, audience=audience, at=runtime.clock.now())
        await _record(runtime, "replayed", delivery_id, actor)


async def _record(runtime: Runtime, act: str, object_id: UUID, actor: str) -> None:
    at = runtime.clock.now()
    await audit.record(
        f"merchant_webhook.{act}", actor=actor, object_kind="webhook", object_id=object_id, detail={}, at=at
    )
