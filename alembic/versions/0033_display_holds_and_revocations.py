"""What keeps an entry from being displayed is counted; entries are revoked by two persons; lists are refused."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

_UUID = sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite")
_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "entry_revocation",
        _column("id", _UUID),
        _column("entry_id", _UUID),
        _column("slot", sa.String(length=36)),
        _column("state", sa.String(length=10)),
        _column("reason", sa.String(length=400)),
        _column("document", sa.String(length=80)),
        _column("proposed_by", _UUID),
        _column("proposed_person", sa.String(length=64)),
        _column("proposed_at", _TIME),
        _column("decide_by", sa.Date()),
        sa.Column("decided_by", _UUID, autoincrement=False, nullable=True),
        _column("decided_person", sa.String(length=64)),
        sa.Column("decided_at", _TIME, autoincrement=False, nullable=True),
        _column("decision_reason", sa.String(length=400)),
        sa.CheckConstraint("state IN ('proposed','confirmed','refused','lapsed')", name="ck_entry_revocation_state"),
        sa.CheckConstraint(
            "state NOT IN ('confirmed','refused') OR decided_person NOT IN ('', proposed_person)",
            name="ck_entry_revocation_two_persons",
        ),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["honor_entry.id"], name=op.f("fk_entry_revocation_entry_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entry_revocation")),
        sa.UniqueConstraint("entry_id", "slot", name="uq_entry_revocation_entry_slot"),
    )
    with op.batch_alter_table("entry_revocation", schema=None) as batch_op:
        batch_op.create_index("ix_entry_revocation_due", ["state", "decide_by"], unique=False)
    with op.batch_alter_table("honor_entry", schema=None) as batch_op:
        batch_op.add_column(sa.Column("display_holds", sa.SmallInteger(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("stuck_since", _TIME, nullable=True))
        batch_op.alter_column(
            "name_cipher", type_=sa.String(500), existing_type=sa.String(300), existing_nullable=False
        )
    op.execute("UPDATE honor_entry SET display_holds = 1 WHERE display_suspended")
    with op.batch_alter_table("honor_entry", schema=None) as batch_op:
        batch_op.alter_column(
            "display_holds", server_default=None, existing_type=sa.SmallInteger(), existing_nullable=False
        )
        batch_op.create_check_constraint("ck_honor_entry_display_holds", "display_holds >= 0")
    with op.batch_alter_table("objection", schema=None) as batch_op:
        batch_op.add_column(sa.Column("suspends", sa.Boolean(), nullable=False, server_default=sa.true()))
    with op.batch_alter_table("objection", schema=None) as batch_op:
        batch_op.alter_column("suspends", server_default=None, existing_type=sa.Boolean(), existing_nullable=False)
    _reword("honor_list_review", "verdict", ("word", "'approve','send_back','refuse'"))
    _reword("honor_list_note", "act", ("word", "'comment','added','removed','evidence'"))


def _column(name: str, kind: sa.types.TypeEngine[object]) -> sa.Column[object]:
    return sa.Column(name, kind, autoincrement=False, nullable=False)


def _reword(table: str, column: str, new: tuple[str, str]) -> None:
    """Let a column hold other words; its old constraint is named after the column, the newer one `word`."""
    name, words = new
    old = column if name == "word" else "word"
    with op.batch_alter_table(table, schema=None) as batch_op:
        batch_op.drop_constraint(f"ck_{table}_{old}", type_="check")
        batch_op.create_check_constraint(f"ck_{table}_{name}", f"{column} IN ({words})")


def downgrade() -> None:
    op.execute("DELETE FROM honor_list_note WHERE act = 'evidence'")
    op.execute("DELETE FROM honor_list_review WHERE verdict = 'refuse'")
    _reword("honor_list_note", "act", ("act", "'comment','added','removed'"))
    _reword("honor_list_review", "verdict", ("verdict", "'approve','send_back'"))
    with op.batch_alter_table("objection", schema=None) as batch_op:
        batch_op.drop_column("suspends")
    with op.batch_alter_table("honor_entry", schema=None) as batch_op:
        batch_op.drop_constraint("ck_honor_entry_display_holds", type_="check")
        batch_op.drop_column("stuck_since")
        batch_op.alter_column(
            "name_cipher", type_=sa.String(300), existing_type=sa.String(500), existing_nullable=False
        )
        batch_op.drop_column("display_holds")
    op.drop_table("entry_revocation")
