"""A replaced sticker keeps its successor's serial; scans by sticker, day and area; warnings of copies."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("sticker", schema=None) as batch_op:
        batch_op.add_column(sa.Column("replaced_by", sa.String(length=10), autoincrement=False, nullable=True))
        batch_op.create_unique_constraint("uq_sticker_replaced_by", ["replaced_by"])
        batch_op.create_check_constraint(
            "ck_sticker_replaced_is_revoked",
            "replaced_by IS NULL OR (revoked_at IS NOT NULL AND replaced_by <> serial)",
        )
    _create_scan()
    _create_copy_warning()


def _create_scan() -> None:
    op.create_table(
        "sticker_scan",
        _uuid("id"),
        _text("serial", 10),
        sa.Column("day", sa.Date(), autoincrement=False, nullable=False),
        _text("area", 6),
        sa.Column("scans", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("hours", sa.Integer(), autoincrement=False, nullable=False),
        sa.CheckConstraint("scans > 0", name="ck_sticker_scan_scans"),
        sa.CheckConstraint("hours > 0 AND hours < 16777216", name="ck_sticker_scan_hours"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sticker_scan")),
        sa.UniqueConstraint("serial", "day", "area", name="uq_sticker_scan_serial_day_area"),
    )
    with op.batch_alter_table("sticker_scan", schema=None) as batch_op:
        batch_op.create_index("ix_sticker_scan_day", ["day"], unique=False)


def _create_copy_warning() -> None:
    areas = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")
    op.create_table(
        "sticker_copy_warning",
        _uuid("id"),
        _text("serial", 10),
        _text("slot", 36),
        _uuid("merchant_id"),
        _text("division", 12),
        sa.Column("day", sa.Date(), autoincrement=False, nullable=False),
        sa.Column("areas", areas, autoincrement=False, nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), autoincrement=False, nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), autoincrement=False, nullable=True),
        _uuid("settled_by", nullable=True),
        _text("note", 300),
        sa.CheckConstraint(
            "(slot = 'open' AND settled_at IS NULL) OR (slot <> 'open' AND settled_at IS NOT NULL "
            "AND settled_by IS NOT NULL AND note <> '')",
            name="ck_sticker_copy_warning_settled_with_note",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sticker_copy_warning")),
        sa.UniqueConstraint("serial", "slot", name="uq_sticker_copy_warning_serial_slot"),
    )
    with op.batch_alter_table("sticker_copy_warning", schema=None) as batch_op:
        batch_op.create_index("ix_sticker_copy_warning_division", ["division", "found_at"], unique=False)


def _uuid(name: str, *, nullable: bool = False) -> sa.Column[object]:
    kind = sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite")
    return sa.Column(name, kind, autoincrement=False, nullable=nullable)


def _text(name: str, length: int) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=length), autoincrement=False, nullable=False)


def downgrade() -> None:
    op.drop_table("sticker_copy_warning")
    op.drop_table("sticker_scan")
    with op.batch_alter_table("sticker", schema=None) as batch_op:
        batch_op.drop_constraint("ck_sticker_replaced_is_revoked", type_="check")
        batch_op.drop_constraint("uq_sticker_replaced_by", type_="unique")
        batch_op.drop_column("replaced_by")
