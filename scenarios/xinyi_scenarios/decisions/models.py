"""Stored decisions."""

from __future__ import annotations

from typing import Any

from tortoise import Model, fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint

from xinyi_platform.ids import new_id


class Decision(Model):
    """One verdict with the manifest's version, the facts that it saw, and each finding."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    resident_id = fields.UUIDField()
    scenario = fields.CharField(max_length=64)
    version = fields.IntField()
    purpose = fields.CharField(max_length=12)
    verdict = fields.CharField(max_length=16)
    requires: fields.JSONField[list[dict[str, Any]]] = fields.JSONField()
    inputs: fields.JSONField[dict[str, Any]] = fields.JSONField()
    trace: fields.JSONField[list[dict[str, Any]]] = fields.JSONField()
    at = fields.DatetimeField()

    class Meta:
        table = "decision"
        constraints = [
            CheckConstraint(check="verdict IN ('eligible','not_eligible','unknown')", name="ck_decision_verdict")
        ]
        indexes = [Index(fields=("resident_id", "at"), name="ix_decision_resident")]
