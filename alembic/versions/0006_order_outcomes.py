"""An order that the resident confirms, and its outcome, fed back to the bureau."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

UUID = sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite")


def upgrade() -> None:
    with op.batch_alter_table("service_order", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("needs_confirmation", sa.Boolean(), nullable=False, server_default=sa.text("false"))
        )
        batch_op.add_column(sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True))
    with op.batch_alter_table("service_order", schema=None) as batch_op:
        batch_op.alter_column(
            "needs_confirmation", server_default=None, existing_type=sa.Boolean(), existing_nullable=False
        )
    op.create_table(
        "order_outcome",
        sa.Column("id", UUID, autoincrement=False, nullable=False),
        sa.Column("order_id", UUID, autoincrement=False, nullable=False),
        sa.Column("resident_id", UUID, autoincrement=False, nullable=False),
        sa.Column("kept", sa.String(length=8), autoincrement=False, nullable=False),
        sa.Column("state", sa.String(length=8), autoincrement=False, nullable=False),
        sa.Column("attempts", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), autoincrement=False, nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), autoincrement=False, nullable=True),
        sa.CheckConstraint("kept IN ('in_time','late')", name="ck_order_outcome_kept"),
        sa.CheckConstraint("state IN ('due','told','withheld','given_up')", name="ck_order_outcome_state"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_outcome")),
        sa.UniqueConstraint("order_id", name=op.f("uq_order_outcome_order_id")),
    )
    with op.batch_alter_table("order_outcome", schema=None) as batch_op:
        batch_op.create_index("ix_order_outcome_due", ["state", "next_at"], unique=False)


def downgrade() -> None:
    op.drop_table("order_outcome")
    with op.batch_alter_table("service_order", schema=None) as batch_op:
        batch_op.drop_column("confirmed_at")
        batch_op.drop_column("needs_confirmation")
