"""Answers that were given, by who asked for what with which key."""

from __future__ import annotations

from tortoise import Model, fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from xinyi_platform.ids import new_id


class IdempotencyRecord(Model):
    """`scope` is principal + method + route; `fingerprint` the SHA-256 of the body; `body` the stored answer."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    scope = fields.CharField(max_length=160)
    key = fields.CharField(max_length=128)
    fingerprint = fields.CharField(max_length=64)
    state = fields.CharField(max_length=8)
    status = fields.IntField(default=0)
    body: fields.JSONField[dict[str, object]] = fields.JSONField()
    created_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()

    class Meta:
        table = "idempotency_record"
        constraints = [
            UniqueConstraint(fields=("scope", "key"), name="uq_idempotency_record_scope_key"),
            CheckConstraint(check="state IN ('running','done')", name="ck_idempotency_record_state"),
        ]
        indexes = [Index(fields=("expires_at",), name="ix_idempotency_record_expires")]
