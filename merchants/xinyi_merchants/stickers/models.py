"""The stickers that hang in shops."""

from __future__ import annotations

from tortoise import Model, fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import UniqueConstraint

from xinyi_platform.ids import new_id


class Sticker(Model):
    """One printed sticker. `kid` names the key of the MAC that is printed after the serial."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    serial = fields.CharField(max_length=10)
    merchant_id = fields.UUIDField()
    kid = fields.CharField(max_length=40)
    issued_at = fields.DatetimeField()
    revoked_at = fields.DatetimeField(null=True)
    revoke_reason = fields.CharField(max_length=200)

    class Meta:
        table = "sticker"
        constraints = [UniqueConstraint(fields=("serial",), name="sticker_serial_once")]
        indexes = [Index(fields=("merchant_id",), name="sticker_merchant")]
