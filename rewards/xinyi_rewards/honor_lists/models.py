"""Lists, their entries, and objections to them."""

from __future__ import annotations

from uuid import UUID

from tortoise import Model, fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from xinyi_platform.ids import new_id
from xinyi_platform.tenancy import Bound, BoundBy


class HonorList(Model):
    """One list as it was made: a batch of entries that is reviewed together."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    kind = fields.CharField(max_length=40)
    title = fields.CharField(max_length=80)
    division = fields.CharField(max_length=12)
    state = fields.CharField(max_length=12)
    maker_id = fields.UUIDField()
    maker_person = fields.CharField(max_length=64)
    reviewer_id = fields.UUIDField(null=True)
    turn = fields.SmallIntField(default=1)
    reviews_needed = fields.SmallIntField(default=1)
    approvals = fields.SmallIntField(default=0)
    comment = fields.CharField(max_length=400, default="")
    created_at = fields.DatetimeField()
    submitted_at = fields.DatetimeField(null=True)
    decided_at = fields.DatetimeField(null=True)

    class Meta:
        table = "honor_list"
        manager = Bound()
        constraints = [
            CheckConstraint(check="state IN ('draft','in_review','approved','withdrawn')", name="ck_honor_list_state"),
            CheckConstraint(
                check="reviewer_id IS NULL OR reviewer_id <> maker_id", name="ck_honor_list_reviewer_is_not_maker"
            ),
            CheckConstraint(check="approvals BETWEEN 0 AND reviews_needed", name="ck_honor_list_approvals"),
            CheckConstraint(
                check="state <> 'approved' OR approvals = reviews_needed", name="ck_honor_list_approved_by_all"
            ),
        ]
        indexes = [Index(fields=("division", "state"), name="ix_honor_list_division")]


class ListReview(Model):
    """One person's word on a list, once a turn; a turn begins when the list is handed in."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    honor_list_id: UUID
    honor_list: fields.ForeignKeyRelation[HonorList] = fields.ForeignKeyField("models.HonorList")
    turn = fields.SmallIntField()
    person = fields.CharField(max_length=64)
    staff_id = fields.UUIDField()
    verdict = fields.CharField(max_length=10)
    comment = fields.CharField(max_length=400, default="")
    at = fields.DatetimeField()

    class Meta:
        table = "honor_list_review"
        manager = BoundBy("honor_list_id", HonorList)
        constraints = [
            UniqueConstraint(fields=("honor_list_id", "turn", "person"), name="uq_honor_list_review_person"),
            CheckConstraint(check="verdict IN ('approve','send_back','refuse')", name="ck_honor_list_review_word"),
        ]


class ListNote(Model):
    """One line of a list's story while it is made: a comment, or an entry added or removed by hand."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    honor_list_id: UUID
    honor_list: fields.ForeignKeyRelation[HonorList] = fields.ForeignKeyField("models.HonorList")
    turn = fields.SmallIntField()
    act = fields.CharField(max_length=10)
    staff_id = fields.UUIDField()
    text = fields.CharField(max_length=400)
    at = fields.DatetimeField()

    class Meta:
        table = "honor_list_note"
        manager = BoundBy("honor_list_id", HonorList)
        constraints = [
            CheckConstraint(check="act IN ('comment','added','removed','evidence')", name="ck_honor_list_note_word")
        ]
        indexes = [Index(fields=("honor_list_id", "at"), name="ix_honor_list_note_list")]


class HonorEntry(Model):
    """One person or merchant on a list. Names and numbers are encrypted; `name_masked` is what others see.

    That is the masked name, or on a red list the form that the person chose (`name_form`) at `name_chosen_at`.

    A mirrored entry has `source` credit_office or bureau, and everything that the authority decided: it can be
    repaired from `repairable_from` on and stands to `ends_on` at the longest (days in the city).

    `slot` is the row's own id once the entry is over. While it is alive it is the blind index of the identity, of a
    mirrored one of identity and document number: one live entry a kind and person, or a decision, is a plain unique
    constraint. `display_holds` counts what keeps it from being displayed. `stuck_since`: a job could not do what was
    due.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    honor_list_id: UUID
    honor_list: fields.ForeignKeyRelation[HonorList] = fields.ForeignKeyField("models.HonorList")
    kind = fields.CharField(max_length=40)
    slot = fields.CharField(max_length=64)
    state = fields.CharField(max_length=12)
    display_suspended = fields.BooleanField(default=False)
    display_holds = fields.SmallIntField(default=0)
    resident_id = fields.UUIDField(null=True)
    name_cipher = fields.CharField(max_length=500)
    identity_cipher = fields.CharField(max_length=300)
    identity_index = fields.CharField(max_length=64)
    search_index = fields.CharField(max_length=64)
    name_masked = fields.CharField(max_length=40)
    identity_masked = fields.CharField(max_length=24)
    deed = fields.CharField(max_length=200)
    authority = fields.CharField(max_length=80, default="")
    document_no = fields.CharField(max_length=80, default="")
    merchant_id = fields.UUIDField(null=True)
    source = fields.CharField(max_length=14, default="made")
    grade = fields.CharField(max_length=10, default="")
    legal_basis = fields.CharField(max_length=200, default="")
    determined_on = fields.DateField(null=True)
    notified_on = fields.DateField(null=True)
    objection_until = fields.DateField(null=True)
    repairable_from = fields.DateField(null=True)
    ends_on = fields.DateField(null=True)
    committed_on = fields.DateField(null=True)
    created_at = fields.DatetimeField()
    publish_at = fields.DatetimeField(null=True)
    published_at = fields.DatetimeField(null=True)
    valid_until = fields.DatetimeField(null=True)
    ended_at = fields.DatetimeField(null=True)
    end_reason = fields.CharField(max_length=400, default="")
    stuck_since = fields.DatetimeField(null=True)
    name_form = fields.CharField(max_length=8, default="masked")
    name_chosen_at = fields.DatetimeField(null=True)

    class Meta:
        table = "honor_entry"
        manager = BoundBy("honor_list_id", HonorList)
        constraints = [
            UniqueConstraint(fields=("kind", "slot"), name="uq_honor_entry_kind_slot"),
            CheckConstraint(
                check="state IN ('draft','in_review','noticed','published','repaired','expired','revoked')",
                name="ck_honor_entry_state",
            ),
            CheckConstraint(
                check="kind NOT LIKE 'black-%' OR (authority <> '' AND document_no <> '')",
                name="ck_honor_entry_black_has_document",
            ),
            CheckConstraint(
                check="kind NOT LIKE 'black-%' OR state NOT IN ('noticed','published')"
                " OR (source <> 'made' AND grade <> ''"
                " AND legal_basis <> '' AND determined_on IS NOT NULL AND notified_on IS NOT NULL"
                " AND objection_until IS NOT NULL AND ends_on IS NOT NULL)",
                name="ck_honor_entry_black_is_whole",
            ),
            CheckConstraint(check="source IN ('made','credit_office','bureau')", name="ck_honor_entry_source"),
            CheckConstraint(check="grade IN ('','minor','ordinary','serious')", name="ck_honor_entry_grade"),
            CheckConstraint(check="display_holds >= 0", name="ck_honor_entry_display_holds"),
            CheckConstraint(
                check="name_form = 'masked' OR (name_form IN ('full','hidden') AND name_chosen_at IS NOT NULL"
                " AND merchant_id IS NULL AND kind LIKE 'red-%')",
                name="ck_honor_entry_name_form",
            ),
        ]
        indexes = [
            Index(fields=("kind", "state"), name="ix_honor_entry_kind_state"),
            Index(fields=("resident_id",), name="ix_honor_entry_resident"),
            Index(fields=("merchant_id",), name="ix_honor_entry_merchant"),
            Index(fields=("identity_index",), name="ix_honor_entry_identity"),
            Index(fields=("search_index",), name="ix_honor_entry_search"),
            Index(fields=("state", "publish_at"), name="ix_honor_entry_due"),
        ]


