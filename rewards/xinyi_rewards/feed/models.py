"""What the bureau's feed brought, and what became of it."""

from __future__ import annotations

from tortoise import Model, fields
from tortoise.migrations.constraints import CheckConstraint

from xinyi_platform.ids import new_id


class FeedRow(Model):
    """One piece of news: taken, waiting for a conflict to pass, or refused.

    `reason` says why not. No name and no number of a person is kept here but in `fields_cipher`, encrypted, while the
    piece waits to be tried again. What was refused is a task of the credit office until somebody has dealt with it.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    number = fields.IntField(unique=True)
    kind = fields.CharField(max_length=10)
    outcome = fields.CharField(max_length=10)
    document_no = fields.CharField(max_length=80)
    reason_zh = fields.CharField(max_length=400, default="")
    reason_en = fields.CharField(max_length=800, default="")
    tries = fields.SmallIntField(default=1)
    fields_cipher = fields.TextField(default="")
    taken_at = fields.DatetimeField()
    settled_at = fields.DatetimeField(null=True)
    settled_by = fields.CharField(max_length=80, default="")
    note = fields.CharField(max_length=400, default="")

    class Meta:
        table = "bureau_feed"
        constraints = [
            CheckConstraint(check="kind IN ('entry','repair','death')", name="ck_bureau_feed_kind"),
            CheckConstraint(
                check="outcome = 'taken' OR (outcome IN ('refused','waiting') AND reason_zh <> '')",
                name="ck_bureau_feed_outcome",
            ),
            CheckConstraint(check="(outcome = 'waiting') = (fields_cipher <> '')", name="ck_bureau_feed_waiting"),
            CheckConstraint(
                check="settled_at IS NULL OR (outcome = 'refused' AND note <> '' AND settled_by <> '')",
                name="ck_bureau_feed_settled",
            ),
        ]
