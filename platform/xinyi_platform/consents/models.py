"""Consents that were given."""

from __future__ import annotations

from tortoise import Model, fields
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from xinyi_platform.ids import new_id


class Consent(Model):
    """One consent. `slot` is `live` until it ends, then its own id: one live consent a resident and purpose."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    resident_id = fields.UUIDField()
    purpose = fields.CharField(max_length=64)
    slot = fields.CharField(max_length=36, default="live")
    version = fields.IntField()
    text_digest = fields.CharField(max_length=64)
    state = fields.CharField(max_length=12)
    granted_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    ended_at = fields.DatetimeField(null=True)

    class Meta:
        table = "consent"
        constraints = [
            UniqueConstraint(fields=("resident_id", "purpose", "slot"), name="uq_consent_resident_purpose_slot"),
            CheckConstraint(check="state IN ('granted','withdrawn','expired','superseded')", name="ck_consent_state"),
        ]
