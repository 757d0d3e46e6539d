"""Gatherings, and who signed up for them or came."""

from __future__ import annotations

from uuid import UUID

from tortoise import Model, fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from xinyi_platform.ids import new_id
from xinyi_platform.tenancy import Bound, BoundBy


class Gathering(Model):
    """One gathering. `taken` of `capacity` places are held by those who signed up or came.

    `heads` came without a phone, `materials` were handed out; `settled_at` is when that was put down last.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    division = fields.CharField(max_length=12)
    title = fields.CharField(max_length=80)
    place = fields.CharField(max_length=80)
    state = fields.CharField(max_length=10)
    starts_at = fields.DatetimeField()
    ends_at = fields.DatetimeField()
    capacity = fields.IntField()
    taken = fields.IntField(default=0)
    heads = fields.IntField(default=0)
    materials = fields.IntField(default=0)
    settled_at = fields.DatetimeField(null=True)
    reason = fields.CharField(max_length=200, default="")
    made_by = fields.UUIDField()
    created_at = fields.DatetimeField()

    class Meta:
        table = "gathering"
        manager = Bound()
        constraints = [
            CheckConstraint(check="state IN ('planned','done','cancelled')", name="ck_gathering_state"),
            CheckConstraint(check="taken BETWEEN 0 AND capacity", name="ck_gathering_taken"),
            CheckConstraint(check="heads >= 0 AND materials >= 0", name="ck_gathering_counts"),
            CheckConstraint(check="starts_at < ends_at", name="ck_gathering_times"),
        ]
        indexes = [
            Index(fields=("state", "starts_at"), name="ix_gathering_state"),
            Index(fields=("division",), name="ix_gathering_division"),
        ]


class GatheringGuest(Model):
    """One resident's place, held until it is given back; `attended_at` when she came."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    gathering_id: UUID
    gathering: fields.ForeignKeyRelation[Gathering] = fields.ForeignKeyField("models.Gathering")
    resident_id = fields.UUIDField()
    signed_up_at = fields.DatetimeField()
    attended_at = fields.DatetimeField(null=True)

    class Meta:
        table = "gathering_guest"
        manager = BoundBy("gathering_id", Gathering)
        constraints = [UniqueConstraint(fields=("gathering_id", "resident_id"), name="uq_gathering_guest_resident")]
        indexes = [Index(fields=("resident_id",), name="ix_gathering_guest_resident")]
