"""Uploads, their encrypted content while it is needed, and what is wrong with their rows."""

from __future__ import annotations

from uuid import UUID

from tortoise import Model, fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from xinyi_platform.ids import new_id
from xinyi_platform.tenancy import Bound, BoundBy


class ListUpload(Model):
    """One sheet that somebody sent. `wish`: what is to become of it after the check.

    `check`: nothing yet; `all`: it is kept where no row is wrong; `good`: its good rows are kept. `good` and `wrong`
    count rows. Whoever works on it holds it until `held_until`; `tries` counts how often somebody began.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    division = fields.CharField(max_length=12)
    kind = fields.CharField(max_length=40)
    title = fields.CharField(max_length=80)
    filename = fields.CharField(max_length=120)
    wish = fields.CharField(max_length=5)
    state = fields.CharField(max_length=10)
    good = fields.IntField(default=0)
    wrong = fields.IntField(default=0)
    list_id = fields.UUIDField(null=True)
    reason_zh = fields.CharField(max_length=400, default="")
    reason_en = fields.CharField(max_length=800, default="")
    maker_id = fields.UUIDField()
    maker_person = fields.CharField(max_length=64)
    maker_roles = fields.JSONField[list[str]]()
    created_at = fields.DatetimeField()
    changed_at = fields.DatetimeField()
    held_until = fields.DatetimeField(null=True)
    tries = fields.SmallIntField(default=0)

    class Meta:
        table = "list_upload"
        manager = Bound()
        constraints = [
            CheckConstraint(
                check="state IN ('received','checked','wanted','kept','refused','discarded')",
                name="ck_list_upload_state",
            ),
            CheckConstraint(check="wish IN ('check','all','good')", name="ck_list_upload_wish"),
            CheckConstraint(check="(state = 'kept') = (list_id IS NOT NULL)", name="ck_list_upload_kept"),
            CheckConstraint(check="state <> 'refused' OR reason_zh <> ''", name="ck_list_upload_refused"),
            CheckConstraint(check="good >= 0 AND wrong >= 0", name="ck_list_upload_counts"),
        ]
        indexes = [
            Index(fields=("state", "created_at"), name="ix_list_upload_due"),
            Index(fields=("maker_id", "created_at"), name="ix_list_upload_maker"),
        ]


class UploadContent(Model):
    """The file as it was sent, encrypted; gone once the upload is kept, refused or discarded."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    upload_id: UUID
    upload: fields.ForeignKeyRelation[ListUpload] = fields.ForeignKeyField("models.ListUpload")
    cipher = fields.TextField()

    class Meta:
        table = "list_upload_content"
        manager = BoundBy("upload_id", ListUpload)
        constraints = [UniqueConstraint(fields=("upload_id",), name="uq_list_upload_content_once")]


class UploadFault(Model):
    """One thing that is wrong with one row, in the order of the sheet; it holds nobody's data."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    upload_id: UUID
    upload: fields.ForeignKeyRelation[ListUpload] = fields.ForeignKeyField("models.ListUpload")
    place = fields.IntField()
    row = fields.IntField()
    column = fields.CharField(max_length=40)
    zh = fields.CharField(max_length=200)
    en = fields.CharField(max_length=200)

    class Meta:
        table = "list_upload_fault"
        manager = BoundBy("upload_id", ListUpload)
        constraints = [UniqueConstraint(fields=("upload_id", "place"), name="uq_list_upload_fault_place")]
