"""Guardianships: who may act for whom."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

UUID = sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite")


def upgrade() -> None:
    op.create_table(
        "guardianship",
        sa.Column("id", UUID, autoincrement=False, nullable=False),
        sa.Column("guardian_id", UUID, autoincrement=False, nullable=False),
        sa.Column("ward_id", UUID, autoincrement=False, nullable=False),
        sa.Column("slot", sa.String(length=36), autoincrement=False, nullable=False),
        sa.Column("relation", sa.String(length=12), autoincrement=False, nullable=False),
        sa.Column("state", sa.String(length=12), autoincrement=False, nullable=False),
        sa.Column("division", sa.String(length=12), autoincrement=False, nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), autoincrement=False, nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), autoincrement=False, nullable=True),
        sa.Column("decided_by", UUID, autoincrement=False, nullable=True),
        sa.Column("reason", sa.String(length=200), autoincrement=False, nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), autoincrement=False, nullable=True),
        sa.CheckConstraint("state IN ('asked','confirmed','refused','ended')", name="ck_guardianship_state"),
        sa.CheckConstraint(
            "relation IN ('parent','grandparent','guardian','child','carer')", name="ck_guardianship_relation"
        ),
        sa.CheckConstraint("guardian_id <> ward_id", name="ck_guardianship_of_another"),
        sa.CheckConstraint(
            "(decided_by IS NULL) = (decided_at IS NULL) "
            "AND (state NOT IN ('confirmed','refused') OR decided_by IS NOT NULL)",
            name="ck_guardianship_decided_by_somebody",
        ),
        sa.CheckConstraint("state <> 'refused' OR reason <> ''", name="ck_guardianship_refused_with_reason"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guardianship")),
        sa.UniqueConstraint("guardian_id", "ward_id", "slot", name="uq_guardianship_pair"),
    )
    with op.batch_alter_table("guardianship", schema=None) as batch_op:
        batch_op.create_index("ix_guardianship_ward", ["ward_id", "slot"], unique=False)
        batch_op.create_index("ix_guardianship_state", ["state", "asked_at"], unique=False)


def downgrade() -> None:
    op.drop_table("guardianship")
