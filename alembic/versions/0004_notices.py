"""Notices: what a resident is told, and on what way it went."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "notice",
        _uuid("id"),
        _uuid("resident_id"),
        sa.Column("kind", sa.String(length=40), autoincrement=False, nullable=False),
        sa.Column("about_loss", sa.Boolean(), autoincrement=False, nullable=False),
        sa.Column("dedupe", sa.String(length=120), autoincrement=False, nullable=False),
        sa.Column("title_zh", sa.String(length=200), autoincrement=False, nullable=False),
        sa.Column("title_en", sa.String(length=300), autoincrement=False, nullable=False),
        sa.Column("body_zh", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("body_en", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("link", sa.String(length=200), autoincrement=False, nullable=False),
        _instant("created_at"),
        _instant("read_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
        sa.UniqueConstraint("resident_id", "dedupe", name="uq_notice_resident_dedupe"),
    )
    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.create_index("ix_notice_resident", ["resident_id", "created_at"], unique=False)
        batch_op.create_index("ix_notice_unread", ["resident_id", "read_at"], unique=False)

    op.create_table(
        "notice_delivery",
        _uuid("id"),
        _uuid("notice_id"),
        sa.Column("channel", sa.String(length=8), autoincrement=False, nullable=False),
        sa.Column("state", sa.String(length=8), autoincrement=False, nullable=False),
        sa.Column("attempts", sa.Integer(), autoincrement=False, nullable=False),
        _instant("next_at"),
        sa.Column("last_status", sa.Integer(), autoincrement=False, nullable=True),
        _instant("settled_at", nullable=True),
        sa.CheckConstraint("channel IN ('sms')", name="ck_notice_delivery_channel"),
        sa.CheckConstraint("state IN ('due','sent','shown','skipped','dead')", name="ck_notice_delivery_state"),
        sa.CheckConstraint("(state = 'due') = (settled_at IS NULL)", name="ck_notice_delivery_settled_unless_due"),
        sa.ForeignKeyConstraint(
            ["notice_id"], ["notice.id"], name=op.f("fk_notice_delivery_notice_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice_delivery")),
        sa.UniqueConstraint("notice_id", "channel", name="uq_notice_delivery_notice_channel"),
    )
    with op.batch_alter_table("notice_delivery", schema=None) as batch_op:
        batch_op.create_index("ix_notice_delivery_due", ["state", "next_at"], unique=False)

    op.create_table(
        "notice_choice",
        _uuid("id"),
        _uuid("resident_id"),
        sa.Column("sms_losses", sa.Boolean(), autoincrement=False, nullable=False),
        sa.Column("sms_news", sa.Boolean(), autoincrement=False, nullable=False),
        _instant("changed_at"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice_choice")),
        sa.UniqueConstraint("resident_id", name=op.f("uq_notice_choice_resident_id")),
    )
    op.create_table(
        "reminder_mark",
        _uuid("id"),
        sa.Column("name", sa.String(length=64), autoincrement=False, nullable=False),
        _instant("until"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder_mark")),
        sa.UniqueConstraint("name", name=op.f("uq_reminder_mark_name")),
    )
    _create_warnings()


def _create_warnings() -> None:
    op.create_table(
        "entitlement_warning",
        _uuid("id"),
        _uuid("entitlement_id"),
        sa.Column("slot", sa.String(length=36), autoincrement=False, nullable=False),
        _uuid("decision_id"),
        sa.Column("state", sa.String(length=8), autoincrement=False, nullable=False),
        sa.Column("does", sa.String(length=8), autoincrement=False, nullable=False),
        sa.Column(
            "reasons",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            autoincrement=False,
            nullable=False,
        ),
        _instant("warned_at"),
        sa.Column("acts_on", sa.Date(), autoincrement=False, nullable=False),
        _instant("acted_at", nullable=True),
        _instant("ended_at", nullable=True),
        sa.CheckConstraint("state IN ('open','acted','lifted','resumed','void')", name="ck_entitlement_warning_state"),
        sa.CheckConstraint("does IN ('suspend','end')", name="ck_entitlement_warning_does"),
        sa.CheckConstraint(
            "state <> 'acted' OR (acted_at IS NOT NULL AND acted_at > warned_at)",
            name="ck_entitlement_warning_told_before_it_acts",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entitlement_warning")),
        sa.UniqueConstraint("entitlement_id", "slot", name="uq_entitlement_warning_entitlement_slot"),
    )
    with op.batch_alter_table("entitlement_warning", schema=None) as batch_op:
        batch_op.create_index("ix_entitlement_warning_due", ["state", "acts_on"], unique=False)
    with op.batch_alter_table("entitlement", schema=None) as batch_op:
        batch_op.add_column(sa.Column("recheck_at", sa.DateTime(timezone=True), autoincrement=False, nullable=True))
        batch_op.create_index("ix_entitlement_recheck", ["scenario", "recheck_at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("entitlement", schema=None) as batch_op:
        batch_op.drop_index("ix_entitlement_recheck")
        batch_op.drop_column("recheck_at")
    for table in ("entitlement_warning", "reminder_mark", "notice_choice", "notice_delivery", "notice"):
        op.drop_table(table)


def _uuid(name: str) -> sa.Column[object]:
    kind = sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite")
    return sa.Column(name, kind, autoincrement=False, nullable=False)


def _instant(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), autoincrement=False, nullable=nullable)
