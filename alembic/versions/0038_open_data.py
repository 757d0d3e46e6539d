"""Open data as it was published, and when support was granted first."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

_UUID = sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite")
_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "open_month",
        _column("id", _UUID),
        _column("month", sa.String(length=7)),
        _column("frozen_at", _TIME),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_open_month")),
        sa.UniqueConstraint("month", name=op.f("uq_open_month_month")),
    )
    op.create_table(
        "open_cell",
        _column("id", _UUID),
        _column("month_id", _UUID),
        _column("measure", sa.String(length=40)),
        _column("part", sa.String(length=12)),
        _column("number", sa.Integer()),
        _column("is_shown", sa.Boolean()),
        sa.CheckConstraint(
            "number >= 0 AND (number NOT BETWEEN 1 AND 9 OR NOT is_shown)", name="ck_open_cell_small_is_hidden"
        ),
        sa.ForeignKeyConstraint(
            ["month_id"], ["open_month.id"], name=op.f("fk_open_cell_month_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_open_cell")),
        sa.UniqueConstraint("month_id", "measure", "part", name="uq_open_cell_of_month"),
    )
    with op.batch_alter_table("support_grant", schema=None) as batch_op:
        batch_op.add_column(sa.Column("granted_at", _TIME, nullable=True))
    op.execute("UPDATE support_grant SET granted_at = made_at WHERE holds_unit")
    with op.batch_alter_table("support_grant", schema=None) as batch_op:
        batch_op.create_check_constraint("ck_support_grant_granted_at", "NOT holds_unit OR granted_at IS NOT NULL")


def _column(name: str, kind: sa.types.TypeEngine[object]) -> sa.Column[object]:
    return sa.Column(name, kind, autoincrement=False, nullable=False)


def downgrade() -> None:
    with op.batch_alter_table("support_grant", schema=None) as batch_op:
        batch_op.drop_constraint("ck_support_grant_granted_at", type_="check")
        batch_op.drop_column("granted_at")
    for table in ("open_cell", "open_month"):
        op.drop_table(table)
