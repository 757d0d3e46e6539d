"""Service orders of the waiver flow. Money is recorded here and never held: the partner collects."""

from __future__ import annotations

from tortoise import Model, fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from xinyi_platform.ids import new_id


class ServiceOrder(Model):
    """One deposit-free use. `amount_fen` is what is due once completed, and may only fall afterwards."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    partner_id = fields.UUIDField()
    out_order_no = fields.CharField(max_length=32)
    scenario = fields.CharField(max_length=64)
    entitlement_id = fields.UUIDField()
    resident_id = fields.UUIDField()
    state = fields.CharField(max_length=8)
    waived_deposit_fen = fields.IntField()
    fee_items: fields.JSONField[list[dict[str, object]]] = fields.JSONField()
    due_at = fields.DatetimeField()
    created_at = fields.DatetimeField()
    started_at = fields.DatetimeField(null=True)
    overdue_at = fields.DatetimeField(null=True)
    completed_at = fields.DatetimeField(null=True)
    completed_fen = fields.IntField(null=True)
    amount_fen = fields.IntField(null=True)
    paid_at = fields.DatetimeField(null=True)
    paid_elsewhere = fields.BooleanField(default=False)
    reason = fields.CharField(max_length=200, default="")

    class Meta:
        table = "service_order"
        constraints = [
            UniqueConstraint(fields=("partner_id", "out_order_no"), name="uq_service_order_partner_number"),
            CheckConstraint(
                check="state IN ('created','doing','done','revoked','expired')", name="ck_service_order_state"
            ),
            CheckConstraint(
                check="amount_fen IS NULL OR "
                "(completed_fen IS NOT NULL AND amount_fen >= 0 AND amount_fen <= completed_fen)",
                name="ck_service_order_amount_falls_from_completed",
            ),
        ]
        indexes = [
            Index(fields=("resident_id", "state"), name="ix_service_order_resident"),
            Index(fields=("state", "due_at"), name="ix_service_order_due"),
        ]
