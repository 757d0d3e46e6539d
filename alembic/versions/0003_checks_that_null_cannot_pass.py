"""Amounts and discounts are compared with what is there; a read's outcome is one of four."""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("service_order", schema=None) as batch_op:
        batch_op.drop_constraint("ck_service_order_amount_only_falls", type_="check")
        batch_op.create_check_constraint(
            "ck_service_order_amount_falls_from_completed",
            "amount_fen IS NULL OR (completed_fen IS NOT NULL AND amount_fen >= 0 AND amount_fen <= completed_fen)",
        )
    with op.batch_alter_table("redemption", schema=None) as batch_op:
        batch_op.drop_constraint("ck_redemption_discount", type_="check")
        batch_op.create_check_constraint(
            "ck_redemption_discount_of_a_price",
            "discount_fen IS NULL OR (price_fen IS NOT NULL AND discount_fen >= 0 AND discount_fen <= price_fen)",
        )
    with op.batch_alter_table("credit_read", schema=None) as batch_op:
        batch_op.create_check_constraint("ck_credit_read_outcome", "outcome IN ('fresh','cached','unknown','refused')")


def downgrade() -> None:
    with op.batch_alter_table("credit_read", schema=None) as batch_op:
        batch_op.drop_constraint("ck_credit_read_outcome", type_="check")
    with op.batch_alter_table("redemption", schema=None) as batch_op:
        batch_op.drop_constraint("ck_redemption_discount_of_a_price", type_="check")
        batch_op.create_check_constraint(
            "ck_redemption_discount", "discount_fen IS NULL OR (discount_fen >= 0 AND discount_fen <= price_fen)"
        )
    with op.batch_alter_table("service_order", schema=None) as batch_op:
        batch_op.drop_constraint("ck_service_order_amount_falls_from_completed", type_="check")
        batch_op.create_check_constraint(
            "ck_service_order_amount_only_falls",
            "amount_fen IS NULL OR (amount_fen >= 0 AND amount_fen <= completed_fen)",
        )
