"""Every hand in a case's version, who answered or signed for somebody shown, and gatherings that were settled."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

_UUID = sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite")
_TABLE = "exemplary_case_person"
_ASKED = "state <> 'asked' OR (answered_by IS NULL AND paper_file_id IS NULL)"
_AGREED = "state <> 'agreed' OR answered_by IS NOT NULL OR paper_file_id IS NOT NULL"
_SIGNED = (
    "(paper_file_id IS NULL AND signed_by = '') OR (paper_file_id IS NOT NULL AND signed_by IN ('self','guardian'))"
)


def upgrade() -> None:
    op.create_table(
        "exemplary_case_hand",
        _column("id", _UUID),
        _column("version_id", _UUID),
        _column("person", sa.String(length=64)),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["exemplary_case_version.id"],
            name=op.f("fk_exemplary_case_hand_version_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exemplary_case_hand")),
        sa.UniqueConstraint("version_id", "person", name="uq_exemplary_case_hand_person"),
    )
    # A version's id serves as that of the one hand that was kept of it.
    op.execute(
        "INSERT INTO exemplary_case_hand (id, version_id, person)"
        " SELECT id, id, maker_person FROM exemplary_case_version"
    )
    _people()
    with op.batch_alter_table("gathering", schema=None) as batch_op:
        batch_op.add_column(sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE gathering SET settled_at = ends_at WHERE state = 'done' AND (heads > 0 OR materials > 0)")


def _people() -> None:
    with op.batch_alter_table(_TABLE, schema=None) as batch_op:
        batch_op.add_column(sa.Column("adult_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("answered_by", _UUID, nullable=True))
        batch_op.add_column(sa.Column("signed_by", sa.String(length=8), nullable=False, server_default=""))
    op.execute("UPDATE exemplary_case_person SET signed_by = 'self' WHERE paper_file_id IS NOT NULL")
    op.execute(
        "UPDATE exemplary_case_person SET answered_by = asked_id WHERE paper_file_id IS NULL AND state <> 'asked'"
    )
    with op.batch_alter_table(_TABLE, schema=None) as batch_op:
        batch_op.alter_column(
            "signed_by", server_default=None, existing_type=sa.String(length=8), existing_nullable=False
        )
        batch_op.drop_constraint("ck_exemplary_case_person_state", type_="check")
        batch_op.drop_constraint("ck_exemplary_case_person_asked", type_="check")
        batch_op.drop_index("ix_exemplary_case_person_asked")
        batch_op.drop_column("asked_id")
        batch_op.create_check_constraint(
            "ck_exemplary_case_person_state", "state IN ('asked','agreed','refused','removed')"
        )
        batch_op.create_check_constraint("ck_exemplary_case_person_asked", _ASKED)
        batch_op.create_check_constraint("ck_exemplary_case_person_agreed", _AGREED)
        batch_op.create_check_constraint("ck_exemplary_case_person_signed", _SIGNED)
        batch_op.create_index("ix_exemplary_case_person_resident", ["resident_id"], unique=False)


def _column(name: str, kind: sa.types.TypeEngine[object]) -> sa.Column[object]:
    return sa.Column(name, kind, autoincrement=False, nullable=False)


def downgrade() -> None:
    with op.batch_alter_table("gathering", schema=None) as batch_op:
        batch_op.drop_column("settled_at")
    op.execute("DELETE FROM exemplary_case_person WHERE state = 'removed'")
    with op.batch_alter_table(_TABLE, schema=None) as batch_op:
        batch_op.add_column(sa.Column("asked_id", _UUID, nullable=True))
    # Whoever answers without a paper was asked; somebody who has neither account nor paper stands for herself.
    op.execute(
        "UPDATE exemplary_case_person SET asked_id = COALESCE(answered_by, resident_id, id) WHERE paper_file_id IS NULL"
    )
    with op.batch_alter_table(_TABLE, schema=None) as batch_op:
        batch_op.drop_index("ix_exemplary_case_person_resident")
        for name in ("state", "asked", "agreed", "signed"):
            batch_op.drop_constraint(f"ck_exemplary_case_person_{name}", type_="check")
        for name in ("adult_on", "answered_by", "signed_by"):
            batch_op.drop_column(name)
        batch_op.create_check_constraint("ck_exemplary_case_person_state", "state IN ('asked','agreed','refused')")
        batch_op.create_check_constraint(
            "ck_exemplary_case_person_asked", "asked_id IS NOT NULL OR paper_file_id IS NOT NULL"
        )
        batch_op.create_index("ix_exemplary_case_person_asked", ["asked_id", "state"], unique=False)
    op.drop_table("exemplary_case_hand")
