"""A merchant objects to what is listed about it, as a resident does."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_UUID = sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite")


def upgrade() -> None:
    with op.batch_alter_table("objection", schema=None) as batch_op:
        batch_op.add_column(sa.Column("merchant_id", _UUID, nullable=True))
        batch_op.alter_column("resident_id", existing_type=_UUID, nullable=True)
    with op.batch_alter_table("objection", schema=None) as batch_op:
        batch_op.create_check_constraint("ck_objection_one_subject", "(resident_id IS NULL) <> (merchant_id IS NULL)")


def downgrade() -> None:
    op.execute("DELETE FROM objection WHERE resident_id IS NULL")
    with op.batch_alter_table("objection", schema=None) as batch_op:
        batch_op.drop_constraint("ck_objection_one_subject", type_="check")
        batch_op.drop_column("merchant_id")
        batch_op.alter_column("resident_id", existing_type=_UUID, nullable=False)
