"""The books: a journal is one row that names both its accounts, so that none can be out of balance."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_ACCOUNTS = "('pool','resident','used','expired')"


def upgrade() -> None:
    op.create_table(
        "ledger_journal",
        _uuid("id"),
        _text("kind", 16),
        _uuid("quota_id"),
        _uuid("entitlement_id"),
        _text("source", 16),
        _text("target", 16),
        sa.Column("amount", sa.Integer(), autoincrement=False, nullable=False),
        _moment("at"),
        sa.CheckConstraint("amount > 0", name="ck_ledger_journal_amount"),
        sa.CheckConstraint(
            f"source <> target AND source IN {_ACCOUNTS} AND target IN {_ACCOUNTS}", name="ck_ledger_journal_accounts"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_journal")),
    )
    op.execute(
        "INSERT INTO ledger_journal (id, kind, quota_id, entitlement_id, source, target, amount, at) "
        "SELECT s.journal, s.kind, s.quota_id, s.entitlement_id, s.account, t.account, t.amount, s.at "
        "FROM ledger_entry s JOIN ledger_entry t ON t.journal = s.journal AND t.amount > 0 WHERE s.amount < 0"
    )
    with op.batch_alter_table("ledger_journal", schema=None) as batch_op:
        batch_op.create_index("ix_ledger_journal_quota", ["quota_id"], unique=False)
        batch_op.create_index("ix_ledger_journal_entitlement", ["entitlement_id"], unique=False)
    op.drop_table("ledger_entry")


def downgrade() -> None:
    op.create_table(
        "ledger_entry",
        _uuid("id"),
        _uuid("journal"),
        _text("kind", 16),
        _uuid("quota_id"),
        _uuid("entitlement_id"),
        _text("account", 16),
        sa.Column("amount", sa.Integer(), autoincrement=False, nullable=False),
        _moment("at"),
        sa.CheckConstraint("amount <> 0", name="ck_ledger_entry_amount"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_entry")),
    )
    for account, amount, number in (("source", "-amount", "id"), ("target", "amount", _fresh_id())):
        op.execute(
            "INSERT INTO ledger_entry (id, journal, kind, quota_id, entitlement_id, account, amount, at) "  # noqa: S608
            f"SELECT {number}, id, kind, quota_id, entitlement_id, {account}, {amount}, at FROM ledger_journal"
        )
    with op.batch_alter_table("ledger_entry", schema=None) as batch_op:
        batch_op.create_index("ix_ledger_entry_entitlement", ["entitlement_id"], unique=False)
        batch_op.create_index("ix_ledger_entry_quota_account", ["quota_id", "account"], unique=False)
    op.drop_table("ledger_journal")


def _fresh_id() -> str:
    """Return the SQL of a new id for the second line; the first one takes the journal's."""
    if op.get_bind().dialect.name == "postgresql":
        return "gen_random_uuid()"
    parts = ["hex(randomblob(4))", "hex(randomblob(2))", "'4' || substr(hex(randomblob(2)), 2)",
             "'8' || substr(hex(randomblob(2)), 2)", "hex(randomblob(6))"]  # fmt: skip
    return "lower(" + " || '-' || ".join(parts) + ")"


def _uuid(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite"), autoincrement=False, nullable=False)


def _text(name: str, length: int) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=length), autoincrement=False, nullable=False)


def _moment(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), autoincrement=False, nullable=False)
