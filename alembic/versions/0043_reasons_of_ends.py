"""An entry ends with the whole reason of the decision, and nothing holds what has ended."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("honor_entry", schema=None) as batch_op:
        batch_op.alter_column(
            "end_reason", type_=sa.String(length=400), existing_type=sa.String(length=200), existing_nullable=False
        )
    op.execute(
        "UPDATE honor_entry SET display_suspended = false, display_holds = 0"
        " WHERE state IN ('repaired','expired','revoked') AND (display_suspended OR display_holds > 0)"
    )


def downgrade() -> None:
    """Cut the reasons to what the column held."""
    op.execute("UPDATE honor_entry SET end_reason = SUBSTR(end_reason, 1, 200) WHERE LENGTH(end_reason) > 200")
    with op.batch_alter_table("honor_entry", schema=None) as batch_op:
        batch_op.alter_column(
            "end_reason", type_=sa.String(length=200), existing_type=sa.String(length=400), existing_nullable=False
        )
