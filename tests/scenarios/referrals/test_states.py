"""The table of a referral: what has no edge is refused."""

from __future__ import annotations

import pytest

from xinyi_platform.errors import TransitionForbidden
from xinyi_scenarios.referrals.states import LIVE, STATES, TRANSITIONS, advance

EVENTS = {event for edges in TRANSITIONS.values() for event in edges}


@pytest.mark.parametrize(
    ("state", "event"),
    sorted((state, event) for state in TRANSITIONS for event in EVENTS - set(TRANSITIONS[state])),
)
def test_a_missing_edge_is_refused(state: str, event: str) -> None:
    with pytest.raises(TransitionForbidden):
        advance(state, event)


def test_the_table_leads_only_to_states_that_have_words_and_every_live_one_can_be_recalled() -> None:
    assert {target for edges in TRANSITIONS.values() for target in edges.values()} <= set(TRANSITIONS) == set(STATES)
    assert {state for state, edges in TRANSITIONS.items() if "recall" in edges} == set(LIVE)
