"""The commitments that shops signed."""

from __future__ import annotations

from tortoise import Model, fields
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from xinyi_platform.ids import new_id


class MerchantCommitment(Model):
    """One signature under one version of the text. `slot` is `live`, or the row's own id once it is withdrawn."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    merchant_id = fields.UUIDField()
    slot = fields.CharField(max_length=36)
    version = fields.CharField(max_length=16)
    signer_id = fields.UUIDField()
    signed_at = fields.DatetimeField()
    withdrawn_at = fields.DatetimeField(null=True)

    class Meta:
        table = "merchant_commitment"
        constraints = [
            UniqueConstraint(fields=("merchant_id", "slot"), name="uq_merchant_commitment_live"),
            CheckConstraint(
                check="(slot = 'live') = (withdrawn_at IS NULL)", name="ck_merchant_commitment_withdrawn_is_not_live"
            ),
        ]
