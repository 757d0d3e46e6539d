"""Support that was granted, its quotas, and its uses."""

from __future__ import annotations

from uuid import UUID

from tortoise import Model, fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from xinyi_platform.ids import new_id
from xinyi_platform.tenancy import Bound, BoundBy


class SupportQuota(Model):
    """How many shops a policy is granted to."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    policy = fields.CharField(max_length=40, unique=True)
    total = fields.IntField()
    used = fields.IntField()

    class Meta:
        table = "support_quota"
        constraints = [CheckConstraint(check="used BETWEEN 0 AND total", name="ck_support_quota_used")]


class SupportGrant(Model):
    """One policy for one shop with one award: granted from `starts_on` to `ends_on`, both included, or not, and why.

    `holds_unit` says that it has taken one of the quota's; `granted_at`: when it was granted first.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    policy = fields.CharField(max_length=40)
    merchant_id = fields.UUIDField()
    award_id = fields.UUIDField()
    division = fields.CharField(max_length=12)
    state = fields.CharField(max_length=10)
    starts_on = fields.DateField()
    ends_on = fields.DateField()
    cap_fen = fields.IntField()
    used_fen = fields.IntField(default=0)
    holds_unit = fields.BooleanField(default=False)
    reason_zh = fields.CharField(max_length=200)
    reason_en = fields.CharField(max_length=400)
    made_at = fields.DatetimeField()
    granted_at = fields.DatetimeField(null=True)
    changed_at = fields.DatetimeField()

    class Meta:
        table = "support_grant"
        manager = Bound()
        constraints = [
            UniqueConstraint(fields=("policy", "award_id"), name="uq_support_grant_award"),
            CheckConstraint(
                check="state IN ('waiting','granted','suspended','ended','expired')", name="ck_support_grant_state"
            ),
            CheckConstraint(check="used_fen BETWEEN 0 AND cap_fen", name="ck_support_grant_used"),
            CheckConstraint(check="starts_on <= ends_on", name="ck_support_grant_days"),
            CheckConstraint(check="state <> 'granted' OR holds_unit", name="ck_support_grant_of_quota"),
            CheckConstraint(check="NOT holds_unit OR granted_at IS NOT NULL", name="ck_support_grant_granted_at"),
        ]
        indexes = [
            Index(fields=("merchant_id",), name="ix_support_grant_merchant"),
            Index(fields=("state", "ends_on"), name="ix_support_grant_due"),
            Index(fields=("division", "policy"), name="ix_support_grant_division"),
        ]


class SupportUse(Model):
    """One use of a fee waiver at a unit's counter. `slot` is its reference, or the row's own id once reversed."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    grant_id: UUID
    grant: fields.ForeignKeyRelation[SupportGrant] = fields.ForeignKeyField("models.SupportGrant")
    slot = fields.CharField(max_length=40)
    reference = fields.CharField(max_length=40)
    amount_fen = fields.IntField()
    actor = fields.CharField(max_length=80)
    used_at = fields.DatetimeField()
    reversed_at = fields.DatetimeField(null=True)
    reversed_by = fields.CharField(max_length=80, default="")
    reversal_reason = fields.CharField(max_length=200, default="")

    class Meta:
        table = "support_use"
        manager = BoundBy("grant_id", SupportGrant)
        constraints = [
            UniqueConstraint(fields=("grant_id", "slot"), name="uq_support_use_reference"),
            CheckConstraint(check="amount_fen > 0", name="ck_support_use_amount"),
            CheckConstraint(check="(reversed_at IS NULL) = (reversed_by = '')", name="ck_support_use_reversed_by"),
        ]
