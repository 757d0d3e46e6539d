"""Credit risk classes with their changes, inspections, and draws of shops to inspect."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_COLOURS = "('green','yellow','orange','red')"
TABLES = ("inspection_draw", "inspection", "risk_class_change", "risk_class")


def upgrade() -> None:
    _create_class()
    _create_change()
    _create_inspection()
    _create_draw()


def _create_class() -> None:
    op.create_table(
        "risk_class",
        _uuid("id"),
        _uuid("merchant_id"),
        _text("trade", 24),
        _text("division", 12),
        _text("colour", 8),
        _number("points"),
        _text("version", 8),
        _document("reasons"),
        sa.Column("computed_on", sa.Date(), autoincrement=False, nullable=False),
        _moment("computed_at"),
        _moment("stale_at", nullable=True),
        sa.CheckConstraint(f"colour IN {_COLOURS}", name="ck_risk_class_colour"),
        sa.CheckConstraint("points >= 0", name="ck_risk_class_points"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_risk_class")),
        sa.UniqueConstraint("merchant_id", name="uq_risk_class_merchant"),
    )
    with op.batch_alter_table("risk_class", schema=None) as batch_op:
        batch_op.create_index("ix_risk_class_division", ["division", "colour"], unique=False)
        batch_op.create_index("ix_risk_class_computed", ["computed_on"], unique=False)
        batch_op.create_index("ix_risk_class_stale", ["stale_at"], unique=False)


def _create_change() -> None:
    op.create_table(
        "risk_class_change",
        _uuid("id"),
        _uuid("merchant_id"),
        _text("before", 8),
        _text("colour", 8),
        _number("points"),
        _text("version", 8),
        _document("reasons"),
        _moment("at"),
        sa.CheckConstraint(f"colour IN {_COLOURS} AND colour <> before", name="ck_risk_class_change_colour"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_risk_class_change")),
    )
    with op.batch_alter_table("risk_class_change", schema=None) as batch_op:
        batch_op.create_index("ix_risk_class_change_merchant", ["merchant_id", "at"], unique=False)


def _create_inspection() -> None:
    op.create_table(
        "inspection",
        _uuid("id"),
        _uuid("merchant_id"),
        sa.Column("day", sa.Date(), autoincrement=False, nullable=False),
        _text("kind", 16),
        sa.Column("has_passed", sa.Boolean(), autoincrement=False, nullable=False),
        _text("authority", 80),
        _text("document_no", 80),
        _moment("created_at"),
        sa.CheckConstraint("kind IN ('general','food','medicine','fire','quality')", name="ck_inspection_kind"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inspection")),
        sa.UniqueConstraint("authority", "document_no", name="uq_inspection_document"),
    )
    with op.batch_alter_table("inspection", schema=None) as batch_op:
        batch_op.create_index("ix_inspection_merchant", ["merchant_id", "day"], unique=False)


def _create_draw() -> None:
    op.create_table(
        "inspection_draw",
        _uuid("id"),
        _text("division", 12),
        _text("trade", 24),
        _text("seed", 64),
        _document("weights"),
        _document("candidates"),
        _document("drawn"),
        _uuid("drawn_by"),
        _moment("drawn_at"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inspection_draw")),
    )
    with op.batch_alter_table("inspection_draw", schema=None) as batch_op:
        batch_op.create_index("ix_inspection_draw_division", ["division", "drawn_at"], unique=False)


def _uuid(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite"), autoincrement=False, nullable=False)


def _text(name: str, length: int) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=length), autoincrement=False, nullable=False)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), autoincrement=False, nullable=False)


def _document(name: str) -> sa.Column[object]:
    kind = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")
    return sa.Column(name, kind, autoincrement=False, nullable=False)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), autoincrement=False, nullable=nullable)


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
