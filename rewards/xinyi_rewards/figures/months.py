"""The city's months: which ones are asked for, and when each begins."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from xinyi_platform.clock import start_of_local_day
from xinyi_platform.errors import InvalidField

MOST_MONTHS = 24
_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")


@dataclass(frozen=True, slots=True)
class Month:
    """One month of the city's calendar, as YYYY-MM; `begins` and `ends` (not included) are instants in UTC."""

    name: str
    begins: datetime
    ends: datetime


def month_of(name: str) -> Month:
    """Return a month by its name. Raises InvalidField (400)."""
    found = _MONTH.fullmatch(name)
    if found is None or not 2000 <= int(found[1]) <= 2999:
        raise InvalidField(field="month", zh="月份应为YYYY-MM。", en="A month is YYYY-MM.")
    year, number = int(found[1]), int(found[2])
    after = date(year + number // 12, number % 12 + 1, 1)
    return Month(name, start_of_local_day(date(year, number, 1)), start_of_local_day(after))


def months_between(first: str, last: str) -> list[Month]:
    """Return the months from one to another, both included, up to 24. Raises InvalidField (400)."""
    month_of(first), month_of(last)
    count = _number(last) - _number(first) + 1
    if not 1 <= count <= MOST_MONTHS:
        raise InvalidField(field="month", zh=f"请选择1–{MOST_MONTHS}个月。", en=f"Choose 1 to {MOST_MONTHS} months.")
    return [month_of(_name(_number(first) + step)) for step in range(count)]


def last_months(today: date, count: int) -> tuple[str, str]:
    """Return the names of the first and the last of so many months that end with the current one."""
    last = f"{today:%Y-%m}"
    return _name(_number(last) - count + 1), last


def month_at(months: Sequence[Month], at: datetime) -> str | None:
    """Return the name of the month in which an instant lies, or None."""
    return next((month.name for month in months if month.begins <= at < month.ends), None)


def _number(name: str) -> int:
    return int(name[:4]) * 12 + int(name[5:]) - 1


def _name(number: int) -> str:
    return f"{number // 12:04d}-{number % 12 + 1:02d}"
