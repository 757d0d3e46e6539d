"""The states of a proposal to revoke: it is confirmed or refused by another person, or lapses with the entry."""

from __future__ import annotations

from xinyi_platform.language import Text
from xinyi_platform.transitions import Transitions, next_state

TRANSITIONS: Transitions = {
    "proposed": {"confirm": "confirmed", "refuse": "refused", "lapse": "lapsed"},
    "confirmed": {},
    "refused": {},
    "lapsed": {},
}
NAMES = {
    "proposed": Text("待另一人确认", "Waits for another person"),
    "confirmed": Text("已撤销", "Revoked"),
    "refused": Text("未予撤销", "Not revoked"),
    "lapsed": Text("条目已另行结束", "The entry ended otherwise"),
}


def advance(state: str, event: str) -> str:
    """Return the next state. Raises TransitionForbidden (409)."""
    return next_state(TRANSITIONS, kind="revocation", state=state, event=event)
