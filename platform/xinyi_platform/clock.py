"""The one source of time, so that a test can hold it still.

All instants are aware and in UTC; people are shown Asia/Shanghai, and a "day" of a rule is a local day.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


class Clock(Protocol):
    """Tells the current instant."""

    def now(self) -> datetime:
        """Return the current instant, aware, in UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class FixedClock:
    """A clock that stands still until it is moved; for tests and simulations."""

    def __init__(self, at: datetime) -> None:
        self.at = at.astimezone(UTC)

    def now(self) -> datetime:
        return self.at

    def advance(self, by: timedelta) -> None:
        """Move the clock forward by `by`."""
        self.at += by


def local_date(at: datetime) -> date:
    """Return the calendar day of an instant in Asia/Shanghai."""
    return at.astimezone(SHANGHAI).date()


def local_month(at: datetime) -> str:
    """Return the month of an instant in Asia/Shanghai as YYYY-MM."""
    return at.astimezone(SHANGHAI).strftime("%Y-%m")


def start_of_local_day(day: date) -> datetime:
    """Return the instant, in UTC, at which a day begins in Asia/Shanghai."""
    return datetime(day.year, day.month, day.day, tzinfo=SHANGHAI).astimezone(UTC)
