"""Gatherings and their guests."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

_UUID = sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite")
_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "gathering",
        _column("id", _UUID),
        _column("division", sa.String(length=12)),
        _column("title", sa.String(length=80)),
        _column("place", sa.String(length=80)),
        _column("state", sa.String(length=10)),
        _column("starts_at", _TIME),
        _column("ends_at", _TIME),
        _column("capacity", sa.Integer()),
        _column("taken", sa.Integer()),
        _column("heads", sa.Integer()),
        _column("materials", sa.Integer()),
        _column("reason", sa.String(length=200)),
        _column("made_by", _UUID),
        _column("created_at", _TIME),
        sa.CheckConstraint("state IN ('planned','done','cancelled')", name="ck_gathering_state"),
        sa.CheckConstraint("taken BETWEEN 0 AND capacity", name="ck_gathering_taken"),
        sa.CheckConstraint("heads >= 0 AND materials >= 0", name="ck_gathering_counts"),
        sa.CheckConstraint("starts_at < ends_at", name="ck_gathering_times"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gathering")),
    )
    with op.batch_alter_table("gathering", schema=None) as batch_op:
        batch_op.create_index("ix_gathering_state", ["state", "starts_at"], unique=False)
        batch_op.create_index("ix_gathering_division", ["division"], unique=False)
    op.create_table(
        "gathering_guest",
        _column("id", _UUID),
        _column("gathering_id", _UUID),
        _column("resident_id", _UUID),
        _column("signed_up_at", _TIME),
        _column("attended_at", _TIME, nullable=True),
        sa.ForeignKeyConstraint(
            ["gathering_id"], ["gathering.id"], name=op.f("fk_gathering_guest_gathering_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gathering_guest")),
        sa.UniqueConstraint("gathering_id", "resident_id", name="uq_gathering_guest_resident"),
    )
    with op.batch_alter_table("gathering_guest", schema=None) as batch_op:
        batch_op.create_index("ix_gathering_guest_resident", ["resident_id"], unique=False)


def _column(name: str, kind: sa.types.TypeEngine[object], *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, kind, autoincrement=False, nullable=nullable)


def downgrade() -> None:
    op.drop_table("gathering_guest")
    op.drop_table("gathering")
