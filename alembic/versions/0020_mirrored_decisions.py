"""Mirrored decisions with everything an authority decided, and reviews by several persons."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_COLUMNS = (
    ("source", sa.String(length=14), "made"),
    ("grade", sa.String(length=10), ""),
    ("legal_basis", sa.String(length=200), ""),
)
_DAYS = ("determined_on", "notified_on", "objection_until", "repairable_from", "ends_on")
_WHOLE = (
    "kind NOT LIKE 'black-%' OR state NOT IN ('noticed','published') OR (source <> 'made' AND grade <> ''"
    " AND legal_basis <> '' AND determined_on IS NOT NULL AND notified_on IS NOT NULL"
    " AND objection_until IS NOT NULL AND ends_on IS NOT NULL)"
)


def upgrade() -> None:
    _alter_lists()
    _alter_entries()
    op.create_table(
        "honor_list_review",
        _uuid("id"),
        _uuid("honor_list_id"),
        sa.Column("turn", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("person", sa.String(length=64), autoincrement=False, nullable=False),
        _uuid("staff_id"),
        sa.Column("verdict", sa.String(length=10), autoincrement=False, nullable=False),
        sa.Column("comment", sa.String(length=400), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), autoincrement=False, nullable=False),
        sa.CheckConstraint("verdict IN ('approve','send_back')", name="ck_honor_list_review_verdict"),
        sa.ForeignKeyConstraint(
            ["honor_list_id"],
            ["honor_list.id"],
            name=op.f("fk_honor_list_review_honor_list_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_honor_list_review")),
        sa.UniqueConstraint("honor_list_id", "turn", "person", name="uq_honor_list_review_person"),
    )


def _alter_lists() -> None:
    numbers = (("turn", "1"), ("reviews_needed", "1"), ("approvals", "0"))
    with op.batch_alter_table("honor_list", schema=None) as batch_op:
        for name, value in numbers:
            batch_op.add_column(sa.Column(name, sa.SmallInteger(), nullable=False, server_default=value))
    op.execute("UPDATE honor_list SET approvals = 1 WHERE state = 'approved'")
    with op.batch_alter_table("honor_list", schema=None) as batch_op:
        for name, _ in numbers:
            batch_op.alter_column(name, server_default=None, existing_type=sa.SmallInteger(), existing_nullable=False)
        batch_op.drop_constraint("ck_honor_list_state", type_="check")
        batch_op.create_check_constraint("ck_honor_list_state", "state IN ('draft','in_review','approved','withdrawn')")
        batch_op.create_check_constraint("ck_honor_list_approvals", "approvals BETWEEN 0 AND reviews_needed")
        batch_op.create_check_constraint(
            "ck_honor_list_approved_by_all", "state <> 'approved' OR approvals = reviews_needed"
        )


def _alter_entries() -> None:
    with op.batch_alter_table("honor_entry", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("merchant_id", sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite"), nullable=True)
        )
        for name, kind, value in _COLUMNS:
            batch_op.add_column(sa.Column(name, kind, nullable=False, server_default=value))
        for name in _DAYS:
            batch_op.add_column(sa.Column(name, sa.Date(), nullable=True))
    # What was mirrored before lacks what may not be lacking: it ends, and is entered anew with its documents.
    op.execute(
        "UPDATE honor_entry SET state = 'revoked', slot = CAST(id AS VARCHAR(36)), end_reason = 'not whole',"
        " ended_at = COALESCE(published_at, publish_at, created_at)"
        " WHERE kind LIKE 'black-%' AND state IN ('noticed','published')"
    )
    with op.batch_alter_table("honor_entry", schema=None) as batch_op:
        for name, kind, _ in _COLUMNS:
            batch_op.alter_column(name, server_default=None, existing_type=kind, existing_nullable=False)
        batch_op.create_check_constraint("ck_honor_entry_black_is_whole", _WHOLE)
        batch_op.create_check_constraint("ck_honor_entry_source", "source IN ('made','credit_office','bureau')")
        batch_op.create_check_constraint("ck_honor_entry_grade", "grade IN ('','minor','ordinary','serious')")
        batch_op.create_index("ix_honor_entry_merchant", ["merchant_id"], unique=False)


def _uuid(name: str) -> sa.Column[object]:
    kind = sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite")
    return sa.Column(name, kind, autoincrement=False, nullable=False)


def downgrade() -> None:
    op.drop_table("honor_list_review")
    with op.batch_alter_table("honor_entry", schema=None) as batch_op:
        batch_op.drop_index("ix_honor_entry_merchant")
        for name in ("ck_honor_entry_black_is_whole", "ck_honor_entry_source", "ck_honor_entry_grade"):
            batch_op.drop_constraint(name, type_="check")
        for column in ("merchant_id", *(name for name, _, _ in _COLUMNS), *_DAYS):
            batch_op.drop_column(column)
    # A list that was taken back is an older draft again; its entries have ended.
    op.execute("UPDATE honor_list SET state = 'draft' WHERE state = 'withdrawn'")
    with op.batch_alter_table("honor_list", schema=None) as batch_op:
        for name in ("ck_honor_list_state", "ck_honor_list_approvals", "ck_honor_list_approved_by_all"):
            batch_op.drop_constraint(name, type_="check")
        batch_op.create_check_constraint("ck_honor_list_state", "state IN ('draft','in_review','approved')")
        for name in ("turn", "reviews_needed", "approvals"):
            batch_op.drop_column(name)
