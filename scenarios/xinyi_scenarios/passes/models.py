"""Numbers of a counter's day, and the passes that have them."""

from __future__ import annotations

from tortoise import Model, fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from xinyi_platform.ids import new_id


class CounterDay(Model):
    """One counter on one day: the last number given out, and how many passes are taken and not given back."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    scenario = fields.CharField(max_length=64)
    counter = fields.CharField(max_length=32)
    day = fields.DateField()
    last_number = fields.IntField(default=0)
    taken = fields.IntField(default=0)
    most = fields.IntField()

    class Meta:
        table = "counter_day"
        constraints = [
            UniqueConstraint(fields=("scenario", "counter", "day"), name="uq_counter_day_scenario_counter_day"),
            CheckConstraint(check="taken >= 0 AND taken <= most", name="ck_counter_day_taken_within_most"),
        ]


class CounterPass(Model):
    """One numbered pass. `amount_fen` is what is due for what was served and not paid at once, until `due_on`."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    entitlement_id = fields.UUIDField()
    resident_id = fields.UUIDField()
    scenario = fields.CharField(max_length=64)
    counter = fields.CharField(max_length=32)
    day = fields.DateField()
    number = fields.IntField()
    state = fields.CharField(max_length=12)
    amount_fen = fields.IntField(null=True)
    due_on = fields.DateField(null=True)
    booked_at = fields.DatetimeField()
    checked_in_at = fields.DatetimeField(null=True)
    served_at = fields.DatetimeField(null=True)
    paid_at = fields.DatetimeField(null=True)

    class Meta:
        table = "counter_pass"
        constraints = [
            UniqueConstraint(fields=("scenario", "counter", "day", "number"), name="uq_counter_pass_number"),
            CheckConstraint(
                check="state IN ('booked','called','checked_in','served','owing','overdue','settled',"
                "'cancelled','no_show')",
                name="ck_counter_pass_state",
            ),
            CheckConstraint(
                check="state NOT IN ('owing','overdue','settled') OR (amount_fen IS NOT NULL AND due_on IS NOT NULL "
                "AND amount_fen > 0)",
                name="ck_counter_pass_owed_has_amount_and_day",
            ),
        ]
        indexes = [
            Index(fields=("entitlement_id",), name="ix_counter_pass_entitlement"),
            Index(fields=("resident_id", "booked_at"), name="ix_counter_pass_resident"),
            Index(fields=("state", "day"), name="ix_counter_pass_state_day"),
        ]
