"""Places in slots, tickets, what gates scanned, stamps, and prizes with their stock."""

from __future__ import annotations

from tortoise import Model, fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from xinyi_platform.ids import new_id


class FairSlotDay(Model):
    """One slot of one day: how many places it has, and how many are taken."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    scenario = fields.CharField(max_length=64)
    day = fields.DateField()
    slot = fields.CharField(max_length=32)
    places = fields.IntField()
    taken = fields.IntField(default=0)

    class Meta:
        table = "fair_slot_day"
        constraints = [
            UniqueConstraint(fields=("scenario", "day", "slot"), name="uq_fair_slot_day"),
            CheckConstraint(check="taken >= 0 AND taken <= places", name="ck_fair_slot_day_taken_within_places"),
        ]


class FairTicket(Model):
    """The one ticket of an entitlement; it keeps its row when it is changed. `code` is the entitlement's."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    entitlement_id = fields.UUIDField()
    resident_id = fields.UUIDField()
    scenario = fields.CharField(max_length=64)
    code = fields.CharField(max_length=20)
    day = fields.DateField()
    slot = fields.CharField(max_length=32)
    begins_at = fields.DatetimeField()
    ends_at = fields.DatetimeField()
    state = fields.CharField(max_length=12)
    booked_at = fields.DatetimeField()
    entered_at = fields.DatetimeField(null=True)

    class Meta:
        table = "fair_ticket"
        constraints = [
            UniqueConstraint(fields=("entitlement_id",), name="uq_fair_ticket_entitlement"),
            UniqueConstraint(fields=("code",), name="uq_fair_ticket_code"),
            CheckConstraint(check="state IN ('booked','entered','missed','cancelled')", name="ck_fair_ticket_state"),
            CheckConstraint(
                check="(state = 'entered') = (entered_at IS NOT NULL)", name="ck_fair_ticket_entered_at_a_time"
            ),
        ]
        indexes = [
            Index(fields=("scenario", "day", "state"), name="ix_fair_ticket_day"),
            Index(fields=("resident_id",), name="ix_fair_ticket_resident"),
            Index(fields=("state", "ends_at"), name="ix_fair_ticket_due"),
        ]


class FairScan(Model):
    """One scan at a gate, under the id that the gate gave it; none is ever lost or changed in what was seen.

    `place` is `admitted` for the one scan that let the ticket's holder in, else the row's own id; so that a ticket
    admits once is a plain unique constraint. `counted_at` is `scanned_at`, or the arrival where a device's clock runs
    ahead.
    """

    id = fields.UUIDField(primary_key=True)
    partner = fields.CharField(max_length=80)
    scenario = fields.CharField(max_length=64)
    gate = fields.CharField(max_length=32)
    code = fields.CharField(max_length=20)
    scanned_at = fields.DatetimeField()
    counted_at = fields.DatetimeField()
    received_at = fields.DatetimeField()
    ticket_id = fields.UUIDField(null=True)
    outcome = fields.CharField(max_length=12)
    place = fields.CharField(max_length=36)

    class Meta:
        table = "fair_scan"
        constraints = [
            UniqueConstraint(fields=("ticket_id", "place"), name="uq_fair_scan_ticket_place"),
            CheckConstraint(
                check="outcome IN ('admitted','duplicate','wrong_time','cancelled','unknown')",
                name="ck_fair_scan_outcome",
            ),
            CheckConstraint(
                check="(outcome = 'admitted') = (place = 'admitted')", name="ck_fair_scan_place_of_the_admitted"
            ),
            CheckConstraint(
                check="(outcome = 'unknown') = (ticket_id IS NULL)", name="ck_fair_scan_unknown_has_no_ticket"
            ),
        ]
        indexes = [Index(fields=("scenario", "counted_at"), name="ix_fair_scan_day")]


class FairStamp(Model):
    """A booth's stamp on a ticket."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    ticket_id = fields.UUIDField()
    booth = fields.CharField(max_length=32)
    stamped_at = fields.DatetimeField()

    class Meta:
        table = "fair_stamp"
        constraints = [UniqueConstraint(fields=("ticket_id", "booth"), name="uq_fair_stamp_ticket_booth")]


class FairPrizeDay(Model):
    """One prize on one day: how many there are, and how many were given."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    scenario = fields.CharField(max_length=64)
    day = fields.DateField()
    prize = fields.CharField(max_length=32)
    stock = fields.IntField()
    given = fields.IntField(default=0)

    class Meta:
        table = "fair_prize_day"
        constraints = [
            UniqueConstraint(fields=("scenario", "day", "prize"), name="uq_fair_prize_day"),
            CheckConstraint(check="given >= 0 AND given <= stock", name="ck_fair_prize_day_given_within_stock"),
        ]


class FairAward(Model):
    """The one prize that was given on a ticket."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    ticket_id = fields.UUIDField()
    prize = fields.CharField(max_length=32)
    given_at = fields.DatetimeField()

    class Meta:
        table = "fair_award"
        constraints = [UniqueConstraint(fields=("ticket_id",), name="uq_fair_award_ticket")]
