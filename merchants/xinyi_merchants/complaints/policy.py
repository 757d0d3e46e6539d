"""Time limits of complaints as dated data, each with the rule that it comes from.

A city changes a limit by adding a row with its first day, never by editing code; what was filed before keeps the
limit of its day. A city's lawyer confirms the rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from xinyi_platform.workdays import WorkCalendar, add_working_days

Subject = Literal["accept", "answer", "reply", "confirm", "settle", "reopen", "ask", "appeal"]
Unit = Literal["working_days", "days", "times"]

_ORDER_20 = "市场监督管理投诉举报处理暂行办法(市场监管总局令第20号)"
_ORDER_121 = "市场监督管理投诉举报处理办法(市场监管总局令第121号)"
_CITY = "本市信易+平台投诉处理约定(默认值)"


@dataclass(frozen=True, slots=True)
class Limit:
    """One limit. `last_day` is None while it is in force; `source` names the rule."""

    subject: Subject
    amount: int
    unit: Unit
    source: str
    first_day: date
    last_day: date | None = None

    def is_in_force(self, day: date) -> bool:
        return self.first_day <= day and (self.last_day is None or day <= self.last_day)

    def end(self, start: date, calendar: WorkCalendar | None = None) -> date:
        """Return the last day of the limit when it begins to run on `start`; that day itself does not count."""
        if self.unit == "working_days":
            return add_working_days(start, self.amount, calendar)
        return start + timedelta(days=self.amount)


LIMITS = (
    Limit("accept", 7, "working_days", _ORDER_20, date(2020, 1, 1), date(2026, 4, 14)),
    Limit("accept", 7, "working_days", _ORDER_121, date(2026, 4, 15)),
    Limit("settle", 45, "working_days", _ORDER_20, date(2020, 1, 1), date(2026, 4, 14)),
    Limit("settle", 60, "days", _ORDER_121, date(2026, 4, 15)),
    Limit("answer", 3, "working_days", _CITY, date(2020, 1, 1)),
    Limit("reply", 7, "days", _CITY, date(2020, 1, 1)),
    Limit("confirm", 7, "days", _CITY, date(2020, 1, 1)),
    Limit("reopen", 2, "times", _CITY, date(2020, 1, 1)),
    Limit("ask", 2, "times", _CITY, date(2020, 1, 1)),
    Limit("appeal", 15, "days", _CITY, date(2020, 1, 1)),
)


def limit_of(subject: Subject, day: date) -> Limit:
    """Return the limit that is in force on a day. Raises LookupError where the table has none."""
    for row in LIMITS:
        if row.subject == subject and row.is_in_force(day):
            return row
    raise LookupError(f"no limit for {subject} on {day}")
