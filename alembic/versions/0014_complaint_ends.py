"""Complaints: satisfaction, the number that 12315 gave, malicious ones with their appeal, and public answers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _add_columns()
    _create_mark()
    _create_public_answer()


def _add_columns() -> None:
    with op.batch_alter_table("complaint", schema=None) as batch_op:
        batch_op.add_column(sa.Column("satisfied", sa.Boolean(), nullable=True))
        batch_op.add_column(sa.Column("official_number", sa.String(length=40), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("is_malicious", sa.Boolean(), nullable=False, server_default=sa.text("false")))
    with op.batch_alter_table("complaint", schema=None) as batch_op:
        batch_op.alter_column(
            "official_number", server_default=None, existing_type=sa.String(length=40), existing_nullable=False
        )
        batch_op.alter_column("is_malicious", server_default=None, existing_type=sa.Boolean(), existing_nullable=False)


def _create_mark() -> None:
    op.create_table(
        "complaint_mark",
        _uuid("id"),
        _uuid("complaint_id"),
        _text("division", 12),
        _text("state", 12),
        _words("reason"),
        _uuid("maker_id"),
        _text("maker_person", 64),
        _moment("made_at"),
        _text("decider_person", 64, nullable=True),
        _words("decision_reason"),
        _moment("decided_at", nullable=True),
        sa.Column("appeal_by", sa.Date(), autoincrement=False, nullable=True),
        _words("appeal"),
        _moment("appealed_at", nullable=True),
        _text("judge_person", 64, nullable=True),
        _words("judgement_reason"),
        _moment("judged_at", nullable=True),
        sa.CheckConstraint(
            "state IN ('proposed','refused','upheld','appealed','kept','lifted')", name="ck_complaint_mark_state"
        ),
        sa.CheckConstraint(
            "state = 'proposed' OR (decider_person IS NOT NULL AND decider_person <> maker_person)",
            name="ck_complaint_mark_decided_by_another",
        ),
        sa.CheckConstraint(
            "state NOT IN ('kept','lifted') OR (judge_person IS NOT NULL AND judge_person <> maker_person "
            "AND judge_person <> decider_person)",
            name="ck_complaint_mark_judged_by_a_third",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_complaint_mark")),
        sa.UniqueConstraint("complaint_id", name="uq_complaint_mark_complaint"),
    )
    with op.batch_alter_table("complaint_mark", schema=None) as batch_op:
        batch_op.create_index("ix_complaint_mark_division", ["division", "state"], unique=False)


def _create_public_answer() -> None:
    op.create_table(
        "public_answer",
        _uuid("id"),
        _uuid("complaint_id"),
        _uuid("merchant_id"),
        _text("division", 12),
        _text("category", 24),
        _text("text", 500),
        _text("state", 10),
        _text("reason", 200),
        _moment("made_at"),
        _uuid("decided_by", nullable=True),
        _moment("decided_at", nullable=True),
        sa.CheckConstraint("state IN ('waiting','shown','refused')", name="ck_public_answer_state"),
        sa.CheckConstraint("(state = 'waiting') = (decided_by IS NULL)", name="ck_public_answer_decided_by_somebody"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_public_answer")),
        sa.UniqueConstraint("complaint_id", name="uq_public_answer_complaint"),
    )
    with op.batch_alter_table("public_answer", schema=None) as batch_op:
        batch_op.create_index("ix_public_answer_merchant", ["merchant_id", "state"], unique=False)
        batch_op.create_index("ix_public_answer_division", ["division", "state"], unique=False)


def _uuid(name: str, *, nullable: bool = False) -> sa.Column[object]:
    kind = sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite")
    return sa.Column(name, kind, autoincrement=False, nullable=nullable)


def _text(name: str, length: int, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=length), autoincrement=False, nullable=nullable)


def _words(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), autoincrement=False, nullable=False)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), autoincrement=False, nullable=nullable)


def downgrade() -> None:
    op.drop_table("public_answer")
    op.drop_table("complaint_mark")
    with op.batch_alter_table("complaint", schema=None) as batch_op:
        batch_op.drop_column("is_malicious")
        batch_op.drop_column("official_number")
        batch_op.drop_column("satisfied")
