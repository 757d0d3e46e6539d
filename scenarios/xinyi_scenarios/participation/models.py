"""The table of participations: which merchant takes part in which scene, from when to when."""

from __future__ import annotations

from tortoise import Model, fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from xinyi_platform.ids import new_id


class Participation(Model):
    """One time that a merchant took part in a scene. `slot` is `live`, or the row's own id once it has left."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    scenario = fields.CharField(max_length=64)
    merchant_id = fields.UUIDField()
    slot = fields.CharField(max_length=36, default="live")
    version = fields.IntField()
    joined_by = fields.CharField(max_length=80)
    joined_at = fields.DatetimeField()
    left_at = fields.DatetimeField(null=True)

    class Meta:
        table = "participation"
        constraints = [
            UniqueConstraint(
                fields=("merchant_id", "scenario", "slot"), name="uq_participation_merchant_scenario_slot"
            ),
            CheckConstraint(check="(slot = 'live') = (left_at IS NULL)", name="ck_participation_live_until_left"),
        ]
        indexes = [Index(fields=("scenario", "slot"), name="ix_participation_scenario")]
