"""Complaints with their steps and pictures."""

from __future__ import annotations

from tortoise import Model, fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from xinyi_merchants.complaints.states import KINDS, STATES
from xinyi_platform.ids import new_id
from xinyi_platform.tenancy import Bound, BoundBy

_STATES = ", ".join(f"'{state}'" for state in STATES)
_KINDS = ", ".join(f"'{kind}'" for kind in KINDS)


class Complaint(Model):
    """One complaint. Its `…_by` days are local days; the merchant's clock stands still while `paused_on` is set.

    `resident_id` is null for a visitor, who follows it by its number and phone. The merchant sees it from
    `shared_at` on, and never who complained: only what, and (unless `anonymous` or a report) the masked phone.
    `open_key` is what makes two complaints the same; only one of them may be open. `reminded` is the last reminder
    that went out, `escalated_state` the state in which being late was raised with the community. `satisfied` is what
    the consumer said at the end (null: nothing), `official_number` the one that 12315 gave; what `is_malicious`
    counts nowhere.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    number = fields.CharField(max_length=16)
    kind = fields.CharField(max_length=12)
    merchant_id = fields.UUIDField()
    division = fields.CharField(max_length=12)
    resident_id = fields.UUIDField(null=True)
    phone_cipher = fields.CharField(max_length=400)
    phone_index = fields.CharField(max_length=64)
    anonymous = fields.BooleanField()
    category = fields.CharField(max_length=24)
    text = fields.TextField()
    wish = fields.TextField()
    state = fields.CharField(max_length=24)
    accept_by = fields.DateField()
    answer_by = fields.DateField()
    close_by = fields.DateField()
    paused_on = fields.DateField(null=True)
    reply_by = fields.DateField(null=True)
    asked = fields.SmallIntField(default=0)
    reopened = fields.SmallIntField(default=0)
    answered_in_time = fields.BooleanField(null=True)
    resolved_at = fields.DatetimeField(null=True)
    shared_at = fields.DatetimeField(null=True)
    reminded = fields.SmallIntField(default=0)
    escalated_state = fields.CharField(max_length=24, default="")
    open_key = fields.CharField(max_length=64, null=True)
    satisfied = fields.BooleanField(null=True)
    official_number = fields.CharField(max_length=40, default="")
    is_malicious = fields.BooleanField(default=False)
    created_at = fields.DatetimeField()
    changed_at = fields.DatetimeField()

    class Meta:
        table = "complaint"
        manager = Bound()
        constraints = [
            UniqueConstraint(fields=("number",), name="complaint_number_once"),
            UniqueConstraint(fields=("open_key",), name="complaint_open_once"),
            CheckConstraint(check=f"kind IN ({_KINDS})", name="complaint_kind_known"),
            CheckConstraint(check=f"state IN ({_STATES})", name="complaint_state_known"),
            CheckConstraint(check="reopened BETWEEN 0 AND 2", name="complaint_reopened_twice_at_most"),
            CheckConstraint(
                check="(state = 'waiting_consumer') = (paused_on IS NOT NULL)", name="complaint_paused_while_asked"
            ),
        ]
        indexes = [
            Index(fields=("merchant_id", "state"), name="complaint_merchant"),
            Index(fields=("division", "state"), name="complaint_division"),
            Index(fields=("resident_id",), name="complaint_resident"),
            Index(fields=("state",), name="complaint_state"),
            Index(fields=("phone_index",), name="complaint_phone"),
        ]


class ComplaintStep(Model):
    """One step that was taken, as all concerned see it; a `note` is for staff only."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    complaint_id = fields.UUIDField()
    event = fields.CharField(max_length=16)
    state = fields.CharField(max_length=24)
    actor_kind = fields.CharField(max_length=16)
    actor_id = fields.UUIDField(null=True)
    text = fields.TextField()
    at = fields.DatetimeField()

    class Meta:
        table = "complaint_step"
        manager = BoundBy("complaint_id", Complaint)
        indexes = [Index(fields=("complaint_id", "at"), name="complaint_step_complaint")]


class ComplaintPicture(Model):
    """A picture that was sent with a complaint."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    complaint_id = fields.UUIDField()
    file_id = fields.UUIDField()
    place = fields.SmallIntField()

    class Meta:
        table = "complaint_picture"
        manager = BoundBy("complaint_id", Complaint)
        constraints = [
            UniqueConstraint(fields=("complaint_id", "place"), name="complaint_picture_place_once"),
            CheckConstraint(check="place BETWEEN 1 AND 4", name="complaint_picture_four_at_most"),
        ]


class ComplaintMark(Model):
    """A complaint that was found malicious, or is proposed as such: each decision by another person, with reasons.

    `person` fields are the same for all accounts of one human being.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    complaint_id = fields.UUIDField()
    division = fields.CharField(max_length=12)
    state = fields.CharField(max_length=12)
    reason = fields.TextField()
    maker_id = fields.UUIDField()
    maker_person = fields.CharField(max_length=64)
    made_at = fields.DatetimeField()
    decider_person = fields.CharField(max_length=64, null=True)
    decision_reason = fields.TextField(default="")
    decided_at = fields.DatetimeField(null=True)
    appeal_by = fields.DateField(null=True)
    appeal = fields.TextField(default="")
    appealed_at = fields.DatetimeField(null=True)
    judge_person = fields.CharField(max_length=64, null=True)
    judgement_reason = fields.TextField(default="")
    judged_at = fields.DatetimeField(null=True)

    class Meta:
        table = "complaint_mark"
        manager = Bound()
        constraints = [
            UniqueConstraint(fields=("complaint_id",), name="uq_complaint_mark_complaint"),
            CheckConstraint(
                check="state IN ('proposed','refused','upheld','appealed','kept','lifted')",
                name="ck_complaint_mark_state",
            ),
            CheckConstraint(
                check="state = 'proposed' OR (decider_person IS NOT NULL AND decider_person <> maker_person)",
                name="ck_complaint_mark_decided_by_another",
            ),
            CheckConstraint(
                check="state NOT IN ('kept','lifted') OR (judge_person IS NOT NULL AND judge_person <> maker_person "
                "AND judge_person <> decider_person)",
                name="ck_complaint_mark_judged_by_a_third",
            ),
        ]
        indexes = [Index(fields=("division", "state"), name="ix_complaint_mark_division")]


class PublicAnswer(Model):
    """A shop's answer that everybody may read, once staff have seen that it tells nothing of a person."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    complaint_id = fields.UUIDField()
    merchant_id = fields.UUIDField()
    division = fields.CharField(max_length=12)
    category = fields.CharField(max_length=24)
    text = fields.CharField(max_length=500)
    state = fields.CharField(max_length=10)
    reason = fields.CharField(max_length=200, default="")
    made_at = fields.DatetimeField()
    decided_by = fields.UUIDField(null=True)
    decided_at = fields.DatetimeField(null=True)

    class Meta:
        table = "public_answer"
        manager = Bound()
        constraints = [
            UniqueConstraint(fields=("complaint_id",), name="uq_public_answer_complaint"),
            CheckConstraint(check="state IN ('waiting','shown','refused')", name="ck_public_answer_state"),
            CheckConstraint(
                check="(state = 'waiting') = (decided_by IS NULL)", name="ck_public_answer_decided_by_somebody"
            ),
        ]
        indexes = [
            Index(fields=("merchant_id", "state"), name="ix_public_answer_merchant"),
            Index(fields=("division", "state"), name="ix_public_answer_division"),
        ]
