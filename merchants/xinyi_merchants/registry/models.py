"""Merchants with the history of their facts, the accounts that act for them, and their honest-merchant awards."""

from __future__ import annotations

from tortoise import Model, fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from xinyi_platform.ids import new_id
from xinyi_platform.tenancy import Bound


class Merchant(Model):
    """One shop. `code` is the public code on receipts and links; `uscc` the unified social credit code.

    `status_reason` says why it is closed or revoked; empty while it is open.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    code = fields.CharField(max_length=16)
    uscc = fields.CharField(max_length=18)
    name = fields.CharField(max_length=120)
    trade = fields.CharField(max_length=24)
    division = fields.CharField(max_length=12)
    address = fields.CharField(max_length=200)
    phone = fields.CharField(max_length=24)
    licence_date = fields.DateField()
    opened_on = fields.DateField(null=True)
    status = fields.CharField(max_length=16)
    status_reason = fields.CharField(max_length=200, default="")
    picture_id = fields.UUIDField(null=True)
    created_at = fields.DatetimeField()
    changed_at = fields.DatetimeField()

    class Meta:
        table = "merchant"
        manager = Bound()
        constraints = [
            UniqueConstraint(fields=("code",), name="merchant_code_once"),
            UniqueConstraint(fields=("uscc",), name="merchant_uscc_once"),
            CheckConstraint(check="status IN ('open','closed','revoked')", name="ck_merchant_status"),
            CheckConstraint(check="status <> 'revoked' OR status_reason <> ''", name="ck_merchant_revoked_with_reason"),
            CheckConstraint(
                check="opened_on IS NULL OR opened_on >= licence_date", name="ck_merchant_opened_with_a_licence"
            ),
        ]
        indexes = [Index(fields=("division",), name="merchant_division")]


class MerchantChange(Model):
    """One change of a shop's facts: who, when, before and after. Rows are never deleted.

    `done` at once; or `proposed` and then confirmed or declined by another person, or withdrawn. `division` is where
    the shop will be: that community confirms. `slot` is `open` while proposed, else the row's own id: one proposal
    a shop at a time is thereby a plain unique constraint.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    merchant_id = fields.UUIDField()
    division = fields.CharField(max_length=12)
    state = fields.CharField(max_length=10)
    slot = fields.CharField(max_length=36)
    source = fields.CharField(max_length=8)
    before: fields.JSONField[dict[str, str]] = fields.JSONField()
    after: fields.JSONField[dict[str, str]] = fields.JSONField()
    maker = fields.CharField(max_length=80)
    maker_person = fields.CharField(max_length=64, default="")
    made_at = fields.DatetimeField()
    decider = fields.CharField(max_length=80, null=True)
    decider_person = fields.CharField(max_length=64, null=True)
    decided_at = fields.DatetimeField(null=True)
    reason = fields.CharField(max_length=200, default="")

    class Meta:
        table = "merchant_change"
        manager = Bound()
        constraints = [
            UniqueConstraint(fields=("merchant_id", "slot"), name="uq_merchant_change_merchant_slot"),
            CheckConstraint(
                check="state IN ('done','proposed','confirmed','declined','withdrawn')", name="ck_merchant_change_state"
            ),
            CheckConstraint(check="(state = 'proposed') = (slot = 'open')", name="ck_merchant_change_slot"),
            CheckConstraint(check="source IN ('portal','console','sheet','sign_up')", name="ck_merchant_change_source"),
            CheckConstraint(
                check="state NOT IN ('confirmed','declined') OR "
                "(decider_person IS NOT NULL AND decider_person <> maker_person)",
                name="ck_merchant_change_decided_by_another",
            ),
            CheckConstraint(
                check="state <> 'declined' OR reason <> ''", name="ck_merchant_change_declined_with_reason"
            ),
        ]
        indexes = [
            Index(fields=("merchant_id", "made_at"), name="ix_merchant_change_merchant"),
            Index(fields=("division", "state"), name="ix_merchant_change_division"),
        ]


class MerchantOperator(Model):
    """An account acts for one merchant, in a role that its duties follow from."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    account_id = fields.UUIDField()
    merchant_id = fields.UUIDField()
    role = fields.CharField(max_length=16)
    created_at = fields.DatetimeField()

    class Meta:
        table = "merchant_operator"
        constraints = [
            UniqueConstraint(fields=("account_id",), name="merchant_operator_account_once"),
            CheckConstraint(check="role IN ('owner','manager','clerk')", name="ck_merchant_operator_role"),
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
