"""Events, who subscribed to them, and each delivery."""

from __future__ import annotations

from uuid import UUID

from tortoise import Model, fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from xinyi_platform.ids import new_id


class OutboxEvent(Model):
    """One piece of news for one audience (`merchant:ID`, `partner:ID`, `resident:ID`)."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    topic = fields.CharField(max_length=64)
    audience = fields.CharField(max_length=64)
    payload: fields.JSONField[dict[str, object]] = fields.JSONField()
    created_at = fields.DatetimeField()
    routed = fields.BooleanField(default=False)

    class Meta:
        table = "outbox_event"
        indexes = [
            Index(fields=("routed", "created_at"), name="ix_outbox_event_due"),
            Index(fields=("audience", "created_at"), name="ix_outbox_event_audience"),
        ]


class WebhookEndpoint(Model):
    """An address that an audience wants its news at. `secret_cipher` is the Standard Webhooks secret, encrypted.

    After a rotation the earlier secret signs along until `old_until`, so that a receiver can change over in peace.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    audience = fields.CharField(max_length=64)
    url = fields.CharField(max_length=500)
    topics: fields.JSONField[list[str]] = fields.JSONField()
    secret_cipher = fields.CharField(max_length=300)
    old_secret_cipher = fields.CharField(max_length=300, null=True)
    old_until = fields.DatetimeField(null=True)
    active = fields.BooleanField(default=True)
    created_at = fields.DatetimeField()

    class Meta:
        table = "webhook_endpoint"
        constraints = [
            CheckConstraint(
                check="(old_secret_cipher IS NULL) = (old_until IS NULL)", name="ck_webhook_endpoint_old_secret_ends"
            )
        ]
        indexes = [Index(fields=("audience",), name="ix_webhook_endpoint_audience")]


class WebhookDelivery(Model):
    """One event on its way to one endpoint."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    event_id: UUID
    endpoint_id: UUID
    event: fields.ForeignKeyRelation[OutboxEvent] = fields.ForeignKeyField("models.OutboxEvent")
    endpoint: fields.ForeignKeyRelation[WebhookEndpoint] = fields.ForeignKeyField("models.WebhookEndpoint")
    state = fields.CharField(max_length=12, default="due")
    attempts = fields.IntField(default=0)
    next_at = fields.DatetimeField()
    last_status = fields.IntField(null=True)
    delivered_at = fields.DatetimeField(null=True)

    class Meta:
        table = "webhook_delivery"
        constraints = [
            UniqueConstraint(fields=("event_id", "endpoint_id"), name="uq_webhook_delivery_event_endpoint"),
            CheckConstraint(check="state IN ('due','delivered','dead')", name="ck_webhook_delivery_state"),
        ]
        indexes = [
            Index(fields=("state", "next_at"), name="ix_webhook_delivery_due"),
            Index(fields=("endpoint_id", "id"), name="ix_webhook_delivery_endpoint"),
        ]