class EntryDocument(Model):
    """One picture of a document about an entry: the unit's (`slot` unit), or an objection's (`slot` its id)."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    entry_id: UUID
    entry: fields.ForeignKeyRelation[HonorEntry] = fields.ForeignKeyField("models.HonorEntry")
    slot = fields.CharField(max_length=36)
    place = fields.SmallIntField()
    file_id = fields.UUIDField()

    class Meta:
        table = "honor_entry_document"
        manager = BoundBy("entry_id", HonorEntry)
        constraints = [
            UniqueConstraint(fields=("entry_id", "slot", "place"), name="uq_honor_entry_document_place"),
            CheckConstraint(check="place BETWEEN 1 AND 6", name="ck_honor_entry_document_place"),
        ]


class EntryLetter(Model):
    """The printed letter to an entry's subject that was posted, once an entry."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    entry_id: UUID
    entry: fields.ForeignKeyRelation[HonorEntry] = fields.ForeignKeyField("models.HonorEntry")
    sent_on = fields.DateField()
    tracking = fields.CharField(max_length=40)
    staff_id = fields.UUIDField()
    put_down_at = fields.DatetimeField()

    class Meta:
        table = "honor_entry_letter"
        manager = BoundBy("entry_id", HonorEntry)
        constraints = [UniqueConstraint(fields=("entry_id",), name="uq_honor_entry_letter_once")]


class Objection(Model):
    """The objection of an entry's subject, a resident or a merchant.

    One that `suspends` keeps the entry from being displayed while it is open.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    entry_id: UUID
    entry: fields.ForeignKeyRelation[HonorEntry] = fields.ForeignKeyField("models.HonorEntry")
    slot = fields.CharField(max_length=36)
    resident_id = fields.UUIDField(null=True)
    merchant_id = fields.UUIDField(null=True)
    reason = fields.CharField(max_length=400)
    state = fields.CharField(max_length=12)
    created_at = fields.DatetimeField()
    decide_by = fields.DateField()
    suspends = fields.BooleanField(default=True)
    decided_at = fields.DatetimeField(null=True)
    decided_by = fields.UUIDField(null=True)
    decision_reason = fields.CharField(max_length=400, default="")

    class Meta:
        table = "objection"
        manager = BoundBy("entry_id", HonorEntry)
        constraints = [
            UniqueConstraint(fields=("entry_id", "slot"), name="uq_objection_entry_slot"),
            CheckConstraint(check="state IN ('open','upheld','dismissed')", name="ck_objection_state"),
            CheckConstraint(check="(resident_id IS NULL) <> (merchant_id IS NULL)", name="ck_objection_one_subject"),
        ]
