"""The quota tables: the hot rows of every claim, and what districts lent each other."""

from __future__ import annotations

from tortoise import Model, fields
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from xinyi_platform.ids import new_id


class Quota(Model):
    """What a scene may give in one period and scope, counted in units or in fen.

    `scope` is empty for the whole scene, else `district:CODE` or `merchant:ID`. `used` counts what is held, issued,
    redeemed or expired; of money, what is set aside or spent.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    scenario = fields.CharField(max_length=64)
    measure = fields.CharField(max_length=5, default="units")
    scope = fields.CharField(max_length=48, default="")
    period = fields.CharField(max_length=16)
    total = fields.BigIntField()
    used = fields.BigIntField(default=0)
    is_open = fields.BooleanField(default=True)
    created_at = fields.DatetimeField()

    class Meta:
        table = "quota"
        constraints = [
            UniqueConstraint(
                fields=("scenario", "measure", "scope", "period"), name="uq_quota_scenario_measure_scope_period"
            ),
            CheckConstraint(check="used >= 0 AND used <= total", name="ck_quota_used_within_total"),
            CheckConstraint(check="measure IN ('units','fen')", name="ck_quota_measure"),
        ]


class QuotaLoan(Model):
    """Units that one district's quota lent another's; `returned` of them are back."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    lender_id = fields.UUIDField()
    borrower_id = fields.UUIDField()
    units = fields.BigIntField()
    returned = fields.BigIntField(default=0)
    actor = fields.CharField(max_length=80)
    at = fields.DatetimeField()

    class Meta:
        table = "quota_loan"
        constraints = [
            CheckConstraint(check="units > 0 AND returned >= 0 AND returned <= units", name="ck_quota_loan_returned"),
            CheckConstraint(check="lender_id <> borrower_id", name="ck_quota_loan_between_two"),
        ]
