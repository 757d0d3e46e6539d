"""Campaigns with their budgets, and each unit that was given."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

_UUID = sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite")
_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    kinds = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")
    op.create_table(
        "campaign",
        _column("id", _UUID),
        _column("division", sa.String(length=12)),
        _column("title", sa.String(length=80)),
        _column("why", sa.String(length=400)),
        _column("kinds", kinds),
        _column("scenario", sa.String(length=64)),
        _column("minors", sa.String(length=10)),
        _column("once_a_household", sa.Boolean()),
        _column("first_on", sa.Date()),
        _column("last_on", sa.Date()),
        _column("units", sa.Integer()),
        _column("used", sa.Integer()),
        _column("budget_fen", sa.BigInteger()),
        _column("spent_fen", sa.BigInteger()),
        _column("state", sa.String(length=10)),
        _column("maker_id", _UUID),
        _column("maker_person", sa.String(length=64)),
        _column("approver_person", sa.String(length=64)),
        _column("comment", sa.String(length=400)),
        _column("reason", sa.String(length=200)),
        _column("made_at", _TIME),
        _column("changed_at", _TIME),
        *_checks(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign")),
    )
    with op.batch_alter_table("campaign", schema=None) as batch_op:
        batch_op.create_index("ix_campaign_state", ["state", "last_on"], unique=False)
        batch_op.create_index("ix_campaign_division", ["division"], unique=False)
    _uses()


def _checks() -> tuple[sa.CheckConstraint, ...]:
    return (
        sa.CheckConstraint(
            "state IN ('draft','in_review','approved','ended','stopped','withdrawn')", name="ck_campaign_state"
        ),
        sa.CheckConstraint("units >= 1 AND used BETWEEN 0 AND units", name="ck_campaign_used"),
        sa.CheckConstraint("spent_fen BETWEEN 0 AND budget_fen", name="ck_campaign_spent"),
        sa.CheckConstraint("first_on <= last_on", name="ck_campaign_days"),
        sa.CheckConstraint("minors IN ('given','guardian','none')", name="ck_campaign_minors"),
        sa.CheckConstraint("approver_person <> maker_person", name="ck_campaign_by_another"),
        sa.CheckConstraint(
            "(state IN ('approved','ended','stopped')) = (approver_person <> '')", name="ck_campaign_approved"
        ),
        sa.CheckConstraint("(state = 'stopped') = (reason <> '')", name="ck_campaign_stopped"),
    )


def _uses() -> None:
    op.create_table(
        "campaign_use",
        _column("id", _UUID),
        _column("campaign_id", _UUID),
        _column("grant_id", _UUID),
        _column("resident_id", _UUID),
        _column("entitlement_id", _UUID),
        _column("worth_fen", sa.BigInteger()),
        _column("taken_at", _TIME),
        _column("returned_at", _TIME, nullable=True),
        sa.CheckConstraint("worth_fen >= 0", name="ck_campaign_use_worth"),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_campaign_use_campaign_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign_use")),
        sa.UniqueConstraint("grant_id", name="uq_campaign_use_grant"),
    )
    with op.batch_alter_table("campaign_use", schema=None) as batch_op:
        batch_op.create_index("ix_campaign_use_campaign", ["campaign_id", "returned_at"], unique=False)


def _column(name: str, kind: sa.types.TypeEngine[object], *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, kind, autoincrement=False, nullable=nullable)


def downgrade() -> None:
    op.drop_table("campaign_use")
    op.drop_table("campaign")
