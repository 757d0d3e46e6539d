"""The limits of complaints are data: one in force for each subject on each day, and dated."""

from __future__ import annotations

from datetime import date, timedelta
from typing import get_args

import pytest

from xinyi_merchants.complaints.policy import LIMITS, Subject, limit_of


def test_every_subject_has_one_limit_on_every_day_since_2020() -> None:
    for subject in get_args(Subject):
        for n in range(3_000):
            day = date(2020, 1, 1) + timedelta(days=n)
            assert len([row for row in LIMITS if row.subject == subject and row.is_in_force(day)]) == 1


def test_every_limit_names_the_rule_that_it_comes_from() -> None:
    assert all(row.source and row.amount > 0 for row in LIMITS)


def test_mediation_lasts_60_days_since_order_121_and_45_working_days_before() -> None:
    assert (limit_of("settle", date(2026, 4, 15)).amount, limit_of("settle", date(2026, 4, 15)).unit) == (60, "days")
    assert limit_of("settle", date(2026, 4, 14)).unit == "working_days"


def test_a_limit_before_the_table_begins_is_an_error_and_no_guess() -> None:
    with pytest.raises(LookupError):
        limit_of("answer", date(2019, 12, 31))


def test_three_working_days_skip_the_week_end() -> None:
    assert limit_of("answer", date(2026, 11, 26)).end(date(2026, 11, 26)) == date(2026, 12, 1)


def test_three_working_days_skip_the_national_holidays_and_count_the_worked_saturday() -> None:
    assert limit_of("answer", date(2026, 9, 30)).end(date(2026, 9, 30)) == date(2026, 10, 10)
