"""What an entry gives, given or not yet, with the reason."""

from __future__ import annotations

from tortoise import Model, fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from xinyi_platform.ids import new_id


class RewardGrant(Model):
    """One reward of one entry: waiting with the reason why, given as an entitlement, or ended.

    `decision_id` is the stored decision on the scene's conditions that it rests on, where there were any. `slot` is the
    household while one in it holds a reward that a household has once, and the row's own id otherwise. What waits is
    looked at again at `try_at`.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    entry_id = fields.UUIDField()
    resident_id = fields.UUIDField()
    policy = fields.CharField(max_length=40)
    scenario = fields.CharField(max_length=64)
    state = fields.CharField(max_length=10)
    slot = fields.CharField(max_length=36)
    entitlement_id = fields.UUIDField(null=True)
    decision_id = fields.UUIDField(null=True)
    reason_zh = fields.CharField(max_length=400, default="")
    reason_en = fields.CharField(max_length=800, default="")
    made_at = fields.DatetimeField()
    try_at = fields.DatetimeField(null=True)
    tries = fields.IntField(default=0)
    granted_at = fields.DatetimeField(null=True)
    ended_at = fields.DatetimeField(null=True)

    class Meta:
        table = "reward_grant"
        constraints = [
            UniqueConstraint(fields=("entry_id", "policy"), name="uq_reward_grant_entry_policy"),
            UniqueConstraint(fields=("policy", "slot"), name="uq_reward_grant_policy_slot"),
            CheckConstraint(check="state IN ('waiting','given','ended')", name="ck_reward_grant_state"),
            CheckConstraint(
                check="state <> 'given' OR (entitlement_id IS NOT NULL AND granted_at IS NOT NULL)",
                name="ck_reward_grant_given",
            ),
            CheckConstraint(check="(state = 'waiting') = (try_at IS NOT NULL)", name="ck_reward_grant_waiting"),
        ]
        indexes = [
            Index(fields=("state", "try_at"), name="ix_reward_grant_due"),
            Index(fields=("resident_id",), name="ix_reward_grant_resident"),
            Index(fields=("entitlement_id",), name="ix_reward_grant_entitlement"),
        ]
