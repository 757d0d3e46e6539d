"""Put on the trail that staff looked at what an entry's subject handed in, so that she can be told of it.

The acts are on the entry: `honor_entry.repairs_view` (in the list of what waits), `honor_entry.repair_view` (one
request), `honor_entry.repair_paper_read` and `honor_entry.repair_export` (the package with her whole name and number).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Literal
from uuid import UUID

from xinyi_platform.principals import Staff
from xinyi_rewards.honor_lists.noting import note_look

Look = Literal["repairs_view", "repair_view", "repair_paper_read", "repair_export"]


async def record_looks(staff: Staff, entry_ids: Iterable[UUID], look: Look, *, at: datetime, **detail: object) -> None:
    """Record one look a listing, by one statement."""
    await note_look(entry_ids, staff, at=at, look=look, **detail)
