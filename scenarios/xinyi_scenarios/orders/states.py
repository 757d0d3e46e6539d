"""The states of a service order: created → doing → done | revoked | expired, as a table.

`confirm` is the resident's yes to an order that waits for it, `decline` her no. `modify` and `pay` act on an order that
is done and change its amounts only; like `confirm` they are edges to the same state.
"""

from __future__ import annotations

from xinyi_platform.transitions import Transitions, next_state

TRANSITIONS: Transitions = {
    "created": {
        "confirm": "created",
        "decline": "revoked",
        "start": "doing",
        "revoke": "revoked",
        "expire": "expired",
    },
    "doing": {"complete": "done", "revoke": "revoked"},
    "done": {"modify": "done", "pay": "done"},
    "revoked": {},
    "expired": {},
}

OPEN = ("created", "doing")


def advance(state: str, event: str) -> str:
    """Return the next state. Raises TransitionForbidden (409)."""
    return next_state(TRANSITIONS, kind="service_order", state=state, event=event)
