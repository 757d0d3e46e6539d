"""Reminders of what falls due: each run looks ahead from where the last one stopped, so that each is told once.

What is due within the time looked ahead already when it is made (a validity of three days, for a reminder seven days
before) is never passed by a mark, and so is not reminded of.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from xinyi_platform.database import transaction
from xinyi_platform.database.bulk import bulk_insert
from xinyi_platform.ids import new_id
from xinyi_platform.notices.models import ReminderMark
from xinyi_platform.notices.telling import News, notify_many

# How much one transaction looks through at most, after a stop of the jobs.
STRIDE = timedelta(hours=6)
# How far back the first run of all begins.
FIRST = timedelta(hours=1)

Find = Callable[[datetime, datetime], Awaitable[Sequence[News]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminder:
    """`find(after, until)` returns the news about what falls due after the one instant and until the other.

    `ahead` is how long before it is told. `find` runs in the transaction and leaves out what no longer matters.
    """

    name: str
    ahead: timedelta
    find: Find


async def remind(reminder: Reminder, *, at: datetime) -> int:
    """Tell what has come within reach since the last run. Returns how many were told; safe to run twice at once."""
    first = {"id": new_id(), "name": reminder.name, "until": at - FIRST}
    await bulk_insert(ReminderMark, [first], skip_conflicts=True)
    told = 0
    while (found := await _stride(reminder, at)) is not None:
        told += found
    return told


async def _stride(reminder: Reminder, at: datetime) -> int | None:
    """Look through one stretch; None where nothing is left, or another worker does it."""
    mark = await ReminderMark.get(name=reminder.name)
    until = min(at, mark.until + STRIDE)
    if until <= mark.until:
        return None
    async with transaction():
        if not await ReminderMark.filter(id=mark.id, until=mark.until).update(until=until):
            return None
        return await notify_many(await reminder.find(mark.until + reminder.ahead, until + reminder.ahead), at=at)
