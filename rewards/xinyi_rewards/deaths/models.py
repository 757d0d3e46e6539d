"""Persons who are known to have died, by blind index: nothing is listed about them any more."""

from __future__ import annotations

from tortoise import Model, fields
from tortoise.migrations.constraints import CheckConstraint

from xinyi_platform.ids import new_id


class PersonDeath(Model):
    """One death with the document that says so. No name and no number is kept, only the keyed index."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    identity_index = fields.CharField(max_length=64, unique=True)
    died_on = fields.DateField()
    document = fields.CharField(max_length=80)
    source = fields.CharField(max_length=14)
    actor = fields.CharField(max_length=80)
    ended_entries = fields.IntField()
    put_down_at = fields.DatetimeField()

    class Meta:
        table = "person_death"
        constraints = [
            CheckConstraint(check="document <> ''", name="ck_person_death_document"),
            CheckConstraint(check="source IN ('credit_office','bureau')", name="ck_person_death_source"),
        ]
