"""Shops that ask to be entered into the registry."""

from __future__ import annotations

from tortoise import Model, fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from xinyi_platform.ids import new_id
from xinyi_platform.tenancy import Bound


class MerchantApplication(Model):
    """What a shop said of itself, until the community has decided.

    `slot` is `open` while it waits, else the row's own id: one application a credit code at a time. The applicant
    follows it by a link of which only the digest is kept; once it is confirmed the same link invites the owner.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    uscc = fields.CharField(max_length=18)
    slot = fields.CharField(max_length=36)
    name = fields.CharField(max_length=120)
    trade = fields.CharField(max_length=24)
    division = fields.CharField(max_length=12)
    address = fields.CharField(max_length=200)
    phone = fields.CharField(max_length=24)
    licence_date = fields.DateField()
    contact_cipher = fields.CharField(max_length=300)
    digest = fields.CharField(max_length=64)
    state = fields.CharField(max_length=10)
    made_at = fields.DatetimeField()
    merchant_id = fields.UUIDField(null=True)
    decided_by = fields.CharField(max_length=80, null=True)
    decided_at = fields.DatetimeField(null=True)
    reason = fields.CharField(max_length=200, default="")

    class Meta:
        table = "merchant_application"
        manager = Bound()
        constraints = [
            UniqueConstraint(fields=("uscc", "slot"), name="uq_merchant_application_uscc_slot"),
            UniqueConstraint(fields=("digest",), name="uq_merchant_application_digest"),
            CheckConstraint(check="state IN ('waiting','confirmed','declined')", name="ck_merchant_application_state"),
            CheckConstraint(check="(state = 'waiting') = (slot = 'open')", name="ck_merchant_application_slot"),
            CheckConstraint(
                check="(state = 'waiting') = (decided_by IS NULL)", name="ck_merchant_application_decided_by_somebody"
            ),
            CheckConstraint(
                check="(state = 'confirmed') = (merchant_id IS NOT NULL)",
                name="ck_merchant_application_confirmed_makes_a_shop",
            ),
            CheckConstraint(
                check="state <> 'declined' OR reason <> ''", name="ck_merchant_application_declined_with_reason"
            ),
        ]
        indexes = [Index(fields=("division", "state"), name="ix_merchant_application_division")]
