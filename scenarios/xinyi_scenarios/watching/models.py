"""Warnings that an entitlement will be suspended or ended."""

from __future__ import annotations

from tortoise import Model, fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from xinyi_platform.ids import new_id


class EntitlementWarning(Model):
    """What a resident was told about one entitlement: why, what will be done, and on which local day.

    open → lifted | acted | void; acted → resumed | void. `slot` is `live` while it is open, or suspends; then the
    row's own id: one live warning an entitlement. `reasons` are rows of `{reason, would_change}` in both languages.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    entitlement_id = fields.UUIDField()
    slot = fields.CharField(max_length=36, default="live")
    decision_id = fields.UUIDField()
    state = fields.CharField(max_length=8, default="open")
    does = fields.CharField(max_length=8)
    reasons: fields.JSONField[list[dict[str, str]]] = fields.JSONField()
    warned_at = fields.DatetimeField()
    acts_on = fields.DateField()
    acted_at = fields.DatetimeField(null=True)
    ended_at = fields.DatetimeField(null=True)

    class Meta:
        table = "entitlement_warning"
        constraints = [
            UniqueConstraint(fields=("entitlement_id", "slot"), name="uq_entitlement_warning_entitlement_slot"),
            CheckConstraint(
                check="state IN ('open','acted','lifted','resumed','void')", name="ck_entitlement_warning_state"
            ),
            CheckConstraint(check="does IN ('suspend','end')", name="ck_entitlement_warning_does"),
            CheckConstraint(
                check="state <> 'acted' OR (acted_at IS NOT NULL AND acted_at > warned_at)",
                name="ck_entitlement_warning_told_before_it_acts",
            ),
        ]
        indexes = [Index(fields=("state", "acts_on"), name="ix_entitlement_warning_due")]
