"""A campaign goes the ways of its table and no other."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from xinyi_platform.errors import TransitionForbidden
from xinyi_rewards.campaigns.models import Campaign
from xinyi_rewards.campaigns.states import NAMES, TRANSITIONS, advance, phase_of

EDGES = {
    ("draft", "edit"): "draft",
    ("draft", "submit"): "in_review",
    ("draft", "withdraw"): "withdrawn",
    ("in_review", "send_back"): "draft",
    ("in_review", "approve"): "approved",
    ("in_review", "withdraw"): "withdrawn",
    ("approved", "end"): "ended",
    ("approved", "stop"): "stopped",
}
EVENTS = sorted({event for _, event in EDGES})
DAY = date(2026, 11, 23)


@pytest.mark.parametrize("state", TRANSITIONS)
@pytest.mark.parametrize("event", EVENTS)
def test_every_edge_is_in_the_table_and_every_other_one_is_refused(state: str, event: str) -> None:
    if (state, event) in EDGES:
        assert advance(state, event) == EDGES[state, event]
    else:
        with pytest.raises(TransitionForbidden):
            advance(state, event)


@pytest.mark.parametrize(
    ("state", "first", "last", "phase"),
    [
        ("approved", 1, 2, "coming"),
        ("approved", 0, 2, "running"),
        ("approved", -2, 0, "running"),
        ("approved", -2, -1, "ended"),
        ("in_review", -2, 2, "in_review"),
        ("stopped", -2, 2, "stopped"),
    ],
)
def test_an_approved_one_runs_by_its_days(state: str, first: int, last: int, phase: str) -> None:
    row = Campaign(state=state, first_on=DAY + timedelta(days=first), last_on=DAY + timedelta(days=last))
    assert phase_of(row, DAY) == phase
    assert phase in NAMES
