"""The table of a complaint's states: each edge that is there, and each that is not."""

from __future__ import annotations

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from xinyi_merchants.complaints.states import ACTS, EVENTS, MOST_REOPENS, OPEN, STATES, TABLE, acts_of
from xinyi_platform.errors import TransitionForbidden
from xinyi_platform.transitions import next_state

_EVENTS = sorted(set(EVENTS) - {"submit"})
_FORBIDDEN = [(state, event) for state in STATES for event in _EVENTS if event not in TABLE[state]]


def test_every_state_of_the_design_is_in_the_table() -> None:
    assert set(TABLE) == set(STATES)
    assert {target for edges in TABLE.values() for target in edges.values()} <= set(STATES)


@pytest.mark.parametrize(("state", "event"), _FORBIDDEN)
def test_what_the_table_does_not_name_is_refused(state: str, event: str) -> None:
    with pytest.raises(TransitionForbidden):
        next_state(TABLE, kind="complaint", state=state, event=event)


def test_every_event_belongs_to_exactly_one_kind_of_caller() -> None:
    named = sorted(event for events in ACTS.values() for event in events)
    assert named == _EVENTS


@pytest.mark.parametrize("state", ["confirmed", "closed_unresolved", "rejected", "withdrawn"])
def test_nothing_leaves_an_end_state(state: str) -> None:
    assert state not in OPEN
    assert all(acts_of(kind, state) == [] for kind in ACTS)


class ComplaintWalk(RuleBasedStateMachine):
    """Any caller tries anything; the complaint stays within its table and its reopenings."""

    def __init__(self) -> None:
        super().__init__()
        self.state, self.reopened, self.left_open = "submitted", 0, True

    @rule(kind=st.sampled_from(sorted(ACTS)), event=st.sampled_from(_EVENTS))
    def try_a_step(self, kind: str, event: str) -> None:
        allowed = event in acts_of(kind, self.state, reopened=self.reopened)
        if not allowed:
            return
        assert self.state in OPEN
        self.state = next_state(TABLE, kind="complaint", state=self.state, event=event)
        self.reopened += event == "reopen"

    @invariant()
    def it_is_reopened_twice_at_most(self) -> None:
        assert self.state in STATES
        assert self.reopened <= MOST_REOPENS


TestComplaintWalk = ComplaintWalk.TestCase
