"""What a part of the city has set stricter than the area above it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    value = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")
    op.create_table(
        "division_policy",
        _uuid("id"),
        _text("division", 12),
        _text("topic", 40),
        _text("key", 40),
        _text("parameter", 40),
        sa.Column("value", value, autoincrement=False, nullable=True),
        sa.Column("in_force_from", sa.Date(), autoincrement=False, nullable=False),
        _text("reason", 200),
        _text("state", 10),
        _text("slot", 36),
        _uuid("maker_id"),
        _text("maker_person", 64),
        sa.Column("made_at", sa.DateTime(timezone=True), autoincrement=False, nullable=False),
        _uuid("decider_id", nullable=True),
        _text("decider_person", 64, nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), autoincrement=False, nullable=True),
        _text("decision_reason", 200),
        sa.CheckConstraint("state IN ('proposed','approved','refused','withdrawn')", name="ck_division_policy_state"),
        sa.CheckConstraint("(state = 'proposed') = (slot = 'open')", name="ck_division_policy_slot"),
        sa.CheckConstraint(
            "(state IN ('approved','refused')) = (decider_person IS NOT NULL) "
            "AND (decider_person IS NULL) = (decided_at IS NULL)",
            name="ck_division_policy_decided_by_somebody",
        ),
        sa.CheckConstraint(
            "decider_person IS NULL OR decider_person <> maker_person", name="ck_division_policy_by_another"
        ),
        sa.CheckConstraint(
            "state <> 'refused' OR decision_reason <> ''", name="ck_division_policy_refused_with_reason"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_division_policy")),
        sa.UniqueConstraint("division", "topic", "key", "parameter", "slot", name="uq_division_policy_one_waits"),
    )
    with op.batch_alter_table("division_policy", schema=None) as batch_op:
        batch_op.create_index("ix_division_policy_topic", ["topic", "division", "state"], unique=False)
        batch_op.create_index("ix_division_policy_division", ["division", "state"], unique=False)


def _uuid(name: str, *, nullable: bool = False) -> sa.Column[object]:
    kind = sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite")
    return sa.Column(name, kind, autoincrement=False, nullable=nullable)


def _text(name: str, length: int, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=length), autoincrement=False, nullable=nullable)


def downgrade() -> None:
    op.drop_table("division_policy")
