"""What a resident holds after claiming."""

from __future__ import annotations

from tortoise import Model, fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from xinyi_platform.ids import new_id


class Entitlement(Model):
    """One unit of a scene held by one resident, with the benefit as it was promised when it was given.

    `slot` is the period, or the entitlement's own id once it has ended unused, so that one live entitlement a
    resident and place in the period is a plain unique constraint on both databases. A scene that may be claimed
    several times has a place for each: `2026-11`, `2026-11#2`, … `holds` is what it holds besides a unit of its
    quota: rows of narrower limits and budgets, in the order in which they are taken and given back. `recheck_at` is
    when the decision that it rests on is made again; none: a day after it was issued.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    code = fields.CharField(max_length=16, unique=True)
    scenario = fields.CharField(max_length=64)
    version = fields.IntField()
    resident_id = fields.UUIDField()
    period = fields.CharField(max_length=16)
    slot = fields.CharField(max_length=56)
    quota_id = fields.UUIDField()
    holds: fields.JSONField[list[dict[str, object]]] = fields.JSONField(default=list)
    decision_id = fields.UUIDField(null=True)
    state = fields.CharField(max_length=16)
    benefit: fields.JSONField[dict[str, object]] = fields.JSONField()
    created_at = fields.DatetimeField()
    issued_at = fields.DatetimeField(null=True)
    reserved_until = fields.DatetimeField(null=True)
    valid_until = fields.DatetimeField()
    ended_at = fields.DatetimeField(null=True)
    reason = fields.CharField(max_length=200, default="")
    recheck_at = fields.DatetimeField(null=True)

    class Meta:
        table = "entitlement"
        constraints = [
            UniqueConstraint(fields=("scenario", "resident_id", "slot"), name="uq_entitlement_scenario_resident_slot"),
            CheckConstraint(
                check="state IN ('reserved','issued','redeemed','reversed','expired','cancelled',"
                "'withdrawn','suspended')",
                name="ck_entitlement_state",
            ),
        ]
        indexes = [
            Index(fields=("resident_id", "created_at"), name="ix_entitlement_resident"),
            Index(fields=("state", "valid_until"), name="ix_entitlement_due"),
            Index(fields=("created_at",), name="ix_entitlement_created"),
            Index(fields=("scenario", "recheck_at"), name="ix_entitlement_recheck"),
        ]
