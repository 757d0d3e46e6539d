"""Points as rows that are never changed, what a year's cap has left, and whose they are."""

from __future__ import annotations

from tortoise import Model, fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from xinyi_platform.ids import new_id


class PointEntry(Model):
    """Points earned by one cause, or their exact reversal (`is_reversal`, the same number below zero)."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    resident_id = fields.UUIDField()
    cause = fields.CharField(max_length=20)
    cause_id = fields.UUIDField()
    is_reversal = fields.BooleanField(default=False)
    points = fields.IntField()
    year = fields.SmallIntField()
    expires_on = fields.DateField()
    at = fields.DatetimeField()

    class Meta:
        table = "point_entry"
        constraints = [
            UniqueConstraint(fields=("cause", "cause_id", "resident_id", "is_reversal"), name="uq_point_entry_cause"),
            CheckConstraint(
                check="(is_reversal AND points < 0) OR (NOT is_reversal AND points > 0)", name="ck_point_entry_sign"
            ),
        ]
        indexes = [Index(fields=("resident_id", "at"), name="ix_point_entry_resident")]


class PointYear(Model):
    """How many points a cause gave somebody in a calendar year; never above the year's cap."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    resident_id = fields.UUIDField()
    cause = fields.CharField(max_length=20)
    year = fields.SmallIntField()
    points = fields.IntField()

    class Meta:
        table = "point_year"
        constraints = [
            UniqueConstraint(fields=("resident_id", "cause", "year"), name="uq_point_year_cause"),
            CheckConstraint(check="points >= 0", name="ck_point_year_points"),
        ]


class PointHolder(Model):
    """A resident whom points concern; whoever changes hers holds this row, so that none come while she refuses them.

    `is_off`: she wants none, since when: none are collected and none are shown.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    resident_id = fields.UUIDField(unique=True)
    is_off = fields.BooleanField(default=False)
    since = fields.DatetimeField()

    class Meta:
        table = "point_holder"
