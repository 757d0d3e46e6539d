"""What is known of a stored picture."""

from __future__ import annotations

from tortoise import Model, fields

from xinyi_platform.ids import new_id


class StoredFile(Model):
    """One picture. `digest` names the file in the store; `purpose` says what it belongs to."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    digest = fields.CharField(max_length=64)
    purpose = fields.CharField(max_length=64)
    owner = fields.CharField(max_length=80)
    size_bytes = fields.IntField()
    width = fields.IntField()
    height = fields.IntField()
    created_at = fields.DatetimeField()

    class Meta:
        table = "stored_file"
