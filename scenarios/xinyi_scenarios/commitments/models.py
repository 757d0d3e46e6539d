"""Signed commitments, the papers that they promise, and what happened to them."""

from __future__ import annotations

from uuid import UUID

from tortoise import Model, fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from xinyi_platform.ids import new_id


class SignedCommitment(Model):
    """One promise on one entitlement, with the text as it was signed.

    `receipt` is the platform's signature over it (JWS). `due_on` and `repair_until` are local days that belong to the
    limit; `next_remind_on` is the day of the next reminder.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    entitlement_id = fields.UUIDField(unique=True)
    scenario = fields.CharField(max_length=64)
    version = fields.IntField()
    resident_id = fields.UUIDField()
    state = fields.CharField(max_length=12)
    language = fields.CharField(max_length=2)
    text = fields.TextField()
    text_digest = fields.CharField(max_length=64)
    receipt = fields.TextField()
    signed_at = fields.DatetimeField()
    first_due_on = fields.DateField()
    due_on = fields.DateField()
    repair_days = fields.IntField()
    repair_until = fields.DateField(null=True)
    remind_days: fields.JSONField[list[int]] = fields.JSONField()
    next_remind_on = fields.DateField(null=True)
    granted_at = fields.DatetimeField(null=True)
    extended_at = fields.DatetimeField(null=True)
    extended_by = fields.CharField(max_length=80, default="")
    extension_reason = fields.CharField(max_length=200, default="")
    broken_at = fields.DatetimeField(null=True)
    ended_at = fields.DatetimeField(null=True)
    changed_at = fields.DatetimeField()

    class Meta:
        table = "commitment"
        constraints = [
            CheckConstraint(
                check="state IN ('signed','fulfilled','broken','repaired','withdrawn')", name="ck_commitment_state"
            ),
            CheckConstraint(
                check="state NOT IN ('broken','repaired') OR (broken_at IS NOT NULL AND repair_until IS NOT NULL)",
                name="ck_commitment_broken_can_be_repaired",
            ),
            CheckConstraint(
                check="(extended_at IS NULL) = (extended_by = '') AND (extended_by = '') = (extension_reason = '')",
                name="ck_commitment_extension_has_maker_and_reason",
            ),
            CheckConstraint(check="due_on >= first_due_on", name="ck_commitment_due_moves_back_only"),
        ]
        indexes = [
            Index(fields=("resident_id", "state"), name="ix_commitment_resident"),
            Index(fields=("state", "due_on"), name="ix_commitment_due"),
            Index(fields=("state", "next_remind_on"), name="ix_commitment_remind"),
            Index(fields=("scenario", "state", "due_on"), name="ix_commitment_scenario"),
        ]


class CommitmentPaper(Model):
    """One paper of a promise. `channel` is how it came: upload or counter; `file_id` is the uploaded picture."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    commitment_id: UUID
    commitment: fields.ForeignKeyRelation[SignedCommitment] = fields.ForeignKeyField("models.SignedCommitment")
    place = fields.IntField()
    key = fields.CharField(max_length=32)
    name_zh = fields.CharField(max_length=600)
    name_en = fields.CharField(max_length=600)
    state = fields.CharField(max_length=12)
    channel = fields.CharField(max_length=8, default="")
    file_id = fields.UUIDField(null=True)
    handed_in_at = fields.DatetimeField(null=True)
    judged_at = fields.DatetimeField(null=True)
    judged_by = fields.CharField(max_length=80, default="")
    reason = fields.CharField(max_length=200, default="")

    class Meta:
        table = "commitment_paper"
        constraints = [
            UniqueConstraint(fields=("commitment_id", "key"), name="uq_commitment_paper_key"),
            CheckConstraint(
                check="state IN ('open','handed_in','confirmed','refused')", name="ck_commitment_paper_state"
            ),
            CheckConstraint(check="channel IN ('','upload','counter')", name="ck_commitment_paper_channel"),
            CheckConstraint(check="state <> 'refused' OR reason <> ''", name="ck_commitment_paper_refused_with_reason"),
        ]


class CommitmentStep(Model):
    """One thing that happened to a commitment; `paper` is the key of the paper that it is about."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    commitment_id = fields.UUIDField()
    event = fields.CharField(max_length=12)
    actor = fields.CharField(max_length=80)
    paper = fields.CharField(max_length=32, default="")
    text = fields.CharField(max_length=200, default="")
    at = fields.DatetimeField()

    class Meta:
        table = "commitment_step"
        indexes = [Index(fields=("commitment_id", "at"), name="ix_commitment_step_commitment")]
