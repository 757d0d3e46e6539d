"""Partners subscribe to their news."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Controller, delete, get, post

from xinyi_platform.outbox.delivering import RETRY_SECONDS
from xinyi_platform.outbox.models import WebhookEndpoint
from xinyi_platform.outbox.subscribing import subscribe, unsubscribe
from xinyi_platform.principals import Allow, Partner
from xinyi_platform.runtime import Runtime
from xinyi_platform.schemas import Answer, Request


class SubscribeRequest(Request, kw_only=True, frozen=True):
    """`topics` empty: everything that concerns the partner."""

    url: Annotated[str, msgspec.Meta(max_length=500, examples=["https://partner.example/hooks"])]
    topics: Annotated[list[str], msgspec.Meta(max_length=20)] = []


class Subscription(Answer, kw_only=True, frozen=True):
    """`secret` is only in the answer to subscribing; `retry_seconds` is the schedule of further tries."""

    id: UUID
    url: str
    topics: list[str]
    active: bool
    retry_seconds: tuple[int, ...] = RETRY_SECONDS
    secret: str | None = None


class PartnerWebhookController(Controller):
    path = "/partner/v1/webhooks"
    guards = [Allow(Partner, scope="webhooks")]
    tags = ["partner"]

    @get("/", operation_id="listWebhooks")
    async def mine(self, principal: Partner) -> list[Subscription]:
        """My subscriptions."""
        rows = await WebhookEndpoint.filter(audience=principal.label).order_by("created_at")
        return [Subscription(id=row.id, url=row.url, topics=row.topics, active=row.active) for row in rows]

    @post("/", operation_id="subscribeWebhook")
    async def add(self, runtime: Runtime, principal: Partner, data: SubscribeRequest) -> Subscription:
        """Subscribe; deliveries are signed by the Standard Webhooks rules."""
        identity, secret = await subscribe(
            runtime.keys,
            audience=principal.label,
            url=data.url,
            topics=data.topics,
            strict=runtime.settings.is_production,
            at=runtime.clock.now(),
        )
        return Subscription(id=identity, url=data.url, topics=data.topics, active=True, secret=secret)

    @delete("/{endpoint_id:uuid}", operation_id="unsubscribeWebhook")
    async def remove(self, principal: Partner, endpoint_id: UUID) -> None:
        """End a subscription."""
        await unsubscribe(endpoint_id, audience=principal.label)


ROUTES = (PartnerWebhookController,)
