"""Cases with their versions, who had a hand in each, the persons shown, and pictures."""

from __future__ import annotations

from uuid import UUID

from tortoise import Model, fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from xinyi_platform.ids import new_id
from xinyi_platform.language import Text
from xinyi_platform.tenancy import Bound, BoundBy
from xinyi_rewards.cases.states import shown_as


class ExemplaryCase(Model):
    """One case of a community, told in versions."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    division = fields.CharField(max_length=12)
    created_at = fields.DatetimeField()

    class Meta:
        table = "exemplary_case"
        manager = Bound()
        indexes = [Index(fields=("division",), name="ix_exemplary_case_division")]


class CaseVersion(Model):
    """One version. `slot` is `open` while it is made or reviewed, `shown` while published, then its own id.

    `maker_person` began it; everybody who had a hand in it is a `CaseHand`.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    case_id: UUID
    case: fields.ForeignKeyRelation[ExemplaryCase] = fields.ForeignKeyField("models.ExemplaryCase")
    number = fields.SmallIntField()
    slot = fields.CharField(max_length=36)
    state = fields.CharField(max_length=12)
    title = fields.CharField(max_length=80)
    body = fields.TextField()
    maker_id = fields.UUIDField()
    maker_person = fields.CharField(max_length=64)
    reviewer_person = fields.CharField(max_length=64, default="")
    comment = fields.CharField(max_length=400, default="")
    changed_at = fields.DatetimeField()
    published_at = fields.DatetimeField(null=True)
    ended_at = fields.DatetimeField(null=True)

    class Meta:
        table = "exemplary_case_version"
        manager = BoundBy("case_id", ExemplaryCase)
        constraints = [
            UniqueConstraint(fields=("case_id", "slot"), name="uq_exemplary_case_version_slot"),
            CheckConstraint(
                check="state IN ('draft','in_review','published','superseded','withdrawn')",
                name="ck_exemplary_case_version_state",
            ),
            CheckConstraint(
                check="(state IN ('draft','in_review')) = (slot = 'open') AND (state = 'published') = (slot = 'shown')",
                name="ck_exemplary_case_version_slot",
            ),
            CheckConstraint(check="reviewer_person <> maker_person", name="ck_exemplary_case_version_by_another"),
            CheckConstraint(
                check="state <> 'published' OR (published_at IS NOT NULL AND reviewer_person <> '')",
                name="ck_exemplary_case_version_reviewed",
            ),
        ]


class CaseHand(Model):
    """One human being who made, changed or handed in a version, by whichever account: she does not publish it."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    version_id: UUID
    version: fields.ForeignKeyRelation[CaseVersion] = fields.ForeignKeyField("models.CaseVersion")
    person = fields.CharField(max_length=64)

    class Meta:
        table = "exemplary_case_hand"
        manager = BoundBy("version_id", CaseVersion)
        constraints = [UniqueConstraint(fields=("version_id", "person"), name="uq_exemplary_case_hand_person")]


class CasePerson(Model):
    """Somebody shown in a version. `name_shown` is the form agreed to.

    She answers in the app (`answered_by`: she or her guardian) or on paper, whose picture is `paper_file_id` and whose
    signer is `signed_by`. `adult_on` is the day on which somebody without an account turns eighteen, where known.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    version_id: UUID
    version: fields.ForeignKeyRelation[CaseVersion] = fields.ForeignKeyField("models.CaseVersion")
    resident_id = fields.UUIDField(null=True)
    adult_on = fields.DateField(null=True)
    name_shown = fields.CharField(max_length=30)
    state = fields.CharField(max_length=10)
    answered_by = fields.UUIDField(null=True)
    paper_file_id = fields.UUIDField(null=True)
    signed_by = fields.CharField(max_length=8, default="")
    decided_at = fields.DatetimeField(null=True)

    @property
    def name(self) -> Text:
        return shown_as(self.name_shown)

    class Meta:
        table = "exemplary_case_person"
        manager = BoundBy("version_id", CaseVersion)
        constraints = [
            CheckConstraint(
                check="state IN ('asked','agreed','refused','removed')", name="ck_exemplary_case_person_state"
            ),
            CheckConstraint(
                check="state <> 'asked' OR (answered_by IS NULL AND paper_file_id IS NULL)",
                name="ck_exemplary_case_person_asked",
            ),
            CheckConstraint(
                check="state <> 'agreed' OR answered_by IS NOT NULL OR paper_file_id IS NOT NULL",
                name="ck_exemplary_case_person_agreed",
            ),
            CheckConstraint(
                check="(paper_file_id IS NULL AND signed_by = '')"
                " OR (paper_file_id IS NOT NULL AND signed_by IN ('self','guardian'))",
                name="ck_exemplary_case_person_signed",
            ),
        ]
        indexes = [Index(fields=("resident_id",), name="ix_exemplary_case_person_resident")]


class CasePicture(Model):
    """One picture of a version with its text for those who cannot see it."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    version_id: UUID
    version: fields.ForeignKeyRelation[CaseVersion] = fields.ForeignKeyField("models.CaseVersion")
    place = fields.SmallIntField()
    file_id = fields.UUIDField()
    alt = fields.CharField(max_length=120)

    class Meta:
        table = "exemplary_case_picture"
        manager = BoundBy("version_id", CaseVersion)
        constraints = [
            UniqueConstraint(fields=("version_id", "place"), name="uq_exemplary_case_picture_place"),
            CheckConstraint(check="place BETWEEN 1 AND 6", name="ck_exemplary_case_picture_place"),
            CheckConstraint(check="alt <> ''", name="ck_exemplary_case_picture_alt"),
        ]
