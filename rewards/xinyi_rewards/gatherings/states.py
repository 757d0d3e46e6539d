"""The states of a gathering, as a table: planned → done | cancelled."""

from __future__ import annotations

from xinyi_platform.language import Text
from xinyi_platform.principals import Role
from xinyi_platform.transitions import Transitions, next_state

TRANSITIONS: Transitions = {
    "planned": {"finish": "done", "cancel": "cancelled"},
    "done": {},
    "cancelled": {},
}
NAMES = {
    "planned": Text("报名中", "Open"),
    "done": Text("已举办", "Held"),
    "cancelled": Text("已取消", "Cancelled"),
}
HOSTS = [Role.COMMUNITY_WORKER, Role.CREDIT_OFFICE]


def advance(state: str, event: str) -> str:
    """Return the next state. Raises TransitionForbidden (409)."""
    return next_state(TRANSITIONS, kind="gathering", state=state, event=event)
