"""What an entry gives, given or not yet, with the reason; and for whom nobody else gets it meanwhile."""

from __future__ import annotations

from tortoise import Model, fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from xinyi_platform.ids import new_id


class RewardGrant(Model):
    """One reward of one entry: waiting with the reason why, given as an entitlement, closed once that is over, ended.

    `closed` was used up, given back or run out while its ground lasted; `ended` lost its ground. `turn` makes one a
    resident, policy and period a plain unique constraint: the scene's period once it is given, the entry as long as it
    is not, and the row's own id where it was taken back unused. `decision_id` is the stored decision on the scene's
    conditions that it rests on, where there were any. What waits is looked at again at `try_at`.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    entry_id = fields.UUIDField()
    resident_id = fields.UUIDField()
    policy = fields.CharField(max_length=40)
    scenario = fields.CharField(max_length=64)
    state = fields.CharField(max_length=10)
    turn = fields.CharField(max_length=36)
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
            UniqueConstraint(fields=("resident_id", "policy", "turn"), name="uq_reward_grant_resident_policy_turn"),
            CheckConstraint(check="state IN ('waiting','given','closed','ended')", name="ck_reward_grant_state"),
            CheckConstraint(
                check="state NOT IN ('given','closed') OR (entitlement_id IS NOT NULL AND granted_at IS NOT NULL)",
                name="ck_reward_grant_given",
            ),
            CheckConstraint(check="(state = 'waiting') = (try_at IS NOT NULL)", name="ck_reward_grant_waiting"),
        ]
        indexes = [
            Index(fields=("state", "try_at"), name="ix_reward_grant_due"),
            Index(fields=("entry_id", "policy"), name="ix_reward_grant_entry"),
            Index(fields=("entitlement_id",), name="ix_reward_grant_entitlement"),
        ]


class RewardHold(Model):
    """Somebody for whom nothing more of a policy is given while `holder_id` holds one by `grant_id`.

    The holder has such a row, and each member of her household where the policy is once a household. One a policy and
    person is a plain unique constraint, which decides the races of one person's lists and of a household's members.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    grant_id = fields.UUIDField()
    policy = fields.CharField(max_length=40)
    holder_id = fields.UUIDField()
    resident_id = fields.UUIDField()

    class Meta:
        table = "reward_hold"
        constraints = [UniqueConstraint(fields=("policy", "resident_id"), name="uq_reward_hold_policy_resident")]
        indexes = [Index(fields=("grant_id",), name="ix_reward_hold_grant")]
