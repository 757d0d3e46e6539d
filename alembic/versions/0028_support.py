"""Support for honest merchants: quotas, grants and their uses."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

_UUID = sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite")
_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "support_quota",
        _column("id", _UUID),
        _column("policy", sa.String(length=40)),
        _column("total", sa.Integer()),
        _column("used", sa.Integer()),
        sa.CheckConstraint("used BETWEEN 0 AND total", name="ck_support_quota_used"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_support_quota")),
        sa.UniqueConstraint("policy", name=op.f("uq_support_quota_policy")),
    )
    _grants()
    op.create_table(
        "support_use",
        _column("id", _UUID),
        _column("grant_id", _UUID),
        _column("slot", sa.String(length=40)),
        _column("reference", sa.String(length=40)),
        _column("amount_fen", sa.Integer()),
        _column("actor", sa.String(length=80)),
        _column("used_at", _TIME),
        _column("reversed_at", _TIME, nullable=True),
        _column("reversed_by", sa.String(length=80)),
        _column("reversal_reason", sa.String(length=200)),
        sa.CheckConstraint("amount_fen > 0", name="ck_support_use_amount"),
        sa.CheckConstraint("(reversed_at IS NULL) = (reversed_by = '')", name="ck_support_use_reversed_by"),
        sa.ForeignKeyConstraint(
            ["grant_id"], ["support_grant.id"], name=op.f("fk_support_use_grant_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_support_use")),
        sa.UniqueConstraint("grant_id", "slot", name="uq_support_use_reference"),
    )


def _grants() -> None:
    op.create_table(
        "support_grant",
        _column("id", _UUID),
        _column("policy", sa.String(length=40)),
        _column("merchant_id", _UUID),
        _column("award_id", _UUID),
        _column("division", sa.String(length=12)),
        _column("state", sa.String(length=10)),
        _column("starts_on", sa.Date()),
        _column("ends_on", sa.Date()),
        _column("cap_fen", sa.Integer()),
        _column("used_fen", sa.Integer()),
        _column("holds_unit", sa.Boolean()),
        _column("reason_zh", sa.String(length=200)),
        _column("reason_en", sa.String(length=400)),
        _column("made_at", _TIME),
        _column("changed_at", _TIME),
        sa.CheckConstraint(
            "state IN ('waiting','granted','suspended','ended','expired')", name="ck_support_grant_state"
        ),
        sa.CheckConstraint("used_fen BETWEEN 0 AND cap_fen", name="ck_support_grant_used"),
        sa.CheckConstraint("starts_on <= ends_on", name="ck_support_grant_days"),
        sa.CheckConstraint("state <> 'granted' OR holds_unit", name="ck_support_grant_of_quota"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_support_grant")),
        sa.UniqueConstraint("policy", "award_id", name="uq_support_grant_award"),
    )
    with op.batch_alter_table("support_grant", schema=None) as batch_op:
        batch_op.create_index("ix_support_grant_merchant", ["merchant_id"], unique=False)
        batch_op.create_index("ix_support_grant_due", ["state", "ends_on"], unique=False)
        batch_op.create_index("ix_support_grant_division", ["division", "policy"], unique=False)


def _column(name: str, kind: sa.types.TypeEngine[object], *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, kind, autoincrement=False, nullable=nullable)


def downgrade() -> None:
    for table in ("support_use", "support_grant", "support_quota"):
        op.drop_table(table)
