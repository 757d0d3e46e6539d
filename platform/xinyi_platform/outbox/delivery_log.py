"""What an audience sees of its deliveries, sending one again, and a test event to try a receiver with."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from xinyi_platform.database import transaction
from xinyi_platform.errors import Conflict, NotFound
from xinyi_platform.ids import new_id
from xinyi_platform.language import Text
from xinyi_platform.outbox.models import OutboxEvent, WebhookDelivery, WebhookEndpoint

TEST_TOPIC = "webhook.test"
MOST_SHOWN = 100


class DeliveryRuns(Conflict):
    """The delivery is still on its way by itself."""

    code = "webhook_delivery_runs"
    text = Text("该事件仍在自动重试,无需重发。", "This delivery is still tried by itself; there is nothing to replay.")


async def endpoints_of(audience: str) -> list[WebhookEndpoint]:
    """Return an audience's live endpoints, the oldest first."""
    return await WebhookEndpoint.filter(audience=audience, active=True).order_by("created_at", "id")


async def deliveries_of(audience: str) -> list[WebhookDelivery]:
    """Return an audience's newest deliveries with their events and endpoints, ended subscriptions' as well."""
    mine = await WebhookEndpoint.filter(audience=audience).values_list("id", flat=True)
    rows = WebhookDelivery.filter(endpoint_id__in=list(mine)).order_by("-id").limit(MOST_SHOWN)
    return await rows.prefetch_related("event", "endpoint")


async def replay_delivery(delivery_id: UUID, *, audience: str, at: datetime) -> None:
    """Send one's own delivery again, with the same webhook-id and by the whole schedule.

    Raises NotFound (404), also where the subscription has ended, and DeliveryRuns (409).
    """
    delivery = await WebhookDelivery.get_or_none(id=delivery_id, endpoint__audience=audience, endpoint__active=True)
    if delivery is None:
        raise NotFound
    settled = WebhookDelivery.filter(id=delivery.id, state__in=("delivered", "dead"))
    if not await settled.update(state="due", attempts=0, next_at=at, delivered_at=None):
        raise DeliveryRuns


async def send_test(endpoint_id: UUID, *, audience: str, at: datetime) -> None:
    """Send a test event to one endpoint only, whatever it subscribed to. Raises NotFound (404)."""
    endpoint = await WebhookEndpoint.get_or_none(id=endpoint_id, audience=audience, active=True)
    if endpoint is None:
        raise NotFound
    async with transaction():
        event = await OutboxEvent.create(
            id=new_id(), topic=TEST_TOPIC, audience=audience, payload={"test": True}, created_at=at, routed=True
        )
        await WebhookDelivery.create(id=new_id(), event_id=event.id, endpoint_id=endpoint.id, next_at=at)
