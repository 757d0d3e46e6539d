"""Complaints: reports, who may see them, pauses that end, reminders, escalation, and one open complaint of a kind."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _add_columns()
    _fill_columns()
    _tighten()


def _add_columns() -> None:
    with op.batch_alter_table("complaint", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("kind", sa.String(length=12), autoincrement=False, nullable=False, server_default="complaint")
        )
        batch_op.add_column(sa.Column("reply_by", sa.Date(), autoincrement=False, nullable=True))
        batch_op.add_column(
            sa.Column("asked", sa.SmallInteger(), autoincrement=False, nullable=False, server_default="0")
        )
        batch_op.add_column(sa.Column("shared_at", sa.DateTime(timezone=True), autoincrement=False, nullable=True))
        batch_op.add_column(
            sa.Column("reminded", sa.SmallInteger(), autoincrement=False, nullable=False, server_default="0")
        )
        batch_op.add_column(
            sa.Column("escalated_state", sa.String(length=24), autoincrement=False, nullable=False, server_default="")
        )
        batch_op.add_column(sa.Column("open_key", sa.String(length=64), autoincrement=False, nullable=True))


def _fill_columns() -> None:
    """Shops keep seeing what they saw, and only a complaint that waits for the consumer has a stopped clock."""
    op.execute("UPDATE complaint SET shared_at = changed_at WHERE state NOT IN ('submitted', 'rejected')")
    op.execute("UPDATE complaint SET reply_by = paused_on WHERE state = 'waiting_consumer'")
    op.execute("UPDATE complaint SET paused_on = NULL WHERE state <> 'waiting_consumer'")


def _tighten() -> None:
    with op.batch_alter_table("complaint", schema=None) as batch_op:
        batch_op.alter_column("kind", existing_type=sa.String(length=12), server_default=None)
        batch_op.alter_column("asked", existing_type=sa.SmallInteger(), server_default=None)
        batch_op.alter_column("reminded", existing_type=sa.SmallInteger(), server_default=None)
        batch_op.alter_column("escalated_state", existing_type=sa.String(length=24), server_default=None)
        batch_op.drop_column("reminded_state")
        batch_op.create_unique_constraint("complaint_open_once", ["open_key"])
        batch_op.create_check_constraint("complaint_kind_known", "kind IN ('complaint', 'report')")
        batch_op.create_check_constraint(
            "complaint_paused_while_asked", "(state = 'waiting_consumer') = (paused_on IS NOT NULL)"
        )


def downgrade() -> None:
    with op.batch_alter_table("complaint", schema=None) as batch_op:
        batch_op.drop_constraint("complaint_paused_while_asked", type_="check")
        batch_op.drop_constraint("complaint_kind_known", type_="check")
        batch_op.drop_constraint("complaint_open_once", type_="unique")
        batch_op.add_column(
            sa.Column("reminded_state", sa.String(length=24), autoincrement=False, nullable=False, server_default="")
        )
        batch_op.drop_column("open_key")
        batch_op.drop_column("escalated_state")
        batch_op.drop_column("reminded")
        batch_op.drop_column("shared_at")
        batch_op.drop_column("asked")
        batch_op.drop_column("reply_by")
        batch_op.drop_column("kind")
    with op.batch_alter_table("complaint", schema=None) as batch_op:
        batch_op.alter_column("reminded_state", existing_type=sa.String(length=24), server_default=None)
