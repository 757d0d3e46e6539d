"""Sheets of lists are checked and kept in the background."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

_UUID = sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite")
_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "list_upload",
        _column("id", _UUID),
        _column("division", sa.String(length=12)),
        _column("kind", sa.String(length=40)),
        _column("title", sa.String(length=80)),
        _column("filename", sa.String(length=120)),
        _column("wish", sa.String(length=5)),
        _column("state", sa.String(length=10)),
        _column("good", sa.Integer()),
        _column("wrong", sa.Integer()),
        sa.Column("list_id", _UUID, autoincrement=False, nullable=True),
        _column("reason_zh", sa.String(length=400)),
        _column("reason_en", sa.String(length=800)),
        _column("maker_id", _UUID),
        _column("maker_person", sa.String(length=64)),
        _column("maker_roles", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")),
        _column("created_at", _TIME),
        _column("changed_at", _TIME),
        sa.Column("held_until", _TIME, autoincrement=False, nullable=True),
        _column("tries", sa.SmallInteger()),
        sa.CheckConstraint(
            "state IN ('received','checked','wanted','kept','refused','discarded')", name="ck_list_upload_state"
        ),
        sa.CheckConstraint("wish IN ('check','all','good')", name="ck_list_upload_wish"),
        sa.CheckConstraint("(state = 'kept') = (list_id IS NOT NULL)", name="ck_list_upload_kept"),
        sa.CheckConstraint("state <> 'refused' OR reason_zh <> ''", name="ck_list_upload_refused"),
        sa.CheckConstraint("good >= 0 AND wrong >= 0", name="ck_list_upload_counts"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_list_upload")),
    )
    with op.batch_alter_table("list_upload", schema=None) as batch_op:
        batch_op.create_index("ix_list_upload_due", ["state", "created_at"], unique=False)
        batch_op.create_index("ix_list_upload_maker", ["maker_id", "created_at"], unique=False)
    op.create_table(
        "list_upload_content",
        _column("id", _UUID),
        _column("upload_id", _UUID),
        _column("cipher", sa.Text()),
        _upload("list_upload_content"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_list_upload_content")),
        sa.UniqueConstraint("upload_id", name="uq_list_upload_content_once"),
    )
    op.create_table(
        "list_upload_fault",
        _column("id", _UUID),
        _column("upload_id", _UUID),
        _column("place", sa.Integer()),
        _column("row", sa.Integer()),
        _column("column", sa.String(length=40)),
        _column("zh", sa.String(length=200)),
        _column("en", sa.String(length=200)),
        _upload("list_upload_fault"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_list_upload_fault")),
        sa.UniqueConstraint("upload_id", "place", name="uq_list_upload_fault_place"),
    )


def _column(name: str, kind: sa.types.TypeEngine[object]) -> sa.Column[object]:
    return sa.Column(name, kind, autoincrement=False, nullable=False)


def _upload(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["upload_id"], ["list_upload.id"], name=op.f(f"fk_{table}_upload_id"), ondelete="CASCADE"
    )


def downgrade() -> None:
    op.drop_table("list_upload_fault")
    op.drop_table("list_upload_content")
    op.drop_table("list_upload")
