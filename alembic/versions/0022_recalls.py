"""Who received an entry, and the word to stop using it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_UUID = sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite")
_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "entry_receipt",
        _column("id", _UUID),
        _column("entry_id", _UUID),
        _column("receiver", sa.String(length=64)),
        _column("channel", sa.String(length=8)),
        _column("first_at", _TIME),
        _column("last_at", _TIME),
        sa.CheckConstraint("channel IN ('webhook','api','export')", name="ck_entry_receipt_channel"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entry_receipt")),
        sa.UniqueConstraint("entry_id", "receiver", "channel", name="uq_entry_receipt_receiver"),
    )
    op.create_index("ix_entry_receipt_receiver", "entry_receipt", ["receiver"])
    op.create_table(
        "entry_recall",
        _column("id", _UUID),
        _column("entry_id", _UUID),
        _column("receiver", sa.String(length=64)),
        _column("division", sa.String(length=12)),
        _column("kind", sa.String(length=40)),
        _column("state", sa.String(length=12)),
        _column("statement", sa.Text()),
        _column("issued_at", _TIME),
        _column("chase_at", _TIME),
        _column("chases", sa.SmallInteger()),
        _column("acknowledged_at", _TIME, nullable=True),
        sa.CheckConstraint("state IN ('issued','acknowledged')", name="ck_entry_recall_state"),
        sa.CheckConstraint(
            "(state = 'acknowledged') = (acknowledged_at IS NOT NULL)", name="ck_entry_recall_acknowledged_at"
        ),
        sa.CheckConstraint("chases >= 0", name="ck_entry_recall_chases"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entry_recall")),
        sa.UniqueConstraint("entry_id", "receiver", name="uq_entry_recall_receiver"),
    )
    op.create_index("ix_entry_recall_due", "entry_recall", ["state", "chase_at"])
    op.create_index("ix_entry_recall_receiver", "entry_recall", ["receiver", "state"])
    op.create_index("ix_entry_recall_division", "entry_recall", ["division", "state"])


def _column(name: str, kind: sa.types.TypeEngine[object], *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, kind, autoincrement=False, nullable=nullable)


def downgrade() -> None:
    op.drop_table("entry_recall")
    op.drop_table("entry_receipt")
