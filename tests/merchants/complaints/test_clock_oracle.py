"""The merchant's clock against an oracle that shares no code with it: it walks day by day and ticks off what counts.

The oracle reads the calendar file by itself. Its rule: the days are the working days after the day of passing on,
except those after a question up to and including the day of the reply; a reply leaves at least one.
"""

from __future__ import annotations

import random
import tomllib
from datetime import UTC, date, datetime, timedelta
from importlib.resources import files
from typing import Any

from xinyi_merchants.complaints.deadlines import changes_of, days_left, is_overdue
from xinyi_merchants.complaints.policy import limit_of

CASES = 10_000
FIRST, LAST = date(2026, 1, 1), date(2026, 11, 20)


class Held:
    """A complaint of which only the clock matters."""

    state, accept_by, close_by = "accepted", FIRST, FIRST
    answer_by = FIRST
    paused_on = reply_by = answered_in_time = shared_at = None
    asked = reopened = 0

    def take(self, event: str, state: str, day: date, hour: int) -> None:
        for name, value in changes_of(self, event, moment(day, hour)).items():
            setattr(self, name, value)
        self.state = state


def moment(day: date, hour: int) -> datetime:
    """Return an hour of a day in Shanghai, eight hours before which it begins in UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(hours=hour - 8, minutes=59)


def working_days() -> set[date]:
    text = files("xinyi_platform.workdays").joinpath("calendar.toml").read_text(encoding="utf-8")
    told = tomllib.loads(text)
    off = {each for holiday in told["holiday"] for each in _days(holiday)}
    worked = set(told["worked"])
    every = (FIRST + timedelta(days=n) for n in range(400))
    return {day for day in every if day in worked or (day.isoweekday() <= 5 and day not in off)}


def _days(span: Any) -> list[date]:
    return [span["first"] + timedelta(days=n) for n in range((span["last"] - span["first"]).days + 1)]


def oracle(started: date, pauses: list[tuple[date, date]], working: set[date]) -> date:
    """Return the last day to answer, ticked off day by day."""
    left, day = limit_of("answer", started).amount, started
    for asked, replied in pauses:
        while day < asked:
            day += timedelta(days=1)
            left -= day in working
        left, day = max(left, 1), replied
    while left:
        day += timedelta(days=1)
        left -= day in working
    return day


def test_ten_thousand_clocks_agree_with_the_oracle() -> None:
    rng, working, days = random.Random(20261123), working_days(), (LAST - FIRST).days
    paused = late = 0
    for _ in range(CASES):
        held, pauses = Held(), []
        started = FIRST + timedelta(days=rng.randrange(days))
        held.take("forward", "waiting_merchant", started, rng.randrange(24))
        day = started
        for _ in range(rng.randrange(3)):
            day += timedelta(days=rng.randrange(4))
            if day > held.answer_by:
                break
            held.take("ask", "waiting_consumer", day, rng.randrange(24))
            left = days_left(held, day)
            asked, day = day, day + timedelta(days=rng.randrange(9))
            assert days_left(held, day) == left, "the clock stands still"
            held.take("reply", "waiting_merchant", day, rng.randrange(24))
            pauses.append((asked, day))
            assert days_left(held, day) == max(left or 0, 1)
        expected = oracle(started, pauses, working)
        assert held.answer_by == expected, (started, pauses)
        answered = day + timedelta(days=rng.randrange(6))
        assert is_overdue(held, answered) == (answered > expected)
        held.take("answer", "resolved", answered, rng.randrange(24))
        assert held.answered_in_time == (answered <= expected)
        paused, late = paused + bool(pauses), late + (not held.answered_in_time)
    assert paused > CASES // 3
    assert late > CASES // 10
