"""Put on the trail that staff looked at what an entry's subject handed in, so that she can be told of it.

The acts are on the entry: `honor_entry.repairs_view` (in the list of what waits), `honor_entry.repair_view` (one
request), `honor_entry.repair_paper_read` and `honor_entry.repair_export` (the package with her whole name and number).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Literal
from uuid import UUID

from xinyi_platform.audit import AuditEntry, audit_row
from xinyi_platform.database.bulk import bulk_insert
from xinyi_platform.principals import Staff

Look = Literal["repairs_view", "repair_view", "repair_paper_read", "repair_export"]


async def record_looks(staff: Staff, entry_ids: Iterable[UUID], look: Look, *, at: datetime, **detail: object) -> None:
    """Record one look a listing, by one statement."""
    rows = [
        audit_row(
            f"honor_entry.{look}",
            actor=staff.label,
            object_kind="honor_entry",
            object_id=entry_id,
            detail=detail,
            at=at,
        )
        for entry_id in dict.fromkeys(entry_ids)
    ]
    await bulk_insert(AuditEntry, rows)
