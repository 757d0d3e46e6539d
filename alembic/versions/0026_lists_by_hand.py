"""Lists changed entry by entry with a story of comments; the form in which a name is published."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

_UUID = sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite")
_TIME = sa.DateTime(timezone=True)
_FORM = (
    "name_form = 'masked' OR (name_form IN ('full','hidden') AND name_chosen_at IS NOT NULL"
    " AND merchant_id IS NULL AND kind LIKE 'red-%')"
)


def upgrade() -> None:
    op.create_table(
        "honor_list_note",
        sa.Column("id", _UUID, autoincrement=False, nullable=False),
        sa.Column("honor_list_id", _UUID, autoincrement=False, nullable=False),
        sa.Column("turn", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("act", sa.String(length=10), autoincrement=False, nullable=False),
        sa.Column("staff_id", _UUID, autoincrement=False, nullable=False),
        sa.Column("text", sa.String(length=400), autoincrement=False, nullable=False),
        sa.Column("at", _TIME, autoincrement=False, nullable=False),
        sa.CheckConstraint("act IN ('comment','added','removed')", name="ck_honor_list_note_act"),
        sa.ForeignKeyConstraint(
            ["honor_list_id"], ["honor_list.id"], name=op.f("fk_honor_list_note_honor_list_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_honor_list_note")),
    )
    with op.batch_alter_table("honor_list_note", schema=None) as batch_op:
        batch_op.create_index("ix_honor_list_note_list", ["honor_list_id", "at"], unique=False)
    with op.batch_alter_table("honor_entry", schema=None) as batch_op:
        batch_op.add_column(sa.Column("name_form", sa.String(length=8), nullable=False, server_default="masked"))
        batch_op.add_column(sa.Column("name_chosen_at", _TIME, nullable=True))
    with op.batch_alter_table("honor_entry", schema=None) as batch_op:
        batch_op.alter_column(
            "name_form", server_default=None, existing_type=sa.String(length=8), existing_nullable=False
        )
        batch_op.create_check_constraint("ck_honor_entry_name_form", _FORM)


def downgrade() -> None:
    """A full name cannot be masked again without the keys: it is not shown at all."""
    op.execute("UPDATE honor_entry SET name_masked = '一位居民' WHERE name_form = 'full'")
    with op.batch_alter_table("honor_entry", schema=None) as batch_op:
        batch_op.drop_constraint("ck_honor_entry_name_form", type_="check")
        batch_op.drop_column("name_chosen_at")
        batch_op.drop_column("name_form")
    op.drop_table("honor_list_note")
