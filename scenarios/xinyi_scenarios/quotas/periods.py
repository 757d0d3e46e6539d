"""The city's periods: a local day, month or year, or for ever."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from xinyi_platform.clock import local_date

EVER = "ever"


def period_of(kind: str, at: datetime) -> str:
    """Return the period that an instant falls in, by the local calendar.

    `day` as YYYY-MM-DD, `month` as YYYY-MM, `year` as YYYY, else `ever`.
    """
    day = local_date(at).isoformat()
    return {"day": day, "month": day[:7], "year": day[:4]}.get(kind, EVER)


def next_period_on(period: str) -> date | None:
    """Return the first day after a period; None after `ever`."""
    if period == EVER:
        return None
    year, month, day = (*(int(part) for part in period.split("-")), 0, 0)[:3]
    if day:
        return date(year, month, day) + timedelta(days=1)
    if month and month < 12:
        return date(year, month + 1, 1)
    return date(year + 1, 1, 1)
