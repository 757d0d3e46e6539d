"""Documents and letters about entries, and deaths with which entries end."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

_UUID = sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite")
_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "honor_entry_document",
        _column("id", _UUID),
        _column("entry_id", _UUID),
        _column("slot", sa.String(length=36)),
        _column("place", sa.SmallInteger()),
        _column("file_id", _UUID),
        sa.CheckConstraint("place BETWEEN 1 AND 6", name="ck_honor_entry_document_place"),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["honor_entry.id"], name=op.f("fk_honor_entry_document_entry_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_honor_entry_document")),
        sa.UniqueConstraint("entry_id", "slot", "place", name="uq_honor_entry_document_place"),
    )
    op.create_table(
        "honor_entry_letter",
        _column("id", _UUID),
        _column("entry_id", _UUID),
        _column("sent_on", sa.Date()),
        _column("tracking", sa.String(length=40)),
        _column("staff_id", _UUID),
        _column("put_down_at", _TIME),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["honor_entry.id"], name=op.f("fk_honor_entry_letter_entry_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_honor_entry_letter")),
        sa.UniqueConstraint("entry_id", name="uq_honor_entry_letter_once"),
    )
    op.create_table(
        "person_death",
        _column("id", _UUID),
        _column("identity_index", sa.String(length=64)),
        _column("died_on", sa.Date()),
        _column("document", sa.String(length=80)),
        _column("source", sa.String(length=14)),
        _column("actor", sa.String(length=80)),
        _column("ended_entries", sa.Integer()),
        _column("put_down_at", _TIME),
        sa.CheckConstraint("document <> ''", name="ck_person_death_document"),
        sa.CheckConstraint("source IN ('credit_office','bureau')", name="ck_person_death_source"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person_death")),
        sa.UniqueConstraint("identity_index", name=op.f("uq_person_death_identity_index")),
    )


def _column(name: str, kind: sa.types.TypeEngine[object]) -> sa.Column[object]:
    return sa.Column(name, kind, autoincrement=False, nullable=False)


def downgrade() -> None:
    for table in ("person_death", "honor_entry_letter", "honor_entry_document"):
        op.drop_table(table)
