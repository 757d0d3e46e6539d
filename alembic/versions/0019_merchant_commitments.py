"""Shops' public commitments to honest trade."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "merchant_commitment",
        _uuid("id"),
        _uuid("merchant_id"),
        sa.Column("slot", sa.String(length=36), autoincrement=False, nullable=False),
        sa.Column("version", sa.String(length=16), autoincrement=False, nullable=False),
        _uuid("signer_id"),
        sa.Column("signed_at", sa.DateTime(timezone=True), autoincrement=False, nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), autoincrement=False, nullable=True),
        sa.CheckConstraint(
            "(slot = 'live') = (withdrawn_at IS NULL)", name="ck_merchant_commitment_withdrawn_is_not_live"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_merchant_commitment")),
        sa.UniqueConstraint("merchant_id", "slot", name="uq_merchant_commitment_live"),
    )


def _uuid(name: str) -> sa.Column[object]:
    kind = sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite")
    return sa.Column(name, kind, autoincrement=False, nullable=False)


def downgrade() -> None:
    op.drop_table("merchant_commitment")
