"""What the bureau's feed brought."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "bureau_feed",
        _column("id", sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite")),
        _column("number", sa.Integer()),
        _column("kind", sa.String(length=10)),
        _column("outcome", sa.String(length=10)),
        _column("document_no", sa.String(length=80)),
        _column("reason_zh", sa.String(length=400)),
        _column("reason_en", sa.String(length=800)),
        _column("taken_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint("kind IN ('entry','repair','death')", name="ck_bureau_feed_kind"),
        sa.CheckConstraint(
            "outcome = 'taken' OR (outcome = 'refused' AND reason_zh <> '')", name="ck_bureau_feed_outcome"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bureau_feed")),
        sa.UniqueConstraint("number", name=op.f("uq_bureau_feed_number")),
    )


def _column(name: str, kind: sa.types.TypeEngine[object]) -> sa.Column[object]:
    return sa.Column(name, kind, autoincrement=False, nullable=False)


def downgrade() -> None:
    op.drop_table("bureau_feed")
