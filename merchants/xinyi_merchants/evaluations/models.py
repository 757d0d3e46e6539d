"""Rounds of the evaluation with their candidates, inputs, survey answers, objections and withdrawals."""

from __future__ import annotations

from tortoise import Model, fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from xinyi_platform.ids import new_id


class EvaluationRound(Model):
    """One round. Days are local and included; `cursor` is the last merchant that the computation took in,
    `compute_asked` who asked the worker to compute it.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    title = fields.CharField(max_length=80)
    criteria = fields.CharField(max_length=16)
    state = fields.CharField(max_length=12)
    opens_on = fields.DateField()
    closes_on = fields.DateField()
    survey_from = fields.DateField()
    survey_until = fields.DateField()
    notice_days = fields.SmallIntField(default=7)
    validity_days = fields.SmallIntField(default=365)
    notice_until = fields.DateField(null=True)
    document_no = fields.CharField(max_length=60, default="")
    cursor = fields.CharField(max_length=36, default="")
    compute_asked = fields.CharField(max_length=80, default="")
    maker_id = fields.UUIDField()
    maker_person = fields.CharField(max_length=64)
    noticed_person = fields.CharField(max_length=64, default="")
    awarded_person = fields.CharField(max_length=64, default="")
    created_at = fields.DatetimeField()
    changed_at = fields.DatetimeField()

    class Meta:
        table = "evaluation_round"
        constraints = [
            CheckConstraint(
                check="state IN ('draft','open','computed','noticed','awarded','cancelled')",
                name="ck_evaluation_round_state",
            ),
            CheckConstraint(
                check="opens_on <= survey_from AND survey_from <= survey_until AND survey_until <= closes_on",
                name="ck_evaluation_round_days",
            ),
            CheckConstraint(
                check="noticed_person <> maker_person AND awarded_person <> maker_person",
                name="ck_evaluation_round_two_persons",
            ),
        ]
        indexes = [Index(fields=("state",), name="ix_evaluation_round_state")]


class EvaluationCandidate(Model):
    """One merchant in a round. `inputs` and `result` are canonical JSON, `digest` the result's SHA-256.

    Who was left out for its age or its end has no inputs. `named` says whether the notice names the merchant: what
    the result says until an objection was upheld.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    round_id = fields.UUIDField()
    merchant_id = fields.UUIDField()
    outcome = fields.CharField(max_length=12)
    total = fields.SmallIntField(null=True)
    named = fields.BooleanField()
    inputs = fields.TextField()
    result = fields.TextField()
    digest = fields.CharField(max_length=64)
    award_id = fields.UUIDField(null=True)

    class Meta:
        table = "evaluation_candidate"
        constraints = [
            UniqueConstraint(fields=("round_id", "merchant_id"), name="uq_evaluation_candidate_merchant"),
            CheckConstraint(
                check="outcome IN ('passed','below','cannot_tell','veto','too_young','closed')",
                name="ck_evaluation_candidate_outcome",
            ),
        ]
        indexes = [
            Index(fields=("round_id", "named", "total"), name="ix_evaluation_candidate_named"),
            Index(fields=("merchant_id",), name="ix_evaluation_candidate_merchant"),
        ]


class EvaluationConsent(Model):
    """A merchant lets its credit be asked for. `slot` is `live`, or the row's own id once it is withdrawn."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    merchant_id = fields.UUIDField()
    slot = fields.CharField(max_length=36)
    granted_by = fields.UUIDField()
    granted_at = fields.DatetimeField()
    withdrawn_at = fields.DatetimeField(null=True)

    class Meta:
        table = "evaluation_consent"
        constraints = [UniqueConstraint(fields=("merchant_id", "slot"), name="uq_evaluation_consent_live")]


class EvaluationFinding(Model):
    """What a sheet said of a merchant in a round: a veto, or an agency's score in permille."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    round_id = fields.UUIDField()
    merchant_id = fields.UUIDField()
    kind = fields.CharField(max_length=12)
    score = fields.SmallIntField()
    veto = fields.CharField(max_length=24)

    class Meta:
        table = "evaluation_finding"
        constraints = [
            UniqueConstraint(fields=("round_id", "merchant_id", "kind"), name="uq_evaluation_finding_kind"),
            CheckConstraint(check="kind IN ('veto','agency')", name="ck_evaluation_finding_kind"),
            CheckConstraint(check="score BETWEEN 0 AND 1000", name="ck_evaluation_finding_score"),
            CheckConstraint(check="(kind = 'veto') = (veto <> '')", name="ck_evaluation_finding_veto"),
        ]


class SurveyAnswer(Model):
    """One resident's answer about one shop in one round, from 1 (bad) to 5 (good)."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    round_id = fields.UUIDField()
    merchant_id = fields.UUIDField()
    resident_id = fields.UUIDField()
    points = fields.SmallIntField()
    at = fields.DatetimeField()

    class Meta:
        table = "survey_answer"
        constraints = [
            UniqueConstraint(fields=("round_id", "merchant_id", "resident_id"), name="uq_survey_answer_resident"),
            CheckConstraint(check="points BETWEEN 1 AND 5", name="ck_survey_answer_points"),
        ]


class EvaluationChallenge(Model):
    """An objection to a round's notice, by anybody (name and phone encrypted) or by the merchant itself."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    round_id = fields.UUIDField()
    merchant_id = fields.UUIDField()
    by_merchant = fields.BooleanField()
    name_cipher = fields.CharField(max_length=400)
    phone_cipher = fields.CharField(max_length=400)
    reason = fields.TextField()
    state = fields.CharField(max_length=12)
    decider_person = fields.CharField(max_length=64, default="")
    decision_reason = fields.TextField()
    created_at = fields.DatetimeField()
    decided_at = fields.DatetimeField(null=True)

    class Meta:
        table = "evaluation_challenge"
        constraints = [
            CheckConstraint(check="state IN ('open','upheld','dismissed')", name="ck_evaluation_challenge_state"),
            CheckConstraint(
                check="(state = 'open') = (decider_person = '')", name="ck_evaluation_challenge_decided_by_somebody"
            ),
        ]
        indexes = [Index(fields=("round_id", "state"), name="ix_evaluation_challenge_round")]


class AwardWithdrawal(Model):
    """An award withdrawn on cause: proposed by one person, decided by another. `slot` is `live` until refused."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    award_id = fields.UUIDField()
    slot = fields.CharField(max_length=36)
    state = fields.CharField(max_length=12)
    reason = fields.TextField()
    maker_person = fields.CharField(max_length=64)
    decider_person = fields.CharField(max_length=64, default="")
    made_at = fields.DatetimeField()
    decided_at = fields.DatetimeField(null=True)

    class Meta:
        table = "award_withdrawal"
        constraints = [
            UniqueConstraint(fields=("award_id", "slot"), name="uq_award_withdrawal_live"),
            CheckConstraint(check="state IN ('proposed','confirmed','refused')", name="ck_award_withdrawal_state"),
            CheckConstraint(check="decider_person <> maker_person", name="ck_award_withdrawal_two_persons"),
        ]
