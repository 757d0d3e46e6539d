"""Merchants, the accounts that act for them, and their honest-merchant awards."""

from __future__ import annotations

from tortoise import Model, fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from xinyi_platform.ids import new_id


class Merchant(Model):
    """One shop. `code` is the public code on receipts and links; `uscc` the unified social credit code."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    code = fields.CharField(max_length=16)
    uscc = fields.CharField(max_length=18)
    name = fields.CharField(max_length=120)
    trade = fields.CharField(max_length=24)
    division = fields.CharField(max_length=12)
    address = fields.CharField(max_length=200)
    phone = fields.CharField(max_length=24)
    licence_date = fields.DateField()
    status = fields.CharField(max_length=16)
    picture_id = fields.UUIDField(null=True)
    created_at = fields.DatetimeField()
    changed_at = fields.DatetimeField()

    class Meta:
        table = "merchant"
        constraints = [
            UniqueConstraint(fields=("code",), name="merchant_code_once"),
            UniqueConstraint(fields=("uscc",), name="merchant_uscc_once"),
            CheckConstraint(check="status IN ('open', 'closed')", name="merchant_status_known"),
        ]
        indexes = [Index(fields=("division",), name="merchant_division")]


class MerchantOperator(Model):
    """An account acts for one merchant."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    account_id = fields.UUIDField()
    merchant_id = fields.UUIDField()
    role = fields.CharField(max_length=16)
    created_at = fields.DatetimeField()

    class Meta:
        table = "merchant_operator"
        constraints = [
            UniqueConstraint(fields=("account_id",), name="merchant_operator_account_once"),
            CheckConstraint(check="role IN ('owner', 'clerk')", name="merchant_operator_role_known"),
        ]
        indexes = [Index(fields=("merchant_id",), name="merchant_operator_merchant")]


class HonestAward(Model):
    """An honest-merchant award (诚信商户) with the document that gave it. It may be shown for its validity only."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    merchant_id = fields.UUIDField()
    awarded_on = fields.DateField()
    valid_until = fields.DateField()
    state = fields.CharField(max_length=16)
    document_no = fields.CharField(max_length=80)

    class Meta:
        table = "honest_award"
        constraints = [
            CheckConstraint(check="state IN ('granted', 'withdrawn')", name="honest_award_state_known"),
            CheckConstraint(check="valid_until >= awarded_on", name="honest_award_ends_after_start"),
        ]
        indexes = [Index(fields=("merchant_id", "state"), name="honest_award_merchant")]
