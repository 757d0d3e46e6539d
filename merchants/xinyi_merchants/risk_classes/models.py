"""Classes as they are and as they changed, inspections, and the draws of shops to inspect."""

from __future__ import annotations

from tortoise import Model, fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from xinyi_platform.ids import new_id
from xinyi_platform.tenancy import Bound

_COLOURS = "('green','yellow','orange','red')"


class RiskClass(Model):
    """A merchant's class now. `computed_on` is the local day; `stale_at` is set while something changed since."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    merchant_id = fields.UUIDField()
    trade = fields.CharField(max_length=24)
    division = fields.CharField(max_length=12)
    colour = fields.CharField(max_length=8)
    points = fields.IntField()
    version = fields.CharField(max_length=8)
    reasons: fields.JSONField[list[dict[str, object]]] = fields.JSONField()
    computed_on = fields.DateField()
    computed_at = fields.DatetimeField()
    stale_at = fields.DatetimeField(null=True)

    class Meta:
        table = "risk_class"
        manager = Bound()
        constraints = [
            UniqueConstraint(fields=("merchant_id",), name="uq_risk_class_merchant"),
            CheckConstraint(check=f"colour IN {_COLOURS}", name="ck_risk_class_colour"),
            CheckConstraint(check="points >= 0", name="ck_risk_class_points"),
        ]
        indexes = [
            Index(fields=("division", "colour"), name="ix_risk_class_division"),
            Index(fields=("computed_on",), name="ix_risk_class_computed"),
            Index(fields=("stale_at",), name="ix_risk_class_stale"),
        ]


class RiskClassChange(Model):
    """A class that changed, with what it was and why it is what it is now; `before` is empty for the first one."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    merchant_id = fields.UUIDField()
    before = fields.CharField(max_length=8)
    colour = fields.CharField(max_length=8)
    points = fields.IntField()
    version = fields.CharField(max_length=8)
    reasons: fields.JSONField[list[dict[str, object]]] = fields.JSONField()
    at = fields.DatetimeField()

    class Meta:
        table = "risk_class_change"
        constraints = [
            CheckConstraint(check=f"colour IN {_COLOURS} AND colour <> before", name="ck_risk_class_change_colour")
        ]
        indexes = [Index(fields=("merchant_id", "at"), name="ix_risk_class_change_merchant")]


class Inspection(Model):
    """An inspection of a shop with its result; `document_no` is the authority's and tells inspections apart."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    merchant_id = fields.UUIDField()
    day = fields.DateField()
    kind = fields.CharField(max_length=16)
    has_passed = fields.BooleanField()
    authority = fields.CharField(max_length=80)
    document_no = fields.CharField(max_length=80)
    created_at = fields.DatetimeField()

    class Meta:
        table = "inspection"
        constraints = [
            UniqueConstraint(fields=("authority", "document_no"), name="uq_inspection_document"),
            CheckConstraint(check="kind IN ('general','food','medicine','fire','quality')", name="ck_inspection_kind"),
        ]
        indexes = [Index(fields=("merchant_id", "day"), name="ix_inspection_merchant")]


class InspectionDraw(Model):
    """A draw of shops to inspect that anybody with its seed and the weights of its moment can repeat."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    division = fields.CharField(max_length=12)
    trade = fields.CharField(max_length=24)
    seed = fields.CharField(max_length=64)
    weights: fields.JSONField[dict[str, int]] = fields.JSONField()
    candidates: fields.JSONField[list[list[str]]] = fields.JSONField()
    drawn: fields.JSONField[list[str]] = fields.JSONField()
    drawn_by = fields.UUIDField()
    drawn_at = fields.DatetimeField()

    class Meta:
        table = "inspection_draw"
        manager = Bound()
        indexes = [Index(fields=("division", "drawn_at"), name="ix_inspection_draw_division")]
