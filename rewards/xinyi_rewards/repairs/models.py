"""Repair requests with their papers, deferrals of measures, and reminders that were sent."""

from __future__ import annotations

from uuid import UUID

from tortoise import Model, fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from xinyi_platform.ids import new_id
from xinyi_platform.tenancy import Bound, BoundBy


class RepairRequest(Model):
    """A subject's request to end a listing early. `slot` is "open" while it runs, then the row's own id.

    `division` is the subject's, whose community helps; dates are days in the city. `filed_at` is when it was filed
    first, `refiled_at` when it was completed last after it had been sent back: its days to be passed on run from then.
    `passed_on_person` and `decided_person` are who did it, by whichever account; never the same.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    entry_id = fields.UUIDField()
    slot = fields.CharField(max_length=36)
    resident_id = fields.UUIDField(null=True)
    merchant_id = fields.UUIDField(null=True)
    division = fields.CharField(max_length=12)
    state = fields.CharField(max_length=12)
    statement = fields.CharField(max_length=1000)
    commitment_version = fields.CharField(max_length=16)
    filed_at = fields.DatetimeField()
    refiled_at = fields.DatetimeField(null=True)
    pass_on_by = fields.DateField()
    passed_on_at = fields.DatetimeField(null=True)
    official_number = fields.CharField(max_length=80, default="")
    decide_by = fields.DateField(null=True)
    is_extended = fields.BooleanField(default=False)
    decided_on = fields.DateField(null=True)
    decision_document = fields.CharField(max_length=80, default="")
    reason = fields.CharField(max_length=400, default="")
    source = fields.CharField(max_length=14, default="")
    passed_on_person = fields.CharField(max_length=64, default="")
    decided_person = fields.CharField(max_length=64, default="")
    changed_at = fields.DatetimeField()

    class Meta:
        table = "repair_request"
        manager = Bound()
        constraints = [
            UniqueConstraint(fields=("entry_id", "slot"), name="uq_repair_request_open"),
            CheckConstraint(
                check="state IN ('filed','sent_back','passed_on','granted','refused','withdrawn','lapsed')",
                name="ck_repair_request_state",
            ),
            CheckConstraint(
                check="(slot = 'open') = (state IN ('filed','sent_back','passed_on'))", name="ck_repair_request_slot"
            ),
            CheckConstraint(
                check="(resident_id IS NULL) <> (merchant_id IS NULL)", name="ck_repair_request_one_subject"
            ),
            CheckConstraint(
                check="state NOT IN ('granted','refused') OR (decided_on IS NOT NULL AND decision_document <> ''"
                " AND source <> '')",
                name="ck_repair_request_decided_by_document",
            ),
            CheckConstraint(
                check="refiled_at IS NULL OR refiled_at >= filed_at", name="ck_repair_request_refiled_after"
            ),
            CheckConstraint(check="source IN ('','credit_office','bureau')", name="ck_repair_request_source"),
            CheckConstraint(
                check="decided_person = '' OR decided_person <> passed_on_person", name="ck_repair_request_by_another"
            ),
        ]
        indexes = [Index(fields=("division", "state"), name="ix_repair_request_division")]


class RepairPaper(Model):
    """One picture of a document, in the order in which it was handed in."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    request_id: UUID
    request: fields.ForeignKeyRelation[RepairRequest] = fields.ForeignKeyField("models.RepairRequest")
    file_id = fields.UUIDField()
    place = fields.SmallIntField()

    class Meta:
        table = "repair_paper"
        manager = BoundBy("request_id", RepairRequest)
        constraints = [
            UniqueConstraint(fields=("request_id", "place"), name="uq_repair_paper_place"),
            CheckConstraint(check="place BETWEEN 1 AND 6", name="ck_repair_paper_place"),
        ]


class MeasureDeferral(Model):
    """A promise to correct by a day, for which a listing under notice waits; once an entry."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    entry_id = fields.UUIDField(unique=True)
    resident_id = fields.UUIDField(null=True)
    merchant_id = fields.UUIDField(null=True)
    division = fields.CharField(max_length=12)
    state = fields.CharField(max_length=12)
    plan = fields.CharField(max_length=1000)
    promise_version = fields.CharField(max_length=16)
    due_on = fields.DateField()
    asked_at = fields.DatetimeField()
    decided_at = fields.DatetimeField(null=True)
    document = fields.CharField(max_length=80, default="")
    reason = fields.CharField(max_length=400, default="")
    is_reminded = fields.BooleanField(default=False)
    decided_person = fields.CharField(max_length=64, default="")
    kept_person = fields.CharField(max_length=64, default="")

    class Meta:
        table = "measure_deferral"
        manager = Bound()
        constraints = [
            CheckConstraint(
                check="state IN ('asked','accepted','refused','kept','broken','lapsed')",
                name="ck_measure_deferral_state",
            ),
            CheckConstraint(
                check="(resident_id IS NULL) <> (merchant_id IS NULL)", name="ck_measure_deferral_one_subject"
            ),
            CheckConstraint(
                check="state NOT IN ('accepted','kept') OR document <> ''", name="ck_measure_deferral_document"
            ),
            CheckConstraint(
                check="kept_person = '' OR kept_person <> decided_person", name="ck_measure_deferral_by_another"
            ),
        ]
        indexes = [Index(fields=("division", "state"), name="ix_measure_deferral_division")]


class ListingReminder(Model):
    """One reminder about one entry that was sent: which (`measure`, `repairable`, `ends`), how many days before."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    entry_id = fields.UUIDField()
    about = fields.CharField(max_length=12)
    days = fields.SmallIntField()
    sent_at = fields.DatetimeField()

    class Meta:
        table = "listing_reminder"
        constraints = [
            UniqueConstraint(fields=("entry_id", "about", "days"), name="uq_listing_reminder_once"),
            CheckConstraint(check="about IN ('measure','repairable','ends')", name="ck_listing_reminder_about"),
        ]
