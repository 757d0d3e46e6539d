"""Proposals to end an entry because it is wrong."""

from __future__ import annotations

from uuid import UUID

from tortoise import Model, fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from xinyi_platform.ids import new_id
from xinyi_platform.tenancy import BoundBy
from xinyi_rewards.honor_lists.models import HonorEntry


class Revocation(Model):
    """One proposal. `slot` is `open` while it waits and the row's own id afterwards: one at a time about an entry.

    `document` is the number of what it rests on: of a mirrored entry, the determining unit's correction.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    entry_id: UUID
    entry: fields.ForeignKeyRelation[HonorEntry] = fields.ForeignKeyField("models.HonorEntry")
    slot = fields.CharField(max_length=36)
    state = fields.CharField(max_length=10)
    reason = fields.CharField(max_length=400)
    document = fields.CharField(max_length=80, default="")
    proposed_by = fields.UUIDField()
    proposed_person = fields.CharField(max_length=64)
    proposed_at = fields.DatetimeField()
    decide_by = fields.DateField()
    decided_by = fields.UUIDField(null=True)
    decided_person = fields.CharField(max_length=64, default="")
    decided_at = fields.DatetimeField(null=True)
    decision_reason = fields.CharField(max_length=400, default="")

    class Meta:
        table = "entry_revocation"
        manager = BoundBy("entry_id", HonorEntry)
        constraints = [
            UniqueConstraint(fields=("entry_id", "slot"), name="uq_entry_revocation_entry_slot"),
            CheckConstraint(
                check="state IN ('proposed','confirmed','refused','lapsed')", name="ck_entry_revocation_state"
            ),
            CheckConstraint(
                check="state NOT IN ('confirmed','refused') OR decided_person NOT IN ('', proposed_person)",
                name="ck_entry_revocation_two_persons",
            ),
        ]
        indexes = [Index(fields=("state", "decide_by"), name="ix_entry_revocation_due")]
