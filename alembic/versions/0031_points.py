"""Points of honour."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

_UUID = sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite")
_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "point_entry",
        _column("id", _UUID),
        _column("resident_id", _UUID),
        _column("cause", sa.String(length=20)),
        _column("cause_id", _UUID),
        _column("is_reversal", sa.Boolean()),
        _column("points", sa.Integer()),
        _column("year", sa.SmallInteger()),
        _column("expires_on", sa.Date()),
        _column("at", _TIME),
        sa.CheckConstraint(
            "(is_reversal AND points < 0) OR (NOT is_reversal AND points > 0)", name="ck_point_entry_sign"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_point_entry")),
        sa.UniqueConstraint("cause", "cause_id", "resident_id", "is_reversal", name="uq_point_entry_cause"),
    )
    with op.batch_alter_table("point_entry", schema=None) as batch_op:
        batch_op.create_index("ix_point_entry_resident", ["resident_id", "at"], unique=False)
    op.create_table(
        "point_year",
        _column("id", _UUID),
        _column("resident_id", _UUID),
        _column("cause", sa.String(length=20)),
        _column("year", sa.SmallInteger()),
        _column("points", sa.Integer()),
        sa.CheckConstraint("points >= 0", name="ck_point_year_points"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_point_year")),
        sa.UniqueConstraint("resident_id", "cause", "year", name="uq_point_year_cause"),
    )
    op.create_table(
        "point_refusal",
        _column("id", _UUID),
        _column("resident_id", _UUID),
        _column("since", _TIME),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_point_refusal")),
        sa.UniqueConstraint("resident_id", name=op.f("uq_point_refusal_resident_id")),
    )


def _column(name: str, kind: sa.types.TypeEngine[object]) -> sa.Column[object]:
    return sa.Column(name, kind, autoincrement=False, nullable=False)


def downgrade() -> None:
    for table in ("point_refusal", "point_year", "point_entry"):
        op.drop_table(table)
