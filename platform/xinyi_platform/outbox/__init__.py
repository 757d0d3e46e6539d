"""The outbox: news written in the transaction of the act, delivered afterwards as signed webhooks."""

from __future__ import annotations

from xinyi_platform.outbox.delivery_log import (
    deliveries_of,
    endpoints_of,
    replay_delivery,
    send_test,
)
from xinyi_platform.outbox.emitting import emit, outbox_row
from xinyi_platform.outbox.models import OutboxEvent, WebhookDelivery, WebhookEndpoint
from xinyi_platform.outbox.subscribing import rotate_secret, subscribe, subscribed_to, unsubscribe

__all__ = [
    "OutboxEvent",
    "WebhookDelivery",
    "WebhookEndpoint",
    "deliveries_of",
    "emit",
    "endpoints_of",
    "outbox_row",
    "replay_delivery",
    "rotate_secret",
    "send_test",
    "subscribe",
    "subscribed_to",
    "unsubscribe",
]
