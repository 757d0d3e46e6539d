"""Invitations by which people come to act for a shop."""

from __future__ import annotations

from tortoise import Model, fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from xinyi_platform.ids import new_id


class MerchantInvitation(Model):
    """One link, good once: only the digest of its secret is kept, and the authenticator secret that its reader gets."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    merchant_id = fields.UUIDField()
    role = fields.CharField(max_length=16)
    invitee = fields.CharField(max_length=40)
    digest = fields.CharField(max_length=64)
    totp_cipher = fields.CharField(max_length=200)
    state = fields.CharField(max_length=10)
    invited_by = fields.CharField(max_length=80)
    created_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    account_id = fields.UUIDField(null=True)
    settled_at = fields.DatetimeField(null=True)

    class Meta:
        table = "merchant_invitation"
        constraints = [
            UniqueConstraint(fields=("digest",), name="uq_merchant_invitation_digest"),
            CheckConstraint(check="role IN ('owner','manager','clerk')", name="ck_merchant_invitation_role"),
            CheckConstraint(check="state IN ('open','accepted','revoked')", name="ck_merchant_invitation_state"),
            CheckConstraint(
                check="(state = 'accepted') = (account_id IS NOT NULL)",
                name="ck_merchant_invitation_accepted_by_somebody",
            ),
        ]
        indexes = [Index(fields=("merchant_id", "state"), name="ix_merchant_invitation_merchant")]
