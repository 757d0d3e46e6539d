"""Referrals to a bank or insurer, and what kind of receiver a partner is."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "referral",
        sa.Column("id", sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite"), autoincrement=False, nullable=False),
        sa.Column(
            "entitlement_id", sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("slot", sa.String(length=36), autoincrement=False, nullable=False),
        sa.Column("scenario", sa.String(length=64), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column(
            "resident_id", sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column(
            "partner_id", sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("purpose", sa.String(length=64), autoincrement=False, nullable=False),
        sa.Column(
            "consent_id", sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("pseudonym", sa.String(length=40), autoincrement=False, nullable=False),
        sa.Column("verdict", sa.String(length=3), autoincrement=False, nullable=False),
        sa.Column("answer", sa.Text(), autoincrement=False, nullable=False),
        sa.Column(
            "offer_event_id", sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("state", sa.String(length=20), autoincrement=False, nullable=False),
        sa.Column("offered_at", sa.DateTime(timezone=True), autoincrement=False, nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), autoincrement=False, nullable=False),
        sa.Column("delivered_at", sa.DateTime(timezone=True), autoincrement=False, nullable=True),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), autoincrement=False, nullable=True),
        sa.Column("outcome", sa.String(length=8), autoincrement=False, nullable=False),
        sa.Column("outcome_at", sa.DateTime(timezone=True), autoincrement=False, nullable=True),
        sa.Column("recall", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("recall_reason", sa.String(length=12), autoincrement=False, nullable=False),
        sa.Column("recalled_at", sa.DateTime(timezone=True), autoincrement=False, nullable=True),
        sa.Column("recheck_at", sa.DateTime(timezone=True), autoincrement=False, nullable=False),
        sa.Column("next_chase_at", sa.DateTime(timezone=True), autoincrement=False, nullable=True),
        sa.Column("chases", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), autoincrement=False, nullable=True),
        sa.CheckConstraint(
            "(slot = 'live') = (state IN ('offered','delivered','acknowledged'))",
            name="ck_referral_slot_is_live_while_used",
        ),
        sa.CheckConstraint("outcome IN ('','accepted','declined')", name="ck_referral_outcome"),
        sa.CheckConstraint(
            "state IN ('offered','delivered','acknowledged','recalled','recall_acknowledged','expired','withdrawn')",
            name="ck_referral_state",
        ),
        sa.CheckConstraint(
            "state NOT IN ('recalled','recall_acknowledged') OR (recalled_at IS NOT NULL AND recall <> '' AND recall_reason <> '')",
            name="ck_referral_recall_is_signed",
        ),
        sa.CheckConstraint("verdict IN ('yes','no')", name="ck_referral_verdict"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referral")),
        sa.UniqueConstraint("entitlement_id", "slot", name="uq_referral_entitlement_slot"),
    )
    with op.batch_alter_table("referral", schema=None) as batch_op:
        batch_op.create_index("ix_referral_chase", ["state", "next_chase_at"], unique=False)
        batch_op.create_index("ix_referral_recheck", ["slot", "recheck_at"], unique=False)
        batch_op.create_index("ix_referral_expires", ["state", "expires_at"], unique=False)
        batch_op.create_index("ix_referral_partner", ["partner_id", "state"], unique=False)
        batch_op.create_index("ix_referral_resident", ["resident_id", "offered_at"], unique=False)

    with op.batch_alter_table("partner", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("kind", sa.String(length=40), autoincrement=False, nullable=False, server_default="")
        )
    with op.batch_alter_table("partner", schema=None) as batch_op:
        batch_op.alter_column("kind", existing_type=sa.String(length=40), server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("partner", schema=None) as batch_op:
        batch_op.drop_column("kind")

    with op.batch_alter_table("referral", schema=None) as batch_op:
        batch_op.drop_index("ix_referral_resident")
        batch_op.drop_index("ix_referral_partner")
        batch_op.drop_index("ix_referral_expires")
        batch_op.drop_index("ix_referral_chase")

    op.drop_table("referral")
