"""Campaigns with what of them is used, and each unit that was given."""

from __future__ import annotations

from uuid import UUID

from tortoise import Model, fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from xinyi_platform.ids import new_id
from xinyi_platform.tenancy import Bound, BoundBy


class Campaign(Model):
    """One campaign. `used` of `units` and `spent_fen` of `budget_fen` are held by rewards that were given.

    `kinds` are the red lists that it is for; it runs from `first_on` to `last_on`, both included, once approved.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    division = fields.CharField(max_length=12)
    title = fields.CharField(max_length=80)
    why = fields.CharField(max_length=400)
    kinds: fields.JSONField[list[str]] = fields.JSONField()
    scenario = fields.CharField(max_length=64)
    minors = fields.CharField(max_length=10)
    once_a_household = fields.BooleanField()
    first_on = fields.DateField()
    last_on = fields.DateField()
    units = fields.IntField()
    used = fields.IntField(default=0)
    budget_fen = fields.BigIntField()
    spent_fen = fields.BigIntField(default=0)
    state = fields.CharField(max_length=10)
    maker_id = fields.UUIDField()
    maker_person = fields.CharField(max_length=64)
    approver_person = fields.CharField(max_length=64, default="")
    comment = fields.CharField(max_length=400, default="")
    reason = fields.CharField(max_length=200, default="")
    made_at = fields.DatetimeField()
    changed_at = fields.DatetimeField()

    class Meta:
        table = "campaign"
        manager = Bound()
        constraints = [
            CheckConstraint(
                check="state IN ('draft','in_review','approved','ended','stopped','withdrawn')",
                name="ck_campaign_state",
            ),
            CheckConstraint(check="units >= 1 AND used BETWEEN 0 AND units", name="ck_campaign_used"),
            CheckConstraint(check="spent_fen BETWEEN 0 AND budget_fen", name="ck_campaign_spent"),
            CheckConstraint(check="first_on <= last_on", name="ck_campaign_days"),
            CheckConstraint(check="minors IN ('given','guardian','none')", name="ck_campaign_minors"),
            CheckConstraint(check="approver_person <> maker_person", name="ck_campaign_by_another"),
            CheckConstraint(
                check="(state IN ('approved','ended','stopped')) = (approver_person <> '')", name="ck_campaign_approved"
            ),
            CheckConstraint(check="(state = 'stopped') = (reason <> '')", name="ck_campaign_stopped"),
        ]
        indexes = [
            Index(fields=("state", "last_on"), name="ix_campaign_state"),
            Index(fields=("division",), name="ix_campaign_division"),
        ]


class CampaignUse(Model):
    """One unit given, worth `worth_fen` on that day, for one reward; `returned_at` when it went back unused."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    campaign_id: UUID
    campaign: fields.ForeignKeyRelation[Campaign] = fields.ForeignKeyField("models.Campaign")
    grant_id = fields.UUIDField()
    resident_id = fields.UUIDField()
    entitlement_id = fields.UUIDField()
    worth_fen = fields.BigIntField()
    taken_at = fields.DatetimeField()
    returned_at = fields.DatetimeField(null=True)

    class Meta:
        table = "campaign_use"
        manager = BoundBy("campaign_id", Campaign)
        constraints = [
            UniqueConstraint(fields=("grant_id",), name="uq_campaign_use_grant"),
            CheckConstraint(check="worth_fen >= 0", name="ck_campaign_use_worth"),
        ]
        indexes = [Index(fields=("campaign_id", "returned_at"), name="ix_campaign_use_campaign")]
