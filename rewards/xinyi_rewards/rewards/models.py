"""Which entry gave which entitlement."""

from __future__ import annotations

from tortoise import Model, fields

from xinyi_platform.ids import new_id


class RewardGrant(Model):
    """One reward of one entry; an entry rewards at most once."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    entry_id = fields.UUIDField(unique=True)
    resident_id = fields.UUIDField()
    scenario = fields.CharField(max_length=64)
    entitlement_id = fields.UUIDField()
    granted_at = fields.DatetimeField()

    class Meta:
        table = "reward_grant"
