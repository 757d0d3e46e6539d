"""Guardianships that were asked for."""

from __future__ import annotations

from tortoise import Model, fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from xinyi_platform.ids import new_id
from xinyi_platform.tenancy import Bound


class Guardianship(Model):
    """One person's care for another. `slot` is `live` while asked or confirmed, then its own id: one live a pair.

    `division` is the ward's community on the day of asking, whose staff decide.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    guardian_id = fields.UUIDField()
    ward_id = fields.UUIDField()
    slot = fields.CharField(max_length=36, default="live")
    relation = fields.CharField(max_length=12)
    state = fields.CharField(max_length=12)
    division = fields.CharField(max_length=12)
    asked_at = fields.DatetimeField()
    decided_at = fields.DatetimeField(null=True)
    decided_by = fields.UUIDField(null=True)
    reason = fields.CharField(max_length=200, default="")
    ended_at = fields.DatetimeField(null=True)

    class Meta:
        table = "guardianship"
        manager = Bound()
        constraints = [
            UniqueConstraint(fields=("guardian_id", "ward_id", "slot"), name="uq_guardianship_pair"),
            CheckConstraint(check="state IN ('asked','confirmed','refused','ended')", name="ck_guardianship_state"),
            CheckConstraint(
                check="relation IN ('parent','grandparent','guardian','child','carer')",
                name="ck_guardianship_relation",
            ),
            CheckConstraint(check="guardian_id <> ward_id", name="ck_guardianship_of_another"),
            CheckConstraint(
                check="(decided_by IS NULL) = (decided_at IS NULL) "
                "AND (state NOT IN ('confirmed','refused') OR decided_by IS NOT NULL)",
                name="ck_guardianship_decided_by_somebody",
            ),
            CheckConstraint(check="state <> 'refused' OR reason <> ''", name="ck_guardianship_refused_with_reason"),
        ]
        indexes = [
            Index(fields=("ward_id", "slot"), name="ix_guardianship_ward"),
            Index(fields=("state", "asked_at"), name="ix_guardianship_state"),
        ]
