"""Working days of the city's calendar: Monday to Friday, less public holidays, plus 调休 working weekends.

The days are dated data (`calendar.toml`) from the State Council's yearly notice, because no rule computes them.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """Days off that would be working days, and weekend days that are worked; known up to `known_until`."""

    off: frozenset[date]
    worked: frozenset[date]
    known_until: date

    def is_working_day(self, day: date) -> bool:
        return day in self.worked or (day.weekday() < 5 and day not in self.off)


@cache
def city_calendar() -> WorkCalendar:
    """Return the calendar that is shipped."""
    text = files("xinyi_platform.workdays").joinpath("calendar.toml").read_text(encoding="utf-8")
    return read_calendar(text)


def read_calendar(text: str) -> WorkCalendar:
    """Read a calendar: `known_until`, `worked` days and `[[holiday]]` tables with name, first and last day."""
    data = tomllib.loads(text)
    off = {
        row["first"] + timedelta(days=n)
        for row in data["holiday"]
        for n in range((row["last"] - row["first"]).days + 1)
    }
    return WorkCalendar(frozenset(off), frozenset(data["worked"]), data["known_until"])


def is_working_day(day: date, calendar: WorkCalendar | None = None) -> bool:
    """Tell whether a day is worked."""
    return (calendar or city_calendar()).is_working_day(day)


def add_working_days(start: date, count: int, calendar: WorkCalendar | None = None) -> date:
    """Return the day on which the count-th working day after `start` falls; the day of `start` does not count."""
    used = calendar or city_calendar()
    day = start
    while count > 0:
        day += timedelta(days=1)
        count -= used.is_working_day(day)
    return day


def working_days_between(start: date, end: date, calendar: WorkCalendar | None = None) -> int:
    """Count the working days after `start` up to and with `end`; negative where `end` is before `start`."""
    if end < start:
        return -working_days_between(end, start, calendar)
    used = calendar or city_calendar()
    return sum(used.is_working_day(start + timedelta(days=n)) for n in range(1, (end - start).days + 1))


def calendar_days_left(today: date, calendar: WorkCalendar | None = None) -> int:
    """Return for how many days the calendar is still known."""
    return ((calendar or city_calendar()).known_until - today).days
