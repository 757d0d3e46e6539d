"""The trail's table. Rows are never changed but once, when the sealer numbers and chains them."""

from __future__ import annotations

from tortoise import Model, fields
from tortoise.indexes import Index

from xinyi_platform.ids import new_id


class AuditEntry(Model):
    """One act. `detail` never holds personal data; `sequence` and `digest` are set by the sealer."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    at = fields.DatetimeField()
    action = fields.CharField(max_length=64)
    actor = fields.CharField(max_length=80)
    object_kind = fields.CharField(max_length=32)
    object_id = fields.CharField(max_length=64)
    detail: fields.JSONField[dict[str, object]] = fields.JSONField()
    sequence = fields.BigIntField(null=True, unique=True)
    digest = fields.CharField(max_length=64, default="")

    class Meta:
        table = "audit_entry"
        indexes = [Index(fields=("object_kind", "object_id"), name="ix_audit_entry_object")]
