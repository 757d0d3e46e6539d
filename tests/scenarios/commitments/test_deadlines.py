"""The calendar of a promise: days count from the signature in the city's time and belong to the limit."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xinyi_platform.clock import local_date
from xinyi_scenarios.commitments.deadlines import (
    RETRY_DAYS,
    after_refusal,
    covered_until,
    due_day,
    is_past,
    next_reminder,
    repair_day,
)

LATE_EVENING = datetime(2026, 11, 23, 15, 59, tzinfo=UTC)  # 23:59 in the city
DAYS = st.dates(date(2026, 1, 1), date(2030, 1, 1))


@pytest.mark.parametrize(
    ("signed_at", "due"),
    [
        (LATE_EVENING, date(2026, 12, 3)),
        (LATE_EVENING + timedelta(minutes=1), date(2026, 12, 4)),
        (datetime(2026, 12, 25, 2, 0, tzinfo=UTC), date(2027, 1, 4)),
    ],
)
def test_due_days_are_calendar_days_from_the_local_day_of_the_signature(signed_at: datetime, due: date) -> None:
    assert due_day(signed_at, 10) == due


def test_the_last_day_belongs_to_the_limit_until_its_end_in_the_city() -> None:
    assert not is_past(date(2026, 11, 23), LATE_EVENING)
    assert is_past(date(2026, 11, 23), LATE_EVENING + timedelta(minutes=1))


@pytest.mark.parametrize(
    ("after", "reminder"),
    [
        (date(2026, 12, 1), date(2026, 12, 13)),
        (date(2026, 12, 13), date(2026, 12, 19)),
        (date(2026, 12, 18), date(2026, 12, 19)),
        (date(2026, 12, 19), None),
    ],
)
def test_reminders_fall_before_the_limit_and_a_late_sweep_skips_to_the_next(after: date, reminder: date | None) -> None:
    assert next_reminder(date(2026, 12, 20), [1, 7], after) == reminder


@given(limit=DAYS, today=DAYS)
def test_a_refusal_leaves_some_days_and_never_takes_any(limit: date, today: date) -> None:
    at = datetime(today.year, today.month, today.day, 4, tzinfo=UTC)
    moved = after_refusal(limit, at)
    assert moved >= limit
    assert (moved - local_date(at)).days >= RETRY_DAYS
    assert moved in (limit, local_date(at) + timedelta(days=RETRY_DAYS))


@given(due=DAYS, days=st.integers(0, 366))
def test_the_entitlement_outlasts_the_last_day(due: date, days: int) -> None:
    last = repair_day(due, days)
    assert local_date(covered_until(last)) > last
