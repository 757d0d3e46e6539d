"""Open data as it was published: whole months, each written once and never changed."""

from __future__ import annotations

from uuid import UUID

from tortoise import Model, fields
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from xinyi_platform.ids import new_id


class OpenMonth(Model):
    """A month of the city that was published, as YYYY-MM."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    month = fields.CharField(max_length=7, unique=True)
    frozen_at = fields.DatetimeField()

    class Meta:
        table = "open_month"


class OpenCell(Model):
    """One number of a month: a measure in a district, or in `total`, the whole city. Hidden unless `is_shown`."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    month_id: UUID
    month: fields.ForeignKeyRelation[OpenMonth] = fields.ForeignKeyField("models.OpenMonth")
    measure = fields.CharField(max_length=40)
    part = fields.CharField(max_length=12)
    number = fields.IntField()
    is_shown = fields.BooleanField()

    class Meta:
        table = "open_cell"
        constraints = [
            UniqueConstraint(fields=("month_id", "measure", "part"), name="uq_open_cell_of_month"),
            CheckConstraint(
                check="number >= 0 AND (number NOT BETWEEN 1 AND 9 OR NOT is_shown)",
                name="ck_open_cell_small_is_hidden",
            ),
        ]
