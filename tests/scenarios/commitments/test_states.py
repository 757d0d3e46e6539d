"""The tables of a promise and its papers: what has no edge is refused."""

from __future__ import annotations

import pytest

from xinyi_platform.errors import TransitionForbidden
from xinyi_scenarios.commitments.states import (
    KEPT,
    MISSING,
    OPEN,
    PAPER_STATES,
    PAPERS,
    STATES,
    STEPS,
    TRANSITIONS,
    advance,
    advance_paper,
)

TABLES = {"commitment": (TRANSITIONS, advance), "paper": (PAPERS, advance_paper)}
FORBIDDEN = [
    (kind, state, event)
    for kind, (table, _) in TABLES.items()
    for state in table
    for event in sorted({event for edges in table.values() for event in edges} - set(table[state]))
]


@pytest.mark.parametrize(("kind", "state", "event"), FORBIDDEN)
def test_a_missing_edge_is_refused(kind: str, state: str, event: str) -> None:
    with pytest.raises(TransitionForbidden) as refused:
        TABLES[kind][1](state, event)
    assert refused.value.values == {
        "kind": "commitment" if kind == "commitment" else "commitment_paper", "state": state, "event": event,
    }  # fmt: skip


def test_the_tables_lead_only_to_states_that_have_words() -> None:
    for (table, _), words in zip(TABLES.values(), (STATES, PAPER_STATES), strict=True):
        assert {target for edges in table.values() for target in edges.values()} <= set(table) == set(words)
    assert {event for edges in TRANSITIONS.values() for event in edges} - {"paper"} <= set(STEPS)
    assert {event for edges in PAPERS.values() for event in edges} <= set(STEPS)
    assert {state for state, edges in TRANSITIONS.items() if edges} == set(OPEN)
    assert set(KEPT) <= {state for state, edges in TRANSITIONS.items() if not edges}
    assert {state for state, edges in PAPERS.items() if "hand_in" in edges} == set(MISSING)
