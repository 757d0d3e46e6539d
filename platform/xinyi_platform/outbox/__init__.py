"""The outbox: news written in the transaction of the act, delivered afterwards as signed webhooks."""

from __future__ import annotations

from xinyi_platform.outbox.emitting import emit, outbox_row
from xinyi_platform.outbox.models import OutboxEvent, WebhookDelivery, WebhookEndpoint

__all__ = ["OutboxEvent", "WebhookDelivery", "WebhookEndpoint", "emit", "outbox_row"]
