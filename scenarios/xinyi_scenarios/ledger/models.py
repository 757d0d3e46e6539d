"""Ledger rows: append-only, whole units."""

from __future__ import annotations

from tortoise import Model, fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint

from xinyi_platform.ids import new_id


class LedgerEntry(Model):
    """One side of a journal: `amount` units enter (positive) or leave (negative) an account of a quota."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    journal = fields.UUIDField()
    kind = fields.CharField(max_length=16)
    quota_id = fields.UUIDField()
    entitlement_id = fields.UUIDField()
    account = fields.CharField(max_length=16)
    amount = fields.IntField()
    at = fields.DatetimeField()

    class Meta:
        table = "ledger_entry"
        constraints = [CheckConstraint(check="amount <> 0", name="ck_ledger_entry_amount")]
        indexes = [
            Index(fields=("quota_id", "account"), name="ix_ledger_entry_quota_account"),
            Index(fields=("entitlement_id",), name="ix_ledger_entry_entitlement"),
        ]
