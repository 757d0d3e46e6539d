"""A recall of somebody who has left is closed by the city's credit office, with the reason."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None

_CLOSED = "(state = 'closed') = (closed_at IS NOT NULL AND reason <> '')"


def upgrade() -> None:
    with op.batch_alter_table("entry_recall", schema=None) as batch_op:
        batch_op.add_column(sa.Column("closed_at", sa.DateTime(timezone=True), autoincrement=False, nullable=True))
        batch_op.add_column(
            sa.Column("reason", sa.String(length=400), autoincrement=False, nullable=False, server_default="")
        )
        batch_op.drop_constraint("ck_entry_recall_state", type_="check")
    with op.batch_alter_table("entry_recall", schema=None) as batch_op:
        batch_op.alter_column("reason", existing_type=sa.String(length=400), server_default=None)
        batch_op.create_check_constraint("ck_entry_recall_state", "state IN ('issued','acknowledged','closed')")
        batch_op.create_check_constraint("ck_entry_recall_closed", _CLOSED)


def downgrade() -> None:
    """What was closed is open again, and chased."""
    with op.batch_alter_table("entry_recall", schema=None) as batch_op:
        batch_op.drop_constraint("ck_entry_recall_state", type_="check")
        batch_op.drop_constraint("ck_entry_recall_closed", type_="check")
        batch_op.drop_column("closed_at")
        batch_op.drop_column("reason")
    op.execute("UPDATE entry_recall SET state = 'issued' WHERE state = 'closed'")
    with op.batch_alter_table("entry_recall", schema=None) as batch_op:
        batch_op.create_check_constraint("ck_entry_recall_state", "state IN ('issued','acknowledged')")
