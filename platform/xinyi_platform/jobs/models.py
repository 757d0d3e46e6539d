"""Who sweeps what until when."""

from __future__ import annotations

from tortoise import Model, fields

from xinyi_platform.ids import new_id


class JobLease(Model):
    """One job's lease and how its last run went."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    name = fields.CharField(max_length=64, unique=True)
    holder = fields.CharField(max_length=64, default="")
    until = fields.DatetimeField()
    last_run_at = fields.DatetimeField(null=True)
    last_count = fields.IntField(default=0)
    last_error = fields.CharField(max_length=200, default="")

    class Meta:
        table = "job_lease"
