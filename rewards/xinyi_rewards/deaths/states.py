"""The states of a death that was put down, as a table. It counts from its confirmation until two persons reverse it."""

from __future__ import annotations

from xinyi_platform.language import Text
from xinyi_platform.transitions import Transitions, next_state

TRANSITIONS: Transitions = {
    "reported": {"confirm": "confirmed", "withdraw": "withdrawn"},
    "confirmed": {"contest": "contested"},
    "contested": {"reverse": "reversed", "uphold": "confirmed"},
    "withdrawn": {},
    "reversed": {},
}
STANDING = ("reported", "confirmed", "contested")
"""States in which there is one row about a person at the most."""
WAITING = ("reported", "contested")
"""States in which another person has to act."""
KNOWN = ("confirmed", "contested")
"""States in which nothing is listed about the person."""
NAMES: dict[str, Text] = {
    "reported": Text("待另一人确认", "Waits for another person to confirm it"),
    "confirmed": Text("已确认", "Confirmed"),
    "contested": Text("已提出更正,待另一人决定", "Said to be wrong; another person decides"),
    "withdrawn": Text("已撤回", "Taken back"),
    "reversed": Text("已更正:登记有误", "Reversed: it was wrong"),
}


def advance_death(state: str, event: str) -> str:
    """Return the next state. Raises TransitionForbidden (409)."""
    return next_state(TRANSITIONS, kind="person_death", state=state, event=event)
