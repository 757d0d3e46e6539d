"""The last word of the bureau on a resident, and who looked."""

from __future__ import annotations

from tortoise import Model, fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint

from xinyi_platform.ids import new_id


class CreditSnapshot(Model):
    """What the bureau said last, kept no longer than the consent it was read by."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    resident_id = fields.UUIDField(unique=True)
    standing = fields.CharField(max_length=12)
    black_listed = fields.BooleanField()
    as_of = fields.DatetimeField()
    consent_id = fields.UUIDField()

    class Meta:
        table = "credit_snapshot"
        constraints = [
            CheckConstraint(
                check="standing IN ('good','minor','general','serious')", name="ck_credit_snapshot_standing"
            )
        ]


class CreditRead(Model):
    """One look at a resident's credit, for 谁查过我. `outcome`: fresh, cached, unknown or refused."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    resident_id = fields.UUIDField()
    reader = fields.CharField(max_length=80)
    purpose = fields.CharField(max_length=64)
    reason = fields.CharField(max_length=80)
    consent_id = fields.UUIDField(null=True)
    outcome = fields.CharField(max_length=8)
    at = fields.DatetimeField()

    class Meta:
        table = "credit_read"
        constraints = [
            CheckConstraint(check="outcome IN ('fresh','cached','unknown','refused')", name="ck_credit_read_outcome"),
            CheckConstraint(
                check="outcome = 'refused' OR consent_id IS NOT NULL", name="ck_credit_read_names_its_consent"
            ),
        ]
        indexes = [Index(fields=("resident_id", "at"), name="ix_credit_read_resident")]
