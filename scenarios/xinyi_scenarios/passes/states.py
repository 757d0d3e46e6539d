"""The states of a pass, as a table.

booked → called → checked_in → served, or owing where it is paid later: owing → settled, or overdue → settled.
A pass that is not used ends as cancelled (given back) or no_show (its number was missed).
"""

from __future__ import annotations

from xinyi_platform.language import Text
from xinyi_platform.transitions import Transitions, next_state

TRANSITIONS: Transitions = {
    "booked": {"call": "called", "check_in": "checked_in", "cancel": "cancelled", "miss": "no_show"},
    "called": {"check_in": "checked_in", "cancel": "cancelled", "miss": "no_show"},
    "checked_in": {"serve": "served", "serve_unpaid": "owing", "miss": "no_show"},
    "owing": {"pay": "settled", "lapse": "overdue"},
    "overdue": {"pay": "settled"},
    "served": {},
    "settled": {},
    "cancelled": {},
    "no_show": {},
}

WAITING = ("booked", "called", "checked_in")
USED = ("served", "owing", "overdue", "settled")
STATES: dict[str, Text] = {
    "booked": Text("已取号", "Booked"),
    "called": Text("请到窗口", "Called"),
    "checked_in": Text("办理中", "At the counter"),
    "served": Text("已办理", "Served"),
    "owing": Text("待付款", "To be paid"),
    "overdue": Text("已逾期", "Overdue"),
    "settled": Text("已付清", "Paid"),
    "cancelled": Text("已取消", "Cancelled"),
    "no_show": Text("已过号", "Missed"),
}


def advance(state: str, event: str) -> str:
    """Return the next state. Raises TransitionForbidden (409)."""
    return next_state(TRANSITIONS, kind="counter_pass", state=state, event=event)
