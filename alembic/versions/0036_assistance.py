"""Help with repair: training sessions and their bookings, requests for agency and their papers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

_UUID = sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite")
_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    _create_training()
    _create_booking()
    _create_agency()
    _create_paper()


def _create_training() -> None:
    op.create_table(
        "training_session",
        _column("id", _UUID),
        _column("division", sa.String(length=12)),
        _column("title", sa.String(length=80)),
        _column("place", sa.String(length=200)),
        _column("is_online", sa.Boolean()),
        _column("state", sa.String(length=10)),
        _column("starts_at", _TIME),
        _column("ends_at", _TIME),
        _column("capacity", sa.Integer()),
        _column("taken", sa.Integer()),
        _column("reason", sa.String(length=200)),
        _column("made_by", _UUID),
        _column("created_at", _TIME),
        sa.CheckConstraint(
            "state = 'planned' OR (state = 'cancelled' AND reason <> '')", name="ck_training_session_state"
        ),
        sa.CheckConstraint("taken BETWEEN 0 AND capacity", name="ck_training_session_taken"),
        sa.CheckConstraint("starts_at < ends_at", name="ck_training_session_times"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_training_session")),
    )
    with op.batch_alter_table("training_session", schema=None) as batch_op:
        batch_op.create_index("ix_training_session_division", ["division", "starts_at"], unique=False)
        batch_op.create_index("ix_training_session_state", ["state", "starts_at"], unique=False)


def _create_booking() -> None:
    op.create_table(
        "training_booking",
        _column("id", _UUID),
        _column("training_id", _UUID),
        _column("entry_id", _UUID),
        _column("subject_kind", sa.String(length=8)),
        _column("subject_id", _UUID),
        _column("number", sa.String(length=16)),
        _column("booked_at", _TIME),
        _column("is_reminded", sa.Boolean()),
        _column("attended_at", _TIME, nullable=True),
        sa.CheckConstraint("subject_kind IN ('resident','merchant')", name="ck_training_booking_subject_kind"),
        sa.ForeignKeyConstraint(
            ["training_id"], ["training_session.id"], name=op.f("fk_training_booking_training_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_training_booking")),
        sa.UniqueConstraint("training_id", "subject_id", name="uq_training_booking_subject"),
        sa.UniqueConstraint("number", name="uq_training_booking_number"),
    )
    with op.batch_alter_table("training_booking", schema=None) as batch_op:
        batch_op.create_index("ix_training_booking_entry", ["entry_id"], unique=False)
        batch_op.create_index("ix_training_booking_subject", ["subject_id"], unique=False)


def _create_agency() -> None:
    op.create_table(
        "agency_request",
        _column("id", _UUID),
        _column("entry_id", _UUID),
        _column("slot", sa.String(length=36)),
        _column("resident_id", _UUID, nullable=True),
        _column("merchant_id", _UUID, nullable=True),
        _column("division", sa.String(length=12)),
        _column("state", sa.String(length=12)),
        _column("wish", sa.String(length=1000)),
        _column("contact_cipher", sa.String(length=500)),
        _column("contact_masked", sa.String(length=80)),
        _column("authorisation_version", sa.String(length=16)),
        _column("asked_at", _TIME),
        _column("answer_by", sa.Date()),
        _column("handler_id", _UUID, nullable=True),
        _column("taken_at", _TIME, nullable=True),
        _column("prepare_by", sa.Date(), nullable=True),
        _column("appointment_at", _TIME, nullable=True),
        _column("appointment_place", sa.String(length=120)),
        _column("statement", sa.String(length=1000)),
        _column("draft", sa.SmallInteger()),
        _column("repair_id", _UUID, nullable=True),
        _column("reason", sa.String(length=400)),
        _column("changed_at", _TIME),
        *_agency_checks(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agency_request")),
        sa.UniqueConstraint("entry_id", "slot", name="uq_agency_request_open"),
    )
    with op.batch_alter_table("agency_request", schema=None) as batch_op:
        batch_op.create_index("ix_agency_request_division", ["division", "state"], unique=False)
        batch_op.create_index("ix_agency_request_entry", ["entry_id"], unique=False)


def _agency_checks() -> list[sa.CheckConstraint]:
    checks = {
        "state": "state IN ('asked','taken','prepared','filed','closed','withdrawn','lapsed')",
        "slot": "(slot = 'open') = (state IN ('asked','taken','prepared'))",
        "one_subject": "(resident_id IS NULL) <> (merchant_id IS NULL)",
        "taken": "state NOT IN ('taken','prepared','filed','closed')"
        " OR (handler_id IS NOT NULL AND taken_at IS NOT NULL AND prepare_by IS NOT NULL)",
        "draft": "state NOT IN ('prepared','filed') OR (draft > 0 AND statement <> '')",
        "filed": "(state = 'filed') = (repair_id IS NOT NULL)",
        "closed": "state <> 'closed' OR reason <> ''",
    }
    return [sa.CheckConstraint(check, name=f"ck_agency_request_{name}") for name, check in checks.items()]


def _create_paper() -> None:
    op.create_table(
        "agency_paper",
        _column("id", _UUID),
        _column("agency_id", _UUID),
        _column("file_id", _UUID),
        _column("place", sa.SmallInteger()),
        sa.CheckConstraint("place BETWEEN 1 AND 6", name="ck_agency_paper_place"),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency_request.id"], name=op.f("fk_agency_paper_agency_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agency_paper")),
        sa.UniqueConstraint("agency_id", "place", name="uq_agency_paper_place"),
    )


def _column(name: str, kind: sa.types.TypeEngine[object], *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, kind, autoincrement=False, nullable=nullable)


def downgrade() -> None:
    for table in ("agency_paper", "agency_request", "training_booking", "training_session"):
        op.drop_table(table)
