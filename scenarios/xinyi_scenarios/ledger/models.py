"""Ledger rows: append-only, whole units."""

from __future__ import annotations

from tortoise import Model, fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint

from xinyi_platform.ids import new_id

_ACCOUNTS = "('pool','resident','used','expired')"


class LedgerJournal(Model):
    """One move: `amount` units, or fen of a budget, leave one account of a quota and enter another.

    Both sides stand in one row, so that every journal sums to zero and none can be half booked.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    kind = fields.CharField(max_length=16)
    quota_id = fields.UUIDField()
    entitlement_id = fields.UUIDField()
    source = fields.CharField(max_length=16)
    target = fields.CharField(max_length=16)
    amount = fields.IntField()
    at = fields.DatetimeField()

    class Meta:
        table = "ledger_journal"
        constraints = [
            CheckConstraint(check="amount > 0", name="ck_ledger_journal_amount"),
            CheckConstraint(
                check=f"source <> target AND source IN {_ACCOUNTS} AND target IN {_ACCOUNTS}",
                name="ck_ledger_journal_accounts",
            ),
        ]
        indexes = [
            Index(fields=("quota_id",), name="ix_ledger_journal_quota"),
            Index(fields=("entitlement_id",), name="ix_ledger_journal_entitlement"),
        ]
