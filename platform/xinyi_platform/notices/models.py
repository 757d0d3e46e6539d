"""What residents were told, by which ways it went, and what each of them wants."""

from __future__ import annotations

from uuid import UUID

from tortoise import Model, fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from xinyi_platform.ids import new_id


class Notice(Model):
    """One piece of news for one resident. `dedupe` names the news, so that the same one is told once.

    `about_loss` marks what would make her lose something; `link` is a page of the app, or empty.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    resident_id = fields.UUIDField()
    kind = fields.CharField(max_length=40)
    about_loss = fields.BooleanField()
    dedupe = fields.CharField(max_length=120)
    title_zh = fields.CharField(max_length=200)
    title_en = fields.CharField(max_length=300)
    body_zh = fields.TextField()
    body_en = fields.TextField()
    link = fields.CharField(max_length=200, default="")
    created_at = fields.DatetimeField()
    read_at = fields.DatetimeField(null=True)

    class Meta:
        table = "notice"
        constraints = [UniqueConstraint(fields=("resident_id", "dedupe"), name="uq_notice_resident_dedupe")]
        indexes = [
            Index(fields=("resident_id", "created_at"), name="ix_notice_resident"),
            Index(fields=("resident_id", "read_at"), name="ix_notice_unread"),
        ]


class NoticeDelivery(Model):
    """One notice on its way out of the house. The row's id is the key under which the gateway takes it once.

    due → sent | shown (the demo has no gateway) | skipped (no longer wanted or needed) | dead (given up).
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    notice_id: UUID
    notice: fields.ForeignKeyRelation[Notice] = fields.ForeignKeyField("models.Notice")
    channel = fields.CharField(max_length=8)
    state = fields.CharField(max_length=8, default="due")
    attempts = fields.IntField(default=0)
    next_at = fields.DatetimeField()
    last_status = fields.IntField(null=True)
    settled_at = fields.DatetimeField(null=True)

    class Meta:
        table = "notice_delivery"
        constraints = [
            UniqueConstraint(fields=("notice_id", "channel"), name="uq_notice_delivery_notice_channel"),
            CheckConstraint(check="channel IN ('sms')", name="ck_notice_delivery_channel"),
            CheckConstraint(check="state IN ('due','sent','shown','skipped','dead')", name="ck_notice_delivery_state"),
            CheckConstraint(
                check="(state = 'due') = (settled_at IS NULL)", name="ck_notice_delivery_settled_unless_due"
            ),
        ]
        indexes = [Index(fields=("state", "next_at"), name="ix_notice_delivery_due")]


class NoticeChoice(Model):
    """By what ways a resident wants news, once she has chosen; the app's own list has everything always."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    resident_id = fields.UUIDField(unique=True)
    sms_losses = fields.BooleanField()
    sms_news = fields.BooleanField()
    changed_at = fields.DatetimeField()

    class Meta:
        table = "notice_choice"


class ReminderMark(Model):
    """Up to which instant a reminder has looked ahead: what falls due between two marks is told once."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    name = fields.CharField(max_length=64, unique=True)
    until = fields.DatetimeField()

    class Meta:
        table = "reminder_mark"
