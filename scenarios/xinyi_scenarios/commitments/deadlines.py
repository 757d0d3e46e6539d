"""The calendar of a commitment. Pure; a day is a local day of the city and belongs to the limit."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from xinyi_platform.clock import local_date, start_of_local_day

# What was sent back can be handed in again for at least so long, so that a late refusal breaks no promise.
RETRY_DAYS = 5
# How long the office may take for what was handed in on the last day, before the entitlement runs out.
OFFICE_DAYS = 30


def due_day(signed_at: datetime, due_days: int) -> date:
    """Return the last day: `due_days` calendar days from the day of the signature."""
    return local_date(signed_at) + timedelta(days=due_days)


def is_past(day: date, at: datetime) -> bool:
    """Tell whether a day is over in the city."""
    return local_date(at) > day


def repair_day(due_on: date, repair_days: int) -> date:
    """Return the last day on which what is missing can still be handed in."""
    return due_on + timedelta(days=repair_days)


def after_refusal(limit: date, at: datetime) -> date:
    """Return the limit, moved where less than RETRY_DAYS would be left."""
    return max(limit, local_date(at) + timedelta(days=RETRY_DAYS))


def next_reminder(limit: date, remind_days: Iterable[int], after: date) -> date | None:
    """Return the first day after `after` on which a reminder falls; None where there is none left.

    A sweep that comes late sends one reminder and goes on to the next one that is still ahead.
    """
    days = (limit - timedelta(days=before) for before in remind_days)
    return min((day for day in days if day > after), default=None)


def covered_until(last: date) -> datetime:
    """Return until when the entitlement must be valid for a promise whose last day is `last`."""
    return start_of_local_day(last + timedelta(days=1 + OFFICE_DAYS))
