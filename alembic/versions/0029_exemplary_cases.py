"""Exemplary cases: versions, the persons shown and what they agreed to, pictures."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

_UUID = sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite")
_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "exemplary_case",
        _column("id", _UUID),
        _column("division", sa.String(length=12)),
        _column("created_at", _TIME),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exemplary_case")),
    )
    with op.batch_alter_table("exemplary_case", schema=None) as batch_op:
        batch_op.create_index("ix_exemplary_case_division", ["division"], unique=False)
    _versions()
    _people()
    op.create_table(
        "exemplary_case_picture",
        _column("id", _UUID),
        _column("version_id", _UUID),
        _column("place", sa.SmallInteger()),
        _column("file_id", _UUID),
        _column("alt", sa.String(length=120)),
        sa.CheckConstraint("place BETWEEN 1 AND 6", name="ck_exemplary_case_picture_place"),
        sa.CheckConstraint("alt <> ''", name="ck_exemplary_case_picture_alt"),
        _parent("version_id", "exemplary_case_version", "exemplary_case_picture"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exemplary_case_picture")),
        sa.UniqueConstraint("version_id", "place", name="uq_exemplary_case_picture_place"),
    )


def _versions() -> None:
    op.create_table(
        "exemplary_case_version",
        _column("id", _UUID),
        _column("case_id", _UUID),
        _column("number", sa.SmallInteger()),
        _column("slot", sa.String(length=36)),
        _column("state", sa.String(length=12)),
        _column("title", sa.String(length=80)),
        _column("body", sa.Text()),
        _column("maker_id", _UUID),
        _column("maker_person", sa.String(length=64)),
        _column("reviewer_person", sa.String(length=64)),
        _column("comment", sa.String(length=400)),
        _column("changed_at", _TIME),
        _column("published_at", _TIME, nullable=True),
        _column("ended_at", _TIME, nullable=True),
        sa.CheckConstraint(
            "state IN ('draft','in_review','published','superseded','withdrawn')",
            name="ck_exemplary_case_version_state",
        ),
        sa.CheckConstraint(
            "(state IN ('draft','in_review')) = (slot = 'open') AND (state = 'published') = (slot = 'shown')",
            name="ck_exemplary_case_version_slot",
        ),
        sa.CheckConstraint("reviewer_person <> maker_person", name="ck_exemplary_case_version_by_another"),
        sa.CheckConstraint(
            "state <> 'published' OR (published_at IS NOT NULL AND reviewer_person <> '')",
            name="ck_exemplary_case_version_reviewed",
        ),
        _parent("case_id", "exemplary_case", "exemplary_case_version"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exemplary_case_version")),
        sa.UniqueConstraint("case_id", "slot", name="uq_exemplary_case_version_slot"),
    )


def _people() -> None:
    op.create_table(
        "exemplary_case_person",
        _column("id", _UUID),
        _column("version_id", _UUID),
        _column("resident_id", _UUID, nullable=True),
        _column("asked_id", _UUID, nullable=True),
        _column("name_shown", sa.String(length=30)),
        _column("state", sa.String(length=10)),
        _column("paper_file_id", _UUID, nullable=True),
        _column("decided_at", _TIME, nullable=True),
        sa.CheckConstraint("state IN ('asked','agreed','refused')", name="ck_exemplary_case_person_state"),
        sa.CheckConstraint("asked_id IS NOT NULL OR paper_file_id IS NOT NULL", name="ck_exemplary_case_person_asked"),
        _parent("version_id", "exemplary_case_version", "exemplary_case_person"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exemplary_case_person")),
    )
    with op.batch_alter_table("exemplary_case_person", schema=None) as batch_op:
        batch_op.create_index("ix_exemplary_case_person_asked", ["asked_id", "state"], unique=False)


def _parent(column: str, parent: str, table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{parent}.id"], name=op.f(f"fk_{table}_{column}"), ondelete="CASCADE")


def _column(name: str, kind: sa.types.TypeEngine[object], *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, kind, autoincrement=False, nullable=nullable)


def downgrade() -> None:
    for table in ("picture", "person", "version"):
        op.drop_table(f"exemplary_case_{table}")
    op.drop_table("exemplary_case")
