"""State machines as tables: `{state: {event: next state}}`, and one function that walks them."""

from __future__ import annotations

from collections.abc import Mapping

from xinyi_platform.errors import TransitionForbidden

Transitions = Mapping[str, Mapping[str, str]]


def next_state(table: Transitions, *, kind: str, state: str, event: str) -> str:
    """Return the state that `event` leads to. Raises TransitionForbidden (409) where the table has no edge."""
    try:
        return table[state][event]
    except KeyError:
        raise TransitionForbidden(kind=kind, state=state, event=event) from None
