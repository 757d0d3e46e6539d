"""Persons who are said to have died, by blind index: once that is confirmed nothing is listed about them any more."""

from __future__ import annotations

from tortoise import Model, fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from xinyi_platform.ids import new_id


class PersonDeath(Model):
    """One death with the document that says so. No name and no number is kept, only the keyed index.

    `slot` is the index while the row stands and its own id afterwards. `…_person` are who took a step, by whichever
    account, and `bureau` for the feed; empty where the step was taken before persons were kept, or not yet.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    identity_index = fields.CharField(max_length=64)
    slot = fields.CharField(max_length=64)
    state = fields.CharField(max_length=10)
    died_on = fields.DateField()
    document = fields.CharField(max_length=80)
    source = fields.CharField(max_length=14)
    actor = fields.CharField(max_length=80)
    reported_person = fields.CharField(max_length=64, default="")
    confirmed_person = fields.CharField(max_length=64, default="")
    contested_person = fields.CharField(max_length=64, default="")
    reversed_person = fields.CharField(max_length=64, default="")
    reason = fields.CharField(max_length=400, default="")
    ended_entries = fields.IntField()
    put_down_at = fields.DatetimeField()
    confirmed_at = fields.DatetimeField(null=True)
    changed_at = fields.DatetimeField()

    class Meta:
        table = "person_death"
        constraints = [
            UniqueConstraint(fields=("slot",), name="uq_person_death_slot"),
            CheckConstraint(check="document <> ''", name="ck_person_death_document"),
            CheckConstraint(check="source IN ('credit_office','bureau')", name="ck_person_death_source"),
            CheckConstraint(
                check="state IN ('reported','confirmed','contested','withdrawn','reversed')",
                name="ck_person_death_state",
            ),
            CheckConstraint(
                check="(slot = identity_index) = (state IN ('reported','confirmed','contested'))",
                name="ck_person_death_slot",
            ),
            CheckConstraint(
                check="(confirmed_at IS NOT NULL) = (state IN ('confirmed','contested','reversed'))",
                name="ck_person_death_confirmed",
            ),
            CheckConstraint(
                check="confirmed_person = '' OR confirmed_person <> reported_person",
                name="ck_person_death_confirmed_by_another",
            ),
            CheckConstraint(
                check="state NOT IN ('contested','reversed') OR (contested_person <> '' AND reason <> '')",
                name="ck_person_death_contested",
            ),
            CheckConstraint(
                check="state <> 'reversed' OR (reversed_person <> '' AND reversed_person <> contested_person)",
                name="ck_person_death_reversed_by_another",
            ),
        ]
        indexes = [Index(fields=("identity_index",), name="ix_person_death_identity")]
