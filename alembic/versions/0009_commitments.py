"""Credit commitments with a due date, their papers and what happened to them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "commitment",
        sa.Column("id", sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite"), autoincrement=False, nullable=False),
        sa.Column(
            "entitlement_id", sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("scenario", sa.String(length=64), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column(
            "resident_id", sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("state", sa.String(length=12), autoincrement=False, nullable=False),
        sa.Column("language", sa.String(length=2), autoincrement=False, nullable=False),
        sa.Column("text", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("text_digest", sa.String(length=64), autoincrement=False, nullable=False),
        sa.Column("receipt", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), autoincrement=False, nullable=False),
        sa.Column("first_due_on", sa.Date(), autoincrement=False, nullable=False),
        sa.Column("due_on", sa.Date(), autoincrement=False, nullable=False),
        sa.Column("repair_days", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("repair_until", sa.Date(), autoincrement=False, nullable=True),
        sa.Column(
            "remind_days",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("next_remind_on", sa.Date(), autoincrement=False, nullable=True),
        sa.Column("granted_at", sa.DateTime(timezone=True), autoincrement=False, nullable=True),
        sa.Column("extended_at", sa.DateTime(timezone=True), autoincrement=False, nullable=True),
        sa.Column("extended_by", sa.String(length=80), autoincrement=False, nullable=False),
        sa.Column("extension_reason", sa.String(length=200), autoincrement=False, nullable=False),
        sa.Column("broken_at", sa.DateTime(timezone=True), autoincrement=False, nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), autoincrement=False, nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), autoincrement=False, nullable=False),
        sa.CheckConstraint(
            "(extended_at IS NULL) = (extended_by = '') AND (extended_by = '') = (extension_reason = '')",
            name="ck_commitment_extension_has_maker_and_reason",
        ),
        sa.CheckConstraint(
            "state IN ('signed','fulfilled','broken','repaired','withdrawn')", name="ck_commitment_state"
        ),
        sa.CheckConstraint(
            "state NOT IN ('broken','repaired') OR (broken_at IS NOT NULL AND repair_until IS NOT NULL)",
            name="ck_commitment_broken_can_be_repaired",
        ),
        sa.CheckConstraint("due_on >= first_due_on", name="ck_commitment_due_moves_back_only"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commitment")),
        sa.UniqueConstraint("entitlement_id", name=op.f("uq_commitment_entitlement_id")),
    )
    with op.batch_alter_table("commitment", schema=None) as batch_op:
        batch_op.create_index("ix_commitment_due", ["state", "due_on"], unique=False)
        batch_op.create_index("ix_commitment_remind", ["state", "next_remind_on"], unique=False)
        batch_op.create_index("ix_commitment_resident", ["resident_id", "state"], unique=False)
        batch_op.create_index("ix_commitment_scenario", ["scenario", "state", "due_on"], unique=False)

    op.create_table(
        "commitment_step",
        sa.Column("id", sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite"), autoincrement=False, nullable=False),
        sa.Column(
            "commitment_id", sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("event", sa.String(length=12), autoincrement=False, nullable=False),
        sa.Column("actor", sa.String(length=80), autoincrement=False, nullable=False),
        sa.Column("paper", sa.String(length=32), autoincrement=False, nullable=False),
        sa.Column("text", sa.String(length=200), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commitment_step")),
    )
    with op.batch_alter_table("commitment_step", schema=None) as batch_op:
        batch_op.create_index("ix_commitment_step_commitment", ["commitment_id", "at"], unique=False)

    op.create_table(
        "commitment_paper",
        sa.Column("id", sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("key", sa.String(length=32), autoincrement=False, nullable=False),
        sa.Column("name_zh", sa.String(length=600), autoincrement=False, nullable=False),
        sa.Column("name_en", sa.String(length=600), autoincrement=False, nullable=False),
        sa.Column("state", sa.String(length=12), autoincrement=False, nullable=False),
        sa.Column("channel", sa.String(length=8), autoincrement=False, nullable=False),
        sa.Column("file_id", sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite"), autoincrement=False, nullable=True),
        sa.Column("handed_in_at", sa.DateTime(timezone=True), autoincrement=False, nullable=True),
        sa.Column("judged_at", sa.DateTime(timezone=True), autoincrement=False, nullable=True),
        sa.Column("judged_by", sa.String(length=80), autoincrement=False, nullable=False),
        sa.Column("reason", sa.String(length=200), autoincrement=False, nullable=False),
        sa.Column(
            "commitment_id", sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.CheckConstraint("channel IN ('','upload','counter')", name="ck_commitment_paper_channel"),
        sa.CheckConstraint("state <> 'refused' OR reason <> ''", name="ck_commitment_paper_refused_with_reason"),
        sa.CheckConstraint("state IN ('open','handed_in','confirmed','refused')", name="ck_commitment_paper_state"),
        sa.ForeignKeyConstraint(
            ["commitment_id"], ["commitment.id"], name=op.f("fk_commitment_paper_commitment_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commitment_paper")),
        sa.UniqueConstraint("commitment_id", "key", name="uq_commitment_paper_key"),
    )


def downgrade() -> None:
    op.drop_table("commitment_paper")
    with op.batch_alter_table("commitment_step", schema=None) as batch_op:
        batch_op.drop_index("ix_commitment_step_commitment")

    op.drop_table("commitment_step")
    with op.batch_alter_table("commitment", schema=None) as batch_op:
        batch_op.drop_index("ix_commitment_scenario")
        batch_op.drop_index("ix_commitment_resident")
        batch_op.drop_index("ix_commitment_remind")
        batch_op.drop_index("ix_commitment_due")

    op.drop_table("commitment")
