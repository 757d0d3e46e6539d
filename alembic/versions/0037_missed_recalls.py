"""Who received an entry and was told to stop using it: what was missed is found again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

_TOLD = """
UPDATE entry_receipt SET is_recalled = true WHERE EXISTS (
    SELECT 1 FROM entry_recall
    WHERE entry_recall.entry_id = entry_receipt.entry_id AND entry_recall.receiver = entry_receipt.receiver
)
"""


def upgrade() -> None:
    with op.batch_alter_table("entry_receipt", schema=None) as batch_op:
        batch_op.add_column(sa.Column("is_recalled", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.create_index("ix_entry_receipt_recalled", ["is_recalled", "entry_id"], unique=False)
    op.execute(_TOLD)
    with op.batch_alter_table("entry_receipt", schema=None) as batch_op:
        batch_op.alter_column("is_recalled", server_default=None, existing_type=sa.Boolean(), existing_nullable=False)


def downgrade() -> None:
    with op.batch_alter_table("entry_receipt", schema=None) as batch_op:
        batch_op.drop_index("ix_entry_receipt_recalled")
        batch_op.drop_column("is_recalled")
