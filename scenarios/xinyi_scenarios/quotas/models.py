"""The quota table: the hot row of every claim."""

from __future__ import annotations

from tortoise import Model, fields
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from xinyi_platform.ids import new_id


class Quota(Model):
    """Units of one scene in one period. `used` counts what is held, issued, redeemed or expired."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    scenario = fields.CharField(max_length=64)
    period = fields.CharField(max_length=16)
    total = fields.IntField()
    used = fields.IntField(default=0)
    is_open = fields.BooleanField(default=True)
    created_at = fields.DatetimeField()

    class Meta:
        table = "quota"
        constraints = [
            UniqueConstraint(fields=("scenario", "period"), name="uq_quota_scenario_period"),
            CheckConstraint(check="used >= 0 AND used <= total", name="ck_quota_used_within_total"),
        ]
