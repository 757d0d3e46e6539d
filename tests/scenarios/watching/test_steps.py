"""What follows from a decision made again: every combination, and the days between a warning and its act."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xinyi_platform.clock import local_date, start_of_local_day
from xinyi_scenarios.requirements import Verdict
from xinyi_scenarios.watching.steps import Step, Warned, acts_on, look_again_at, next_step

START = datetime(2026, 1, 1, tzinfo=UTC)
TODAY = date(2026, 12, 1)
OPEN_EARLY, OPEN_DUE = Warned("open", date(2026, 12, 2)), Warned("open", TODAY)
ACTED = Warned("acted", date(2026, 11, 20))
# (verdict, state, warning): what is not listed is nothing.
STEPS = {
    (Verdict.NOT_ELIGIBLE, "issued", None): Step.WARN,
    (Verdict.NOT_ELIGIBLE, "reversed", None): Step.WARN,
    (Verdict.NOT_ELIGIBLE, "issued", OPEN_DUE): Step.ACT,
    (Verdict.NOT_ELIGIBLE, "reversed", OPEN_DUE): Step.ACT,
    **{(Verdict.ELIGIBLE, state, w): Step.LIFT for state in ("issued", "reversed", "suspended")
       for w in (OPEN_EARLY, OPEN_DUE)},
    **{(Verdict.ELIGIBLE, state, ACTED): Step.RESUME for state in ("issued", "reversed", "suspended")},
}  # fmt: skip
CASES = list(product(Verdict, ("issued", "reversed", "suspended"), (None, OPEN_EARLY, OPEN_DUE, ACTED)))


@pytest.mark.parametrize(("verdict", "state", "warned"), CASES)
def test_every_combination_has_its_step(verdict: Verdict, state: str, warned: Warned | None) -> None:
    found = next_step(verdict=verdict, state=state, warned=warned, today=TODAY)
    assert found is STEPS.get((verdict, state, warned), Step.NOTHING)


INSTANTS = st.integers(0, 4 * 366 * 86_400).map(lambda seconds: START + timedelta(seconds=seconds))


@given(INSTANTS, st.integers(1, 366))
def test_a_warning_is_acted_on_no_earlier_than_its_grace(at: datetime, grace_days: int) -> None:
    earliest = start_of_local_day(acts_on(at, grace_days))
    assert timedelta(days=grace_days) < earliest - at <= timedelta(days=grace_days + 1)


@given(INSTANTS, st.integers(0, 30))
def test_the_day_of_an_act_is_never_slept_through(at: datetime, ahead: int) -> None:
    due_on = local_date(at) + timedelta(days=ahead)
    again = look_again_at(at, verdict=Verdict.NOT_ELIGIBLE, needs_consent=False, due_on=due_on)
    assert at < again <= at + timedelta(days=1)
    assert local_date(again) <= due_on or again <= at + timedelta(hours=1)


def test_without_consent_one_is_asked_about_once_a_day_and_a_silent_bureau_every_hour() -> None:
    at = datetime(2026, 12, 1, 2, tzinfo=UTC)
    for needs_consent, wait in ((True, timedelta(days=1)), (False, timedelta(hours=1))):
        again = look_again_at(at, verdict=Verdict.UNKNOWN, needs_consent=needs_consent, due_on=TODAY)
        assert again == at + wait
