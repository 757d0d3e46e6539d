"""Uses of entitlements at merchants, and their reversals."""

from __future__ import annotations

from tortoise import Model, fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from xinyi_platform.ids import new_id


class Redemption(Model):
    """One use of one entitlement. `slot` is `live`, or the row's own id once it is reversed.

    One live redemption an entitlement is thereby a plain unique constraint on both databases. `holds` is what it
    took of limits that count at the merchant; `settled_at` is set once money that was set aside and not spent is back.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    entitlement_id = fields.UUIDField()
    slot = fields.CharField(max_length=36, default="live")
    scenario = fields.CharField(max_length=64)
    merchant_id = fields.UUIDField(null=True)
    actor = fields.CharField(max_length=80)
    channel = fields.CharField(max_length=8)
    price_fen = fields.IntField(null=True)
    discount_fen = fields.IntField(null=True)
    holds: fields.JSONField[list[dict[str, object]]] = fields.JSONField(default=list)
    redeemed_at = fields.DatetimeField()
    settled_at = fields.DatetimeField(null=True)
    reversed_at = fields.DatetimeField(null=True)
    reversed_by = fields.CharField(max_length=80, default="")
    reversal_reason = fields.CharField(max_length=200, default="")

    class Meta:
        table = "redemption"
        constraints = [
            UniqueConstraint(fields=("entitlement_id", "slot"), name="uq_redemption_entitlement_slot"),
            CheckConstraint(check="channel IN ('portal','partner')", name="ck_redemption_channel"),
            CheckConstraint(
                check="discount_fen IS NULL OR "
                "(price_fen IS NOT NULL AND discount_fen >= 0 AND discount_fen <= price_fen)",
                name="ck_redemption_discount_of_a_price",
            ),
        ]
        indexes = [
            Index(fields=("merchant_id", "redeemed_at"), name="ix_redemption_merchant"),
            Index(fields=("settled_at", "redeemed_at"), name="ix_redemption_unsettled"),
        ]
