"""Changes of scenes, made by one person and approved by another, and the merchants that signed up to a scene."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create_scene_change()
    _create_participation()
    with op.batch_alter_table("entitlement", schema=None) as batch_op:
        batch_op.create_index("ix_entitlement_created", ["created_at"], unique=False)


def _create_scene_change() -> None:
    op.create_table(
        "scene_change",
        _uuid("id"),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=True),
        _text("slug", 40),
        _text("kind", 10),
        _document("proposal"),
        _document("base"),
        _document("outcome"),
        _text("reason", 400),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=True),
        _text("state", 10),
        _uuid("maker_id"),
        _text("maker_person", 64),
        _instant("made_at"),
        _uuid("decided_by", nullable=True),
        _text("decided_by_person", 64, nullable=True),
        _instant("decided_at", nullable=True),
        _text("decision_reason", 400),
        sa.CheckConstraint("kind IN ('switch','manifest','quota','loan','return')", name="ck_scene_change_kind"),
        sa.CheckConstraint("state IN ('proposed','approved','refused','withdrawn')", name="ck_scene_change_state"),
        sa.CheckConstraint(
            "state NOT IN ('approved','refused') OR "
            "(decided_by_person IS NOT NULL AND decided_by_person <> maker_person)",
            name="ck_scene_change_decided_by_another",
        ),
        sa.CheckConstraint("state <> 'approved' OR seq IS NOT NULL", name="ck_scene_change_seq_when_approved"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scene_change")),
        sa.UniqueConstraint("seq", name="uq_scene_change_seq"),
        sa.UniqueConstraint("slug", "version", name="uq_scene_change_slug_version"),
    )
    with op.batch_alter_table("scene_change", schema=None) as batch_op:
        batch_op.create_index("ix_scene_change_state", ["state", "made_at"], unique=False)
        batch_op.create_index("ix_scene_change_slug", ["slug", "made_at"], unique=False)


def _create_participation() -> None:
    op.create_table(
        "participation",
        _uuid("id"),
        _text("scenario", 64),
        _uuid("merchant_id"),
        _text("slot", 36),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        _text("joined_by", 80),
        _instant("joined_at"),
        _instant("left_at", nullable=True),
        sa.CheckConstraint("(slot = 'live') = (left_at IS NULL)", name="ck_participation_live_until_left"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_participation")),
        sa.UniqueConstraint("merchant_id", "scenario", "slot", name="uq_participation_merchant_scenario_slot"),
    )
    with op.batch_alter_table("participation", schema=None) as batch_op:
        batch_op.create_index("ix_participation_scenario", ["scenario", "slot"], unique=False)


def _uuid(name: str, *, nullable: bool = False) -> sa.Column[object]:
    kind = sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite")
    return sa.Column(name, kind, autoincrement=False, nullable=nullable)


def _text(name: str, length: int, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.String(length=length), autoincrement=False, nullable=nullable)


def _instant(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), autoincrement=False, nullable=nullable)


def _document(name: str) -> sa.Column[object]:
    kind = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")
    return sa.Column(name, kind, autoincrement=False, nullable=False)


def downgrade() -> None:
    with op.batch_alter_table("entitlement", schema=None) as batch_op:
        batch_op.drop_index("ix_entitlement_created")
    op.drop_table("participation")
    op.drop_table("scene_change")
