"""The states of support: waiting → granted ↔ suspended → ended | expired, as a table."""

from __future__ import annotations

from xinyi_platform.language import Text
from xinyi_platform.transitions import Transitions, next_state

TRANSITIONS: Transitions = {
    "waiting": {"grant": "granted", "end": "ended", "expire": "expired"},
    "granted": {"suspend": "suspended", "end": "ended", "expire": "expired"},
    "suspended": {"resume": "granted", "end": "ended", "expire": "expired"},
    "ended": {},
    "expired": {},
}
NAMES = {
    "waiting": Text("暂未享受", "Not granted"),
    "granted": Text("享受中", "Granted"),
    "suspended": Text("暂停", "Suspended"),
    "ended": Text("已终止", "Ended"),
    "expired": Text("已到期", "Over"),
}


def advance(state: str, event: str) -> str:
    """Return the next state. Raises TransitionForbidden (409)."""
    return next_state(TRANSITIONS, kind="support_grant", state=state, event=event)
