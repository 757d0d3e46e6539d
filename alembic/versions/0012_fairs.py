"""Fairs: places in slots, tickets, scans of gates, stamps, and prizes with their stock."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

TABLES = ("fair_award", "fair_prize_day", "fair_stamp", "fair_scan", "fair_ticket", "fair_slot_day")


def upgrade() -> None:
    _create_slot_day()
    _create_ticket()
    _create_scan()
    _create_stamp()
    _create_prize_day()
    _create_award()


def _create_slot_day() -> None:
    op.create_table(
        "fair_slot_day",
        _uuid("id"),
        _text("scenario", 64),
        sa.Column("day", sa.Date(), autoincrement=False, nullable=False),
        _text("slot", 32),
        sa.Column("places", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("taken", sa.Integer(), autoincrement=False, nullable=False),
        sa.CheckConstraint("taken >= 0 AND taken <= places", name="ck_fair_slot_day_taken_within_places"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fair_slot_day")),
        sa.UniqueConstraint("scenario", "day", "slot", name="uq_fair_slot_day"),
    )


def _create_ticket() -> None:
    op.create_table(
        "fair_ticket",
        _uuid("id"),
        _uuid("entitlement_id"),
        _uuid("resident_id"),
        _text("scenario", 64),
        _text("code", 20),
        sa.Column("day", sa.Date(), autoincrement=False, nullable=False),
        _text("slot", 32),
        _moment("begins_at"),
        _moment("ends_at"),
        _text("state", 12),
        _moment("booked_at"),
        _moment("entered_at", nullable=True),
        sa.CheckConstraint("state IN ('booked','entered','missed','cancelled')", name="ck_fair_ticket_state"),
        sa.CheckConstraint("(state = 'entered') = (entered_at IS NOT NULL)", name="ck_fair_ticket_entered_at_a_time"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fair_ticket")),
        sa.UniqueConstraint("entitlement_id", name="uq_fair_ticket_entitlement"),
        sa.UniqueConstraint("code", name="uq_fair_ticket_code"),
    )
    with op.batch_alter_table("fair_ticket", schema=None) as batch_op:
        batch_op.create_index("ix_fair_ticket_day", ["scenario", "day", "state"], unique=False)
        batch_op.create_index("ix_fair_ticket_resident", ["resident_id"], unique=False)
        batch_op.create_index("ix_fair_ticket_due", ["state", "ends_at"], unique=False)


def _create_scan() -> None:
    op.create_table(
        "fair_scan",
        _uuid("id"),
        _text("partner", 80),
        _text("scenario", 64),
        _text("gate", 32),
        _text("code", 20),
        _moment("scanned_at"),
        _moment("counted_at"),
        _moment("received_at"),
        _uuid("ticket_id", nullable=True),
        _text("outcome", 12),
        _text("place", 36),
        sa.CheckConstraint(
            "outcome IN ('admitted','duplicate','wrong_time','cancelled','unknown')", name="ck_fair_scan_outcome"
        ),
        sa.CheckConstraint("(outcome = 'admitted') = (place = 'admitted')", name="ck_fair_scan_place_of_the_admitted"),
        sa.CheckConstraint("(outcome = 'unknown') = (ticket_id IS NULL)", name="ck_fair_scan_unknown_has_no_ticket"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fair_scan")),
        sa.UniqueConstraint("ticket_id", "place", name="uq_fair_scan_ticket_place"),
    )
    with op.batch_alter_table("fair_scan", schema=None) as batch_op:
        batch_op.create_index("ix_fair_scan_day", ["scenario", "counted_at"], unique=False)


def _create_stamp() -> None:
    op.create_table(
        "fair_stamp",
        _uuid("id"),
        _uuid("ticket_id"),
        _text("booth", 32),
        _moment("stamped_at"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fair_stamp")),
        sa.UniqueConstraint("ticket_id", "booth", name="uq_fair_stamp_ticket_booth"),
    )


def _create_prize_day() -> None:
    op.create_table(
        "fair_prize_day",
        _uuid("id"),
        _text("scenario", 64),
        sa.Column("day", sa.Date(), autoincrement=False, nullable=False),
        _text("prize", 32),
        sa.Column("stock", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("given", sa.Integer(), autoincrement=False, nullable=False),
        sa.CheckConstraint("given >= 0 AND given <= stock", name="ck_fair_prize_day_given_within_stock"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fair_prize_day")),
        sa.UniqueConstraint("scenario", "day", "prize", name="uq_fair_prize_day"),
    )


def _create_award() -> None:
    op.create_table(
        "fair_award",
        _uuid("id"),
        _uuid("ticket_id"),
        _text("prize", 32),
        _moment("given_at"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fair_award")),
        sa.UniqueConstraint("ticket_id", name="uq_fair_award_ticket"),
    )


def _uuid(name: str, *, nullable: bool = False) -> sa.Column[object]:
    kind = sa.Uuid().with_variant(sa.CHAR(length=36), "sqlite")
    return sa.Column(name, kind, autoincrement=False, nullable=nullable)


def _text(name: str, length: int) -> sa.Column[object]:
    return sa.Column(name, sa.String(length=length), autoincrement=False, nullable=False)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), autoincrement=False, nullable=nullable)


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
