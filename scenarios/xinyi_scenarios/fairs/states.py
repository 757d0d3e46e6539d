"""The states of a ticket and what becomes of a scan, as tables.

booked → entered; cancelled (given back) can be booked again. A missed ticket is still entered when a gate that had
no network settles later.
"""

from __future__ import annotations

from xinyi_platform.language import Text
from xinyi_platform.transitions import Transitions, next_state

TRANSITIONS: Transitions = {
    "booked": {"change": "booked", "cancel": "cancelled", "enter": "entered", "miss": "missed"},
    "cancelled": {"book": "booked"},
    "missed": {"enter": "entered"},
    "entered": {},
}
STATES: dict[str, Text] = {
    "booked": Text("已预约", "Booked"),
    "entered": Text("已入园", "Entered"),
    "missed": Text("未到场", "Not used"),
    "cancelled": Text("已退票", "Given back"),
}
OUTCOMES: dict[str, Text] = {
    "admitted": Text("准予入园", "Admitted"),
    "duplicate": Text("重复验票", "Scanned again"),
    "wrong_time": Text("不在本票时段", "Not in its slot"),
    "cancelled": Text("票已退", "Ticket was given back"),
    "unknown": Text("查无此票", "No such ticket"),
}


def advance(state: str, event: str) -> str:
    """Return the next state. Raises TransitionForbidden (409)."""
    return next_state(TRANSITIONS, kind="fair_ticket", state=state, event=event)
