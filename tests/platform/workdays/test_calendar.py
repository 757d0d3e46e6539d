"""Working days by the State Council's notice for 2026, make-up days included."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xinyi_platform.workdays import (
    add_working_days,
    calendar_days_left,
    city_calendar,
    is_working_day,
    working_days_between,
)

IN_2026 = st.dates(date(2026, 1, 1), date(2026, 12, 31))


@pytest.mark.parametrize(
    ("day", "worked"),
    [
        ("2026-01-01", False),
        ("2026-01-04", True),  # a Sunday, for 元旦
        ("2026-02-14", True),  # a Saturday, for 春节
        ("2026-02-16", False),
        ("2026-02-23", False),
        ("2026-02-24", True),
        ("2026-02-28", True),
        ("2026-04-06", False),
        ("2026-05-01", False),
        ("2026-05-09", True),
        ("2026-06-19", False),
        ("2026-09-20", True),
        ("2026-09-25", False),
        ("2026-10-07", False),
        ("2026-10-08", True),
        ("2026-10-10", True),
        ("2026-11-21", False),
        ("2026-11-23", True),
    ],
)
def test_a_day_is_worked_or_not(day: str, worked: bool) -> None:
    assert is_working_day(date.fromisoformat(day)) is worked


@pytest.mark.parametrize(
    ("start", "count", "end"),
    [
        ("2026-11-23", 1, "2026-11-24"),
        ("2026-11-23", 0, "2026-11-23"),
        ("2026-11-20", 1, "2026-11-23"),
        ("2026-11-21", 1, "2026-11-23"),
        ("2026-09-30", 1, "2026-10-08"),
        ("2026-10-08", 3, "2026-10-12"),
        ("2026-02-13", 1, "2026-02-14"),
        ("2026-02-13", 2, "2026-02-24"),
        ("2026-02-27", 1, "2026-02-28"),
    ],
)
def test_days_are_added(start: str, count: int, end: str) -> None:
    assert add_working_days(date.fromisoformat(start), count) == date.fromisoformat(end)


def test_a_year_has_the_working_days_of_its_notice() -> None:
    """365 days, 104 at weekends; 33 days off in all, of which the make-up days give six back."""
    days = [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]
    calendar = city_calendar()
    weekdays_off = [day for day in calendar.off if day.weekday() < 5]
    assert sum(map(is_working_day, days)) == 261 - len(weekdays_off) + len(calendar.worked)
    assert all(day.weekday() >= 5 for day in calendar.worked), "a make-up day falls on a weekend"
    assert not calendar.off & calendar.worked


@given(IN_2026, st.integers(0, 40))
def test_the_end_is_worked_and_as_far_away_as_was_added(start: date, count: int) -> None:
    end = add_working_days(start, count)
    assert working_days_between(start, end) == count
    assert count == 0 or is_working_day(end)


@given(IN_2026, IN_2026)
def test_counting_back_is_counting_forth(one: date, other: date) -> None:
    assert working_days_between(one, other) == -working_days_between(other, one)


def test_the_calendar_knows_where_it_ends() -> None:
    assert calendar_days_left(date(2026, 11, 23)) == 38
    assert calendar_days_left(date(2027, 1, 1)) < 0


def test_beyond_the_notice_weekends_alone_count_so_that_no_limit_is_missing() -> None:
    """A complaint filed in December still gets its days; the doctor warns before."""
    assert is_working_day(date(2027, 1, 1))
    assert not is_working_day(date(2027, 1, 2))
    assert add_working_days(date(2026, 12, 31), 1) == date(2027, 1, 1)
