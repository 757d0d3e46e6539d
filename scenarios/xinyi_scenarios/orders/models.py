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
    needs_confirmation = fields.BooleanField(default=False)
    confirmed_at = fields.DatetimeField(null=True)
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


class OrderOutcome(Model):
    """How an order was kept, for the bureau: in_time or late. It leaves only under the resident's live consent.

    due → told | withheld (no consent at that moment, so it is never told) | given_up.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    order_id = fields.UUIDField(unique=True)
    resident_id = fields.UUIDField()
    kept = fields.CharField(max_length=8)
    state = fields.CharField(max_length=8, default="due")
    attempts = fields.IntField(default=0)
    next_at = fields.DatetimeField()
    settled_at = fields.DatetimeField(null=True)

    class Meta:
        table = "order_outcome"
        constraints = [
            CheckConstraint(check="kept IN ('in_time','late')", name="ck_order_outcome_kept"),
            CheckConstraint(check="state IN ('due','told','withheld','given_up')", name="ck_order_outcome_state"),
        ]
        indexes = [Index(fields=("state", "next_at"), name="ix_order_outcome_due")]
