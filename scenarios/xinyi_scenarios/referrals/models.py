"""Referrals: which answer went to whom, and whether it may still be used."""

from __future__ import annotations

from tortoise import Model, fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from xinyi_platform.ids import new_id


class Referral(Model):
    """One answer to one receiver. `slot` is live while it may be used, then its own id.

    `recheck_at`: when its ground is looked at again. `answer` and `recall` are what was signed (JWS);
    `offer_event_id` is the webhook that carries the answer.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    entitlement_id = fields.UUIDField()
    slot = fields.CharField(max_length=36, default="live")
    scenario = fields.CharField(max_length=64)
    version = fields.IntField()
    resident_id = fields.UUIDField()
    partner_id = fields.UUIDField()
    purpose = fields.CharField(max_length=64)
    consent_id = fields.UUIDField()
    pseudonym = fields.CharField(max_length=40)
    verdict = fields.CharField(max_length=3)
    answer = fields.TextField()
    offer_event_id = fields.UUIDField()
    state = fields.CharField(max_length=20)
    offered_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    delivered_at = fields.DatetimeField(null=True)
    acknowledged_at = fields.DatetimeField(null=True)
    outcome = fields.CharField(max_length=8, default="")
    outcome_at = fields.DatetimeField(null=True)
    recall = fields.TextField(default="")
    recall_reason = fields.CharField(max_length=12, default="")
    recalled_at = fields.DatetimeField(null=True)
    recheck_at = fields.DatetimeField()
    next_chase_at = fields.DatetimeField(null=True)
    chases = fields.IntField(default=0)
    ended_at = fields.DatetimeField(null=True)

    class Meta:
        table = "referral"
        constraints = [
            UniqueConstraint(fields=("entitlement_id", "slot"), name="uq_referral_entitlement_slot"),
            CheckConstraint(
                check="state IN ('offered','delivered','acknowledged','recalled','recall_acknowledged',"
                "'expired','withdrawn')",
                name="ck_referral_state",
            ),
            CheckConstraint(
                check="(slot = 'live') = (state IN ('offered','delivered','acknowledged'))",
                name="ck_referral_slot_is_live_while_used",
            ),
            CheckConstraint(check="verdict IN ('yes','no')", name="ck_referral_verdict"),
            CheckConstraint(check="outcome IN ('','accepted','declined')", name="ck_referral_outcome"),
            CheckConstraint(
                check="state NOT IN ('recalled','recall_acknowledged') OR "
                "(recalled_at IS NOT NULL AND recall <> '' AND recall_reason <> '')",
                name="ck_referral_recall_is_signed",
            ),
        ]
        indexes = [
            Index(fields=("resident_id", "offered_at"), name="ix_referral_resident"),
            Index(fields=("partner_id", "state"), name="ix_referral_partner"),
            Index(fields=("state", "expires_at"), name="ix_referral_expires"),
            Index(fields=("state", "next_chase_at"), name="ix_referral_chase"),
            Index(fields=("slot", "recheck_at"), name="ix_referral_recheck"),
        ]
