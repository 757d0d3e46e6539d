"""The clock of a complaint, with no database: pauses, reminders, lateness, and any walk through the states."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from xinyi_merchants.complaints.deadlines import (
    changes_of,
    days_at_filing,
    days_left,
    due_on,
    is_overdue,
    reminder_due,
)
from xinyi_merchants.complaints.errors import AskedTooLate, AskedTooOften
from xinyi_merchants.complaints.policy import limit_of
from xinyi_merchants.complaints.states import MOST_REOPENS, OPEN, TABLE, acts_of
from xinyi_platform.clock import local_date
from xinyi_platform.transitions import next_state
from xinyi_platform.workdays import working_days_between

MONDAY = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


@dataclass
class Stated:
    """A complaint without a database."""

    state: str
    accept_by: date
    answer_by: date
    close_by: date
    paused_on: date | None = None
    reply_by: date | None = None
    asked: int = 0
    reopened: int = 0
    answered_in_time: bool | None = None
    resolved_at: datetime | None = None
    shared_at: datetime | None = None
    reminded: int = 0
    escalated_state: str = ""


def _filed(now: datetime) -> Stated:
    days: Any = days_at_filing(local_date(now))
    return Stated("submitted", **days)


def _step(case: Stated, event: str, now: datetime) -> Stated:
    target = next_state(TABLE, kind="complaint", state=case.state, event=event)
    changes: Any = changes_of(case, event, now)
    return replace(case, state=target, **changes)


def _waiting(now: datetime = MONDAY) -> Stated:
    return _step(_step(_filed(now), "accept", now), "forward", now)


def test_the_receipt_names_days_that_are_later_than_those_of_a_prompt_acceptance() -> None:
    filed, waiting = _filed(MONDAY), _waiting()
    assert waiting.answer_by <= filed.answer_by
    assert waiting.close_by <= filed.close_by
    assert (waiting.answer_by, waiting.close_by) == (date(2026, 11, 26), date(2027, 1, 22))


def test_a_complaint_filed_late_at_night_counts_by_the_citys_day() -> None:
    night = datetime(2026, 11, 23, 16, 30, tzinfo=UTC)  # Tuesday 00:30 in the city
    assert _waiting(night).answer_by == date(2026, 11, 27)


@given(ask_after=st.integers(0, 3), pause=st.integers(0, 7), start=st.integers(0, 365))
def test_a_pause_leaves_as_many_working_days_as_before_and_one_at_least(ask_after: int, pause: int, start: int) -> None:
    begun = datetime(2026, 1, 5, 2, tzinfo=UTC) + timedelta(days=start)
    waiting, asked_at = _waiting(begun), begun + timedelta(days=ask_after)
    left = working_days_between(local_date(asked_at), waiting.answer_by)
    asked = _step(waiting, "ask", asked_at)
    replied_at = asked_at + timedelta(days=pause)
    assert days_left(asked, local_date(replied_at)) == left
    resumed = _step(asked, "reply", replied_at)
    assert days_left(resumed, local_date(replied_at)) == max(left, 1)
    assert resumed.close_by == waiting.close_by + timedelta(days=pause)


def test_asking_does_not_help_who_is_already_late() -> None:
    with pytest.raises(AskedTooLate):
        _step(_waiting(), "ask", MONDAY + timedelta(days=4))


def test_the_consumer_is_asked_twice_and_not_thrice() -> None:
    case = _waiting()
    for _ in range(2):
        case = _step(_step(case, "ask", MONDAY), "reply", MONDAY)
    with pytest.raises(AskedTooOften):
        _step(case, "ask", MONDAY)


def test_a_merchant_that_waits_for_the_consumer_is_not_late() -> None:
    asked = _step(_waiting(), "ask", MONDAY)
    assert due_on(asked) == date(2026, 11, 30)
    assert not is_overdue(asked, date(2026, 12, 31))


@pytest.mark.parametrize(("day", "level", "late"), [(23, 0, False), (24, 1, False), (25, 2, False), (26, 2, False)])
def test_reminders_are_due_at_half_and_on_the_day_before(day: int, level: int, late: bool) -> None:
    today = date(2026, 11, day)
    assert (reminder_due(_waiting(), today), is_overdue(_waiting(), today)) == (level, late)


def test_the_day_after_the_last_one_is_late() -> None:
    assert is_overdue(_waiting(), date(2026, 11, 27))


def test_an_answer_on_the_last_day_is_in_time_and_one_day_later_it_is_not() -> None:
    last, after = MONDAY + timedelta(days=3), MONDAY + timedelta(days=4)
    assert _step(_waiting(), "answer", last).answered_in_time is True
    assert _step(_waiting(), "answer", after).answered_in_time is False


def test_a_late_first_answer_is_not_made_good_by_a_prompt_second_one() -> None:
    late = _step(_waiting(), "answer", MONDAY + timedelta(days=8))
    again = _step(_step(late, "reopen", MONDAY + timedelta(days=9)), "forward", MONDAY + timedelta(days=9))
    assert _step(again, "answer", MONDAY + timedelta(days=9)).answered_in_time is False


def test_reopening_starts_the_shops_clock_and_its_reminders_anew() -> None:
    answered = replace(_step(_waiting(), "answer", MONDAY), reminded=2, escalated_state="waiting_merchant")
    later = MONDAY + timedelta(days=7)
    again = _step(_step(answered, "reopen", later), "forward", later)
    assert (again.reopened, again.reminded, again.escalated_state) == (1, 0, "")
    assert again.answer_by == date(2026, 12, 3)


def test_the_policy_table_and_the_database_agree_on_reopenings() -> None:
    assert limit_of("reopen", local_date(MONDAY)).amount == MOST_REOPENS


class ClockWalk(RuleBasedStateMachine):
    """Everybody does anything allowed on any day; the days stay in order and the pause belongs to one state."""

    def __init__(self) -> None:
        super().__init__()
        self.now = MONDAY
        self.case = _filed(self.now)

    @rule(kind=st.sampled_from(["resident", "operator", "staff", "system"]), choice=st.integers(0, 20))
    def somebody_acts(self, kind: str, choice: int) -> None:
        events = acts_of(kind, self.case.state, reopened=self.case.reopened)
        if not events:
            return
        try:
            self.case = _step(self.case, events[choice % len(events)], self.now)
        except (AskedTooLate, AskedTooOften):
            assert self.case.state == "waiting_merchant"

    @rule(hours=st.integers(1, 240))
    def time_passes(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @invariant()
    def the_clock_stands_only_while_the_consumer_is_asked(self) -> None:
        assert (self.case.state == "waiting_consumer") == (self.case.paused_on is not None)
        assert (self.case.reply_by is None) == (self.case.paused_on is None)

    @invariant()
    def limits_hold(self) -> None:
        assert self.case.reopened <= MOST_REOPENS
        assert 0 <= self.case.asked <= 2

    @invariant()
    def what_has_ended_is_never_due_or_late(self) -> None:
        if self.case.state not in OPEN:
            assert due_on(self.case) is None
            assert not is_overdue(self.case, local_date(self.now))
            assert reminder_due(self.case, local_date(self.now)) == 0

    @invariant()
    def the_shop_has_at_most_three_working_days(self) -> None:
        left = days_left(self.case, local_date(self.now))
        assert left is None or left <= 3


TestClockWalk = ClockWalk.TestCase
TestClockWalk.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
