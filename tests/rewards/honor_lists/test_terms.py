"""Order 36 as dated cases: the three grades, month ends, leap days, the first day of repair and the last of display."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xinyi_rewards.honor_lists.terms import Grade, Term, months_after, over_at, policy_on, term_of

D = date.fromisoformat


def term(grade: Grade, day: str) -> Term:
    return term_of(grade, D(day), policy=policy_on(date(2026, 11, 23)))


@pytest.mark.parametrize(
    ("grade", "determined", "repairable", "shortest", "longest"),
    [
        ("minor", "2026-05-10", "2026-05-10", "2026-05-10", "2026-08-10"),
        ("minor", "2026-11-30", "2026-11-30", "2026-11-30", "2027-02-28"),
        ("minor", "2027-11-30", "2027-11-30", "2027-11-30", "2028-02-29"),
        ("ordinary", "2026-04-15", "2026-07-16", "2026-07-15", "2027-04-15"),
        ("ordinary", "2026-05-31", "2026-09-01", "2026-08-31", "2027-05-31"),
        ("ordinary", "2026-11-29", "2027-03-01", "2027-02-28", "2027-11-29"),
        ("ordinary", "2026-11-30", "2027-03-01", "2027-02-28", "2027-11-30"),
        ("ordinary", "2027-11-29", "2028-03-01", "2028-02-29", "2028-11-29"),
        ("ordinary", "2027-11-30", "2028-03-01", "2028-02-29", "2028-11-30"),
        ("ordinary", "2028-02-29", "2028-05-30", "2028-05-29", "2029-02-28"),
        ("ordinary", "2026-12-31", "2027-04-01", "2027-03-31", "2027-12-31"),
        ("serious", "2026-04-01", "2027-04-02", "2027-04-01", "2029-04-01"),
        ("serious", "2026-12-31", "2028-01-01", "2027-12-31", "2029-12-31"),
        ("serious", "2027-02-28", "2028-02-29", "2028-02-28", "2030-02-28"),
        ("serious", "2028-02-29", "2029-03-01", "2029-02-28", "2031-02-28"),
        ("serious", "2025-02-28", "2026-03-01", "2026-02-28", "2028-02-28"),
    ],
)
def test_a_term_runs_from_the_day_of_determination(
    grade: Grade, determined: str, repairable: str, shortest: str, longest: str
) -> None:
    assert term(grade, determined) == Term(D(repairable), D(shortest), D(longest))


@pytest.mark.parametrize(
    ("last_day", "gone"),
    [
        ("2026-07-15", "2026-07-15T16:00:00"),
        ("2028-02-29", "2028-02-29T16:00:00"),
        ("2026-12-31", "2026-12-31T16:00:00"),
    ],
)
def test_a_term_is_over_at_midnight_in_the_city_after_its_last_day(last_day: str, gone: str) -> None:
    assert over_at(D(last_day)) == datetime.fromisoformat(gone).replace(tzinfo=UTC)


def test_only_minor_conduct_is_not_published() -> None:
    assert {grade: terms.is_published for grade, terms in policy_on(date(2026, 4, 1)).grades.items()} == {
        "minor": False,
        "ordinary": True,
        "serious": True,
    }


days = st.dates(min_value=date(2020, 1, 1), max_value=date(2060, 1, 1))


@given(days, st.integers(0, 60))
def test_a_term_ends_on_the_corresponding_day_or_the_months_last(day: date, months: int) -> None:
    end = months_after(day, months)
    assert (end.year * 12 + end.month) - (day.year * 12 + day.month) == months
    assert end.day == day.day or (end.day < day.day and (end + timedelta(days=1)).day == 1)


@given(days, st.sampled_from(["minor", "ordinary", "serious"]))
def test_who_was_determined_later_is_never_free_earlier(day: date, grade: Grade) -> None:
    first, second = term(grade, day.isoformat()), term(grade, (day + timedelta(days=1)).isoformat())
    assert first.repairable_from <= second.repairable_from
    assert first.shortest <= first.longest <= second.longest
