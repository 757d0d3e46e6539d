"""Numbered passes of the fast track."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

UUID = sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite")


def upgrade() -> None:
    op.create_table(
        "counter_day",
        sa.Column("id", UUID, autoincrement=False, nullable=False),
        sa.Column("scenario", sa.String(length=64), autoincrement=False, nullable=False),
        sa.Column("counter", sa.String(length=32), autoincrement=False, nullable=False),
        sa.Column("day", sa.Date(), autoincrement=False, nullable=False),
        sa.Column("last_number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("taken", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("most", sa.Integer(), autoincrement=False, nullable=False),
        sa.CheckConstraint("taken >= 0 AND taken <= most", name="ck_counter_day_taken_within_most"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_counter_day")),
        sa.UniqueConstraint("scenario", "counter", "day", name="uq_counter_day_scenario_counter_day"),
    )
    op.create_table(
        "counter_pass",
        sa.Column("id", UUID, autoincrement=False, nullable=False),
        sa.Column("entitlement_id", UUID, autoincrement=False, nullable=False),
        sa.Column("resident_id", UUID, autoincrement=False, nullable=False),
        sa.Column("scenario", sa.String(length=64), autoincrement=False, nullable=False),
        sa.Column("counter", sa.String(length=32), autoincrement=False, nullable=False),
        sa.Column("day", sa.Date(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("state", sa.String(length=12), autoincrement=False, nullable=False),
        sa.Column("amount_fen", sa.Integer(), autoincrement=False, nullable=True),
        sa.Column("due_on", sa.Date(), autoincrement=False, nullable=True),
        sa.Column("booked_at", sa.DateTime(timezone=True), autoincrement=False, nullable=False),
        sa.Column("checked_in_at", sa.DateTime(timezone=True), autoincrement=False, nullable=True),
        sa.Column("served_at", sa.DateTime(timezone=True), autoincrement=False, nullable=True),
        sa.Column("paid_at", sa.DateTime(timezone=True), autoincrement=False, nullable=True),
        sa.CheckConstraint(
            "state IN ('booked','called','checked_in','served','owing','overdue','settled','cancelled','no_show')",
            name="ck_counter_pass_state",
        ),
        sa.CheckConstraint(
            "state NOT IN ('owing','overdue','settled') OR (amount_fen IS NOT NULL AND due_on IS NOT NULL "
            "AND amount_fen > 0)",
            name="ck_counter_pass_owed_has_amount_and_day",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_counter_pass")),
        sa.UniqueConstraint("scenario", "counter", "day", "number", name="uq_counter_pass_number"),
    )
    with op.batch_alter_table("counter_pass", schema=None) as batch_op:
        batch_op.create_index("ix_counter_pass_entitlement", ["entitlement_id"], unique=False)
        batch_op.create_index("ix_counter_pass_resident", ["resident_id", "booked_at"], unique=False)
        batch_op.create_index("ix_counter_pass_state_day", ["state", "day"], unique=False)


def downgrade() -> None:
    op.drop_table("counter_pass")
    op.drop_table("counter_day")
