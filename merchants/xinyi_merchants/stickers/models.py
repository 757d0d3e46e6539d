"""The stickers that hang in shops, how often each was scanned where, and warnings that one may have been copied."""

from __future__ import annotations

from typing import Any

from tortoise import Model, fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from xinyi_platform.ids import new_id
from xinyi_platform.tenancy import Bound


class Sticker(Model):
    """One printed sticker. `kid` names the key of the MAC that is printed after the serial.

    `replaced_by` is the serial of the sticker that was issued in its place.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    serial = fields.CharField(max_length=10)
    merchant_id = fields.UUIDField()
    kid = fields.CharField(max_length=40)
    issued_at = fields.DatetimeField()
    revoked_at = fields.DatetimeField(null=True)
    revoke_reason = fields.CharField(max_length=200)
    replaced_by = fields.CharField(max_length=10, null=True)

    class Meta:
        table = "sticker"
        constraints = [
            UniqueConstraint(fields=("serial",), name="sticker_serial_once"),
            UniqueConstraint(fields=("replaced_by",), name="uq_sticker_replaced_by"),
            CheckConstraint(
                check="replaced_by IS NULL OR (revoked_at IS NOT NULL AND replaced_by <> serial)",
                name="ck_sticker_replaced_is_revoked",
            ),
        ]
        indexes = [Index(fields=("merchant_id",), name="sticker_merchant")]


class StickerScan(Model):
    """How often one sticker was scanned on a local day in an area; nothing about who scanned it.

    `area` is a division code of six digits that was freely told, empty where none was. `hours` has a bit for each
    local hour of the day in which there was a scan, the lowest for midnight to one.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    serial = fields.CharField(max_length=10)
    day = fields.DateField()
    area = fields.CharField(max_length=6)
    scans = fields.IntField()
    hours = fields.IntField()

    class Meta:
        table = "sticker_scan"
        constraints = [
            UniqueConstraint(fields=("serial", "day", "area"), name="uq_sticker_scan_serial_day_area"),
            CheckConstraint(check="scans > 0", name="ck_sticker_scan_scans"),
            CheckConstraint(check="hours > 0 AND hours < 16777216", name="ck_sticker_scan_hours"),
        ]
        indexes = [Index(fields=("day",), name="ix_sticker_scan_day")]


class StickerCopyWarning(Model):
    """One sticker was scanned in areas far apart within hours: staff should look whether a copy hangs elsewhere.

    open → settled, with a note. `slot` is `open` while it is open, then the row's own id: one open warning a sticker.
    `areas` are rows of `{area, scans}`.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    serial = fields.CharField(max_length=10)
    slot = fields.CharField(max_length=36)
    merchant_id = fields.UUIDField()
    division = fields.CharField(max_length=12)
    day = fields.DateField()
    areas: fields.JSONField[list[dict[str, Any]]] = fields.JSONField()
    found_at = fields.DatetimeField()
    settled_at = fields.DatetimeField(null=True)
    settled_by = fields.UUIDField(null=True)
    note = fields.CharField(max_length=300)

    class Meta:
        table = "sticker_copy_warning"
        manager = Bound()
        constraints = [
            UniqueConstraint(fields=("serial", "slot"), name="uq_sticker_copy_warning_serial_slot"),
            CheckConstraint(
                check="(slot = 'open' AND settled_at IS NULL) OR (slot <> 'open' AND settled_at IS NOT NULL "
                "AND settled_by IS NOT NULL AND note <> '')",
                name="ck_sticker_copy_warning_settled_with_note",
            ),
        ]
        indexes = [Index(fields=("division", "found_at"), name="ix_sticker_copy_warning_division")]
