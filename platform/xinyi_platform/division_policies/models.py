"""Policies that divisions have set for themselves."""

from __future__ import annotations

from tortoise import Model, fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from xinyi_platform.ids import new_id
from xinyi_platform.tenancy import Bound


class DivisionPolicy(Model):
    """One value for one division from a day on; `value` None gives its own value up.

    `slot` is `open` while it waits, then its own id: one proposal of a value at a time.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    division = fields.CharField(max_length=12)
    topic = fields.CharField(max_length=40)
    key = fields.CharField(max_length=40)
    parameter = fields.CharField(max_length=40)
    value: fields.JSONField[int | list[str] | None] = fields.JSONField(null=True)
    in_force_from = fields.DateField()
    reason = fields.CharField(max_length=200)
    state = fields.CharField(max_length=10)
    slot = fields.CharField(max_length=36)
    maker_id = fields.UUIDField()
    maker_person = fields.CharField(max_length=64)
    made_at = fields.DatetimeField()
    decider_id = fields.UUIDField(null=True)
    decider_person = fields.CharField(max_length=64, null=True)
    decided_at = fields.DatetimeField(null=True)
    decision_reason = fields.CharField(max_length=200, default="")

    class Meta:
        table = "division_policy"
        manager = Bound()
        constraints = [
            UniqueConstraint(
                fields=("division", "topic", "key", "parameter", "slot"), name="uq_division_policy_one_waits"
            ),
            CheckConstraint(
                check="state IN ('proposed','approved','refused','withdrawn')", name="ck_division_policy_state"
            ),
            CheckConstraint(check="(state = 'proposed') = (slot = 'open')", name="ck_division_policy_slot"),
            CheckConstraint(
                check="(state IN ('approved','refused')) = (decider_person IS NOT NULL) "
                "AND (decider_person IS NULL) = (decided_at IS NULL)",
                name="ck_division_policy_decided_by_somebody",
            ),
            CheckConstraint(
                check="decider_person IS NULL OR decider_person <> maker_person", name="ck_division_policy_by_another"
            ),
            CheckConstraint(
                check="state <> 'refused' OR decision_reason <> ''", name="ck_division_policy_refused_with_reason"
            ),
        ]
        indexes = [
            Index(fields=("topic", "division", "state"), name="ix_division_policy_topic"),
            Index(fields=("division", "state"), name="ix_division_policy_division"),
        ]
