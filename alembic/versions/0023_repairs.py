"""Requests for repair, deferrals of measures, and reminders."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_UUID = sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite")
_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    with op.batch_alter_table("honor_entry", schema=None) as batch_op:
        batch_op.add_column(sa.Column("committed_on", sa.Date(), nullable=True))
    _requests()
    op.create_table(
        "measure_deferral",
        _column("id", _UUID),
        _column("entry_id", _UUID),
        _column("resident_id", _UUID, nullable=True),
        _column("merchant_id", _UUID, nullable=True),
        _text("division", 12),
        _text("state", 12),
        _text("plan", 1000),
        _text("promise_version", 16),
        _column("due_on", sa.Date()),
        _column("asked_at", _TIME),
        _column("decided_at", _TIME, nullable=True),
        _text("document", 80),
        _text("reason", 400),
        _column("is_reminded", sa.Boolean()),
        sa.CheckConstraint(
            "state IN ('asked','accepted','refused','kept','broken','lapsed')", name="ck_measure_deferral_state"
        ),
        sa.CheckConstraint("(resident_id IS NULL) <> (merchant_id IS NULL)", name="ck_measure_deferral_one_subject"),
        sa.CheckConstraint("state NOT IN ('accepted','kept') OR document <> ''", name="ck_measure_deferral_document"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_measure_deferral")),
        sa.UniqueConstraint("entry_id", name=op.f("uq_measure_deferral_entry_id")),
    )
    op.create_index("ix_measure_deferral_division", "measure_deferral", ["division", "state"])
    op.create_table(
        "listing_reminder",
        _column("id", _UUID),
        _column("entry_id", _UUID),
        _text("about", 12),
        _column("days", sa.SmallInteger()),
        _column("sent_at", _TIME),
        sa.CheckConstraint("about IN ('repairable','ends')", name="ck_listing_reminder_about"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_listing_reminder")),
        sa.UniqueConstraint("entry_id", "about", "days", name="uq_listing_reminder_once"),
    )


def _requests() -> None:
    op.create_table(
        "repair_request",
        _column("id", _UUID),
        _column("entry_id", _UUID),
        _text("slot", 36),
        _column("resident_id", _UUID, nullable=True),
        _column("merchant_id", _UUID, nullable=True),
        _text("division", 12),
        _text("state", 12),
        _text("statement", 1000),
        _text("commitment_version", 16),
        _column("filed_at", _TIME),
        _column("pass_on_by", sa.Date()),
        _column("passed_on_at", _TIME, nullable=True),
        _text("official_number", 80),
        _column("decide_by", sa.Date(), nullable=True),
        _column("is_extended", sa.Boolean()),
        _column("decided_on", sa.Date(), nullable=True),
        _text("decision_document", 80),
        _text("reason", 400),
        _text("source", 14),
        _column("changed_at", _TIME),
        sa.CheckConstraint(
            "state IN ('filed','sent_back','passed_on','granted','refused','withdrawn','lapsed')",
            name="ck_repair_request_state",
        ),
        sa.CheckConstraint(
            "(slot = 'open') = (state IN ('filed','sent_back','passed_on'))", name="ck_repair_request_slot"
        ),
        sa.CheckConstraint("(resident_id IS NULL) <> (merchant_id IS NULL)", name="ck_repair_request_one_subject"),
        sa.CheckConstraint(
            "state NOT IN ('granted','refused') OR (decided_on IS NOT NULL AND decision_document <> ''"
            " AND source <> '')",
            name="ck_repair_request_decided_by_document",
        ),
        sa.CheckConstraint("source IN ('','credit_office','bureau')", name="ck_repair_request_source"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_repair_request")),
        sa.UniqueConstraint("entry_id", "slot", name="uq_repair_request_open"),
    )
    op.create_index("ix_repair_request_division", "repair_request", ["division", "state"])
    op.create_table(
        "repair_paper",
        _column("id", _UUID),
        _column("request_id", _UUID),
        _column("file_id", _UUID),
        _column("place", sa.SmallInteger()),
        sa.CheckConstraint("place BETWEEN 1 AND 6", name="ck_repair_paper_place"),
        sa.ForeignKeyConstraint(
            ["request_id"], ["repair_request.id"], name=op.f("fk_repair_paper_request_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_repair_paper")),
        sa.UniqueConstraint("request_id", "place", name="uq_repair_paper_place"),
    )


def _column(name: str, kind: sa.types.TypeEngine[object], *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, kind, autoincrement=False, nullable=nullable)


def _text(name: str, length: int) -> sa.Column[object]:
    return _column(name, sa.String(length=length))


def downgrade() -> None:
    op.drop_table("listing_reminder")
    op.drop_table("measure_deferral")
    op.drop_table("repair_paper")
    op.drop_table("repair_request")
    with op.batch_alter_table("honor_entry", schema=None) as batch_op:
        batch_op.drop_column("committed_on")
