"""Who received which entry by which channel, and the word to stop using it."""

from __future__ import annotations

from tortoise import Model, fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from xinyi_platform.ids import new_id
from xinyi_platform.tenancy import Bound


class EntryReceipt(Model):
    """One receiver (`partner:ID`, `staff:ID`) that got one entry by one channel, first and last.

    `is_recalled`: the receiver was told to stop using it.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    entry_id = fields.UUIDField()
    receiver = fields.CharField(max_length=64)
    channel = fields.CharField(max_length=8)
    first_at = fields.DatetimeField()
    last_at = fields.DatetimeField()
    is_recalled = fields.BooleanField(default=False)

    class Meta:
        table = "entry_receipt"
        constraints = [
            UniqueConstraint(fields=("entry_id", "receiver", "channel"), name="uq_entry_receipt_receiver"),
            CheckConstraint(check="channel IN ('webhook','api','export')", name="ck_entry_receipt_channel"),
        ]
        indexes = [
            Index(fields=("receiver",), name="ix_entry_receipt_receiver"),
            Index(fields=("is_recalled", "entry_id"), name="ix_entry_receipt_recalled"),
        ]


class Recall(Model):
    """The word to one receiver to stop using one entry. `division` is the list's; `statement` the signed word (JWS).

    `reason` says why the city closed one that its receiver can no longer acknowledge.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    entry_id = fields.UUIDField()
    receiver = fields.CharField(max_length=64)
    division = fields.CharField(max_length=12)
    kind = fields.CharField(max_length=40)
    state = fields.CharField(max_length=12)
    statement = fields.TextField()
    issued_at = fields.DatetimeField()
    chase_at = fields.DatetimeField()
    chases = fields.SmallIntField(default=0)
    acknowledged_at = fields.DatetimeField(null=True)
    closed_at = fields.DatetimeField(null=True)
    reason = fields.CharField(max_length=400, default="")

    class Meta:
        manager = Bound()
        table = "entry_recall"
        constraints = [
            UniqueConstraint(fields=("entry_id", "receiver"), name="uq_entry_recall_receiver"),
            CheckConstraint(check="state IN ('issued','acknowledged','closed')", name="ck_entry_recall_state"),
            CheckConstraint(
                check="(state = 'acknowledged') = (acknowledged_at IS NOT NULL)", name="ck_entry_recall_acknowledged_at"
            ),
            CheckConstraint(
                check="(state = 'closed') = (closed_at IS NOT NULL AND reason <> '')", name="ck_entry_recall_closed"
            ),
            CheckConstraint(check="chases >= 0", name="ck_entry_recall_chases"),
        ]
        indexes = [
            Index(fields=("state", "chase_at"), name="ix_entry_recall_due"),
            Index(fields=("receiver", "state"), name="ix_entry_recall_receiver"),
            Index(fields=("division", "state"), name="ix_entry_recall_division"),
        ]
