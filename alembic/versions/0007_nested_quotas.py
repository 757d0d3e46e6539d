"""Quotas of several scopes, money budgets, and what an entitlement holds of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

UUID = sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite")
JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")
EMPTY_LIST = sa.text("'[]'")


def upgrade() -> None:
    with op.batch_alter_table("quota", schema=None) as batch_op:
        batch_op.add_column(sa.Column("measure", sa.String(length=5), nullable=False, server_default="units"))
        batch_op.add_column(sa.Column("scope", sa.String(length=48), nullable=False, server_default=""))
        batch_op.alter_column("total", type_=sa.BigInteger(), existing_type=sa.Integer(), existing_nullable=False)
        batch_op.alter_column("used", type_=sa.BigInteger(), existing_type=sa.Integer(), existing_nullable=False)
        batch_op.drop_constraint("uq_quota_scenario_period", type_="unique")
        batch_op.create_unique_constraint(
            "uq_quota_scenario_measure_scope_period", ["scenario", "measure", "scope", "period"]
        )
        batch_op.create_check_constraint("ck_quota_measure", "measure IN ('units','fen')")
    with op.batch_alter_table("quota", schema=None) as batch_op:
        batch_op.alter_column(
            "measure", server_default=None, existing_type=sa.String(length=5), existing_nullable=False
        )
        batch_op.alter_column("scope", server_default=None, existing_type=sa.String(length=48), existing_nullable=False)
    op.create_table(
        "quota_loan",
        sa.Column("id", UUID, autoincrement=False, nullable=False),
        sa.Column("lender_id", UUID, autoincrement=False, nullable=False),
        sa.Column("borrower_id", UUID, autoincrement=False, nullable=False),
        sa.Column("units", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("returned", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("actor", sa.String(length=80), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), autoincrement=False, nullable=False),
        sa.CheckConstraint("units > 0 AND returned >= 0 AND returned <= units", name="ck_quota_loan_returned"),
        sa.CheckConstraint("lender_id <> borrower_id", name="ck_quota_loan_between_two"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quota_loan")),
    )
    for table in ("entitlement", "redemption"):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.add_column(sa.Column("holds", JSON, nullable=False, server_default=EMPTY_LIST))
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.alter_column("holds", server_default=None, existing_type=JSON, existing_nullable=False)
    with op.batch_alter_table("redemption", schema=None) as batch_op:
        batch_op.add_column(sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index("ix_redemption_unsettled", ["settled_at", "redeemed_at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("redemption", schema=None) as batch_op:
        batch_op.drop_index("ix_redemption_unsettled")
        batch_op.drop_column("settled_at")
        batch_op.drop_column("holds")
    with op.batch_alter_table("entitlement", schema=None) as batch_op:
        batch_op.drop_column("holds")
    op.drop_table("quota_loan")
    op.execute("DELETE FROM quota WHERE measure <> 'units' OR scope <> '' OR (length(period) = 4 AND period <> 'ever')")
    with op.batch_alter_table("quota", schema=None) as batch_op:
        batch_op.drop_constraint("ck_quota_measure", type_="check")
        batch_op.drop_constraint("uq_quota_scenario_measure_scope_period", type_="unique")
        batch_op.create_unique_constraint("uq_quota_scenario_period", ["scenario", "period"])
        batch_op.alter_column("used", type_=sa.Integer(), existing_type=sa.BigInteger(), existing_nullable=False)
        batch_op.alter_column("total", type_=sa.Integer(), existing_type=sa.BigInteger(), existing_nullable=False)
        batch_op.drop_column("scope")
        batch_op.drop_column("measure")
