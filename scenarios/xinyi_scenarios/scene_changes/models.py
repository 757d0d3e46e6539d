"""The table of changes: what was proposed against what, by whom, and what another person decided."""

from __future__ import annotations

from tortoise import Model, fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from xinyi_platform.ids import new_id


class SceneChange(Model):
    """One change of one scene. `base` is what it was made against, `outcome` what its approval did.

    `seq` numbers the approved ones in the order of their commits: whoever takes the next number has seen all before.
    `version` is the one that an approved manifest became.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    seq = fields.IntField(null=True)
    slug = fields.CharField(max_length=40)
    kind = fields.CharField(max_length=10)
    proposal: fields.JSONField[dict[str, object]] = fields.JSONField()
    base: fields.JSONField[dict[str, object]] = fields.JSONField()
    outcome: fields.JSONField[dict[str, object]] = fields.JSONField()
    reason = fields.CharField(max_length=400)
    version = fields.IntField(null=True)
    state = fields.CharField(max_length=10)
    maker_id = fields.UUIDField()
    maker_person = fields.CharField(max_length=64)
    made_at = fields.DatetimeField()
    decided_by = fields.UUIDField(null=True)
    decided_by_person = fields.CharField(max_length=64, null=True)
    decided_at = fields.DatetimeField(null=True)
    decision_reason = fields.CharField(max_length=400, default="")

    class Meta:
        table = "scene_change"
        constraints = [
            UniqueConstraint(fields=("seq",), name="uq_scene_change_seq"),
            UniqueConstraint(fields=("slug", "version"), name="uq_scene_change_slug_version"),
            CheckConstraint(check="kind IN ('switch','manifest','quota','loan','return')", name="ck_scene_change_kind"),
            CheckConstraint(
                check="state IN ('proposed','approved','refused','withdrawn')", name="ck_scene_change_state"
            ),
            CheckConstraint(
                check="state NOT IN ('approved','refused') OR "
                "(decided_by_person IS NOT NULL AND decided_by_person <> maker_person)",
                name="ck_scene_change_decided_by_another",
            ),
            CheckConstraint(check="state <> 'approved' OR seq IS NOT NULL", name="ck_scene_change_seq_when_approved"),
        ]
        indexes = [
            Index(fields=("state", "made_at"), name="ix_scene_change_state"),
            Index(fields=("slug", "made_at"), name="ix_scene_change_slug"),
        ]
