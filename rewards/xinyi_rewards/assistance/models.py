"""Training sessions with their places, and requests for agency with the papers of their drafts."""

from __future__ import annotations

from uuid import UUID

from tortoise import Model, fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from xinyi_platform.ids import new_id
from xinyi_platform.tenancy import Bound, BoundBy


class TrainingSession(Model):
    """One session, for subjects of its division. `taken` of `capacity` places are held.

    `place` is where it is held or, online, the https address, which only those who hold a place are shown.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    division = fields.CharField(max_length=12)
    title = fields.CharField(max_length=80)
    place = fields.CharField(max_length=200)
    is_online = fields.BooleanField(default=False)
    state = fields.CharField(max_length=10)
    starts_at = fields.DatetimeField()
    ends_at = fields.DatetimeField()
    capacity = fields.IntField()
    taken = fields.IntField(default=0)
    reason = fields.CharField(max_length=200, default="")
    made_by = fields.UUIDField()
    created_at = fields.DatetimeField()

    class Meta:
        table = "training_session"
        manager = Bound()
        constraints = [
            CheckConstraint(
                check="state = 'planned' OR (state = 'cancelled' AND reason <> '')", name="ck_training_session_state"
            ),
            CheckConstraint(check="taken BETWEEN 0 AND capacity", name="ck_training_session_taken"),
            CheckConstraint(check="starts_at < ends_at", name="ck_training_session_times"),
        ]
        indexes = [
            Index(fields=("division", "starts_at"), name="ix_training_session_division"),
            Index(fields=("state", "starts_at"), name="ix_training_session_state"),
        ]


class TrainingBooking(Model):
    """One subject's place, booked because of an entry. Its `number` is that of the certificate, once she attended."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    training_id: UUID
    training: fields.ForeignKeyRelation[TrainingSession] = fields.ForeignKeyField("models.TrainingSession")
    entry_id = fields.UUIDField()
    subject_kind = fields.CharField(max_length=8)
    subject_id = fields.UUIDField()
    number = fields.CharField(max_length=16)
    booked_at = fields.DatetimeField()
    is_reminded = fields.BooleanField(default=False)
    attended_at = fields.DatetimeField(null=True)

    class Meta:
        table = "training_booking"
        manager = BoundBy("training_id", TrainingSession)
        constraints = [
            UniqueConstraint(fields=("training_id", "subject_id"), name="uq_training_booking_subject"),
            UniqueConstraint(fields=("number",), name="uq_training_booking_number"),
            CheckConstraint(check="subject_kind IN ('resident','merchant')", name="ck_training_booking_subject_kind"),
        ]
        indexes = [
            Index(fields=("entry_id",), name="ix_training_booking_entry"),
            Index(fields=("subject_id",), name="ix_training_booking_subject"),
        ]

    @property
    def resident_id(self) -> UUID | None:
        return self.subject_id if self.subject_kind == "resident" else None

    @property
    def merchant_id(self) -> UUID | None:
        return self.subject_id if self.subject_kind == "merchant" else None


class AgencyRequest(Model):
    """A subject's request that staff prepare the repair of one entry. `slot` is "open" while it runs, then its id.

    `division` is the subject's. `draft` counts the drafts, so that she confirms the one that she has read. Of how she
    is reached (`contact_cipher`) others see `contact_masked`; days are the city's.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    entry_id = fields.UUIDField()
    slot = fields.CharField(max_length=36)
    resident_id = fields.UUIDField(null=True)
    merchant_id = fields.UUIDField(null=True)
    division = fields.CharField(max_length=12)
    state = fields.CharField(max_length=12)
    wish = fields.CharField(max_length=1000)
    contact_cipher = fields.CharField(max_length=500)
    contact_masked = fields.CharField(max_length=80)
    authorisation_version = fields.CharField(max_length=16)
    asked_at = fields.DatetimeField()
    answer_by = fields.DateField()
    handler_id = fields.UUIDField(null=True)
    taken_at = fields.DatetimeField(null=True)
    prepare_by = fields.DateField(null=True)
    appointment_at = fields.DatetimeField(null=True)
    appointment_place = fields.CharField(max_length=120, default="")
    statement = fields.CharField(max_length=1000, default="")
    draft = fields.SmallIntField(default=0)
    repair_id = fields.UUIDField(null=True)
    reason = fields.CharField(max_length=400, default="")
    changed_at = fields.DatetimeField()

    class Meta:
        table = "agency_request"
        manager = Bound()
        constraints = [
            UniqueConstraint(fields=("entry_id", "slot"), name="uq_agency_request_open"),
            CheckConstraint(
                check="state IN ('asked','taken','prepared','filed','closed','withdrawn','lapsed')",
                name="ck_agency_request_state",
            ),
            CheckConstraint(
                check="(slot = 'open') = (state IN ('asked','taken','prepared'))", name="ck_agency_request_slot"
            ),
            CheckConstraint(
                check="(resident_id IS NULL) <> (merchant_id IS NULL)", name="ck_agency_request_one_subject"
            ),
            CheckConstraint(
                check="state NOT IN ('taken','prepared','filed','closed')"
                " OR (handler_id IS NOT NULL AND taken_at IS NOT NULL AND prepare_by IS NOT NULL)",
                name="ck_agency_request_taken",
            ),
            CheckConstraint(
                check="state NOT IN ('prepared','filed') OR (draft > 0 AND statement <> '')",
                name="ck_agency_request_draft",
            ),
            CheckConstraint(check="(state = 'filed') = (repair_id IS NOT NULL)", name="ck_agency_request_filed"),
            CheckConstraint(check="state <> 'closed' OR reason <> ''", name="ck_agency_request_closed"),
        ]
        indexes = [
            Index(fields=("division", "state"), name="ix_agency_request_division"),
            Index(fields=("entry_id",), name="ix_agency_request_entry"),
        ]


class AgencyPaper(Model):
    """One picture of a document that staff put into a draft, in its order."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    agency_id: UUID
    agency: fields.ForeignKeyRelation[AgencyRequest] = fields.ForeignKeyField("models.AgencyRequest")
    file_id = fields.UUIDField()
    place = fields.SmallIntField()

    class Meta:
        table = "agency_paper"
        manager = BoundBy("agency_id", AgencyRequest)
        constraints = [
            UniqueConstraint(fields=("agency_id", "place"), name="uq_agency_paper_place"),
            CheckConstraint(check="place BETWEEN 1 AND 6", name="ck_agency_paper_place"),
        ]
