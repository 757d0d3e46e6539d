"""Points have a row a resident that is held while hers change; a repair keeps when it was filed and completed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None

_UUID = sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite")
_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "point_holder",
        _column("id", _UUID),
        _column("resident_id", _UUID),
        _column("is_off", sa.Boolean()),
        _column("since", _TIME),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_point_holder")),
        sa.UniqueConstraint("resident_id", name=op.f("uq_point_holder_resident_id")),
    )
    op.execute(
        "INSERT INTO point_holder (id, resident_id, is_off, since) SELECT id, resident_id, TRUE, since FROM point_refusal"
    )
    op.drop_table("point_refusal")
    with op.batch_alter_table("repair_request", schema=None) as batch_op:
        batch_op.add_column(sa.Column("refiled_at", _TIME, nullable=True))
        batch_op.create_check_constraint(
            "ck_repair_request_refiled_after", "refiled_at IS NULL OR refiled_at >= filed_at"
        )


def _column(name: str, kind: sa.types.TypeEngine[object]) -> sa.Column[object]:
    return sa.Column(name, kind, autoincrement=False, nullable=False)


def downgrade() -> None:
    """A request that was completed counts from then, as it did."""
    op.execute("UPDATE repair_request SET filed_at = refiled_at WHERE refiled_at IS NOT NULL")
    with op.batch_alter_table("repair_request", schema=None) as batch_op:
        batch_op.drop_constraint("ck_repair_request_refiled_after", type_="check")
        batch_op.drop_column("refiled_at")
    op.create_table(
        "point_refusal",
        _column("id", _UUID),
        _column("resident_id", _UUID),
        _column("since", _TIME),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_point_refusal")),
        sa.UniqueConstraint("resident_id", name=op.f("uq_point_refusal_resident_id")),
    )
    op.execute(
        "INSERT INTO point_refusal (id, resident_id, since) SELECT id, resident_id, since FROM point_holder WHERE is_off"
    )
    op.drop_table("point_holder")
