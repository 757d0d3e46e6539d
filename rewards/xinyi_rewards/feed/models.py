"""What the bureau's feed brought, and what became of it."""

from __future__ import annotations

from tortoise import Model, fields
from tortoise.migrations.constraints import CheckConstraint

from xinyi_platform.ids import new_id


class FeedRow(Model):
    """One piece of news. No name and no number of a person is kept here; `reason` says why one was refused."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    number = fields.IntField(unique=True)
    kind = fields.CharField(max_length=10)
    outcome = fields.CharField(max_length=10)
    document_no = fields.CharField(max_length=80)
    reason_zh = fields.CharField(max_length=400, default="")
    reason_en = fields.CharField(max_length=800, default="")
    taken_at = fields.DatetimeField()

    class Meta:
        table = "bureau_feed"
        constraints = [
            CheckConstraint(check="kind IN ('entry','repair','death')", name="ck_bureau_feed_kind"),
            CheckConstraint(
                check="outcome = 'taken' OR (outcome = 'refused' AND reason_zh <> '')", name="ck_bureau_feed_outcome"
            ),
        ]
