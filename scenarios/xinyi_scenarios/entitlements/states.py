"""The states of an entitlement, as a table.

reserved(ttl) → issued → redeemed → reversed | expired | cancelled | withdrawn | suspended. A reversal undoes a
mistaken redemption, so what was reversed can be used again while it is valid; each redemption is reversed at
most once.
"""

from __future__ import annotations

from xinyi_platform.transitions import Transitions, next_state

TRANSITIONS: Transitions = {
    "reserved": {"settle": "issued", "refuse": "withdrawn", "cancel": "cancelled", "expire": "expired"},
    "issued": {
        "redeem": "redeemed",
        "cancel": "cancelled",
        "expire": "expired",
        "withdraw": "withdrawn",
        "suspend": "suspended",
    },
    "redeemed": {"reverse": "reversed"},
    "reversed": {
        "redeem": "redeemed",
        "cancel": "cancelled",
        "expire": "expired",
        "withdraw": "withdrawn",
        "suspend": "suspended",
    },
    "suspended": {"resume": "issued", "cancel": "cancelled", "expire": "expired", "withdraw": "withdrawn"},
    "expired": {},
    "cancelled": {},
    "withdrawn": {},
}

USABLE = frozenset({"issued", "reversed"})
OPEN = frozenset({"reserved", "issued", "reversed", "suspended"})

BOOKINGS: dict[str, str] = {
    "refuse": "return",
    "cancel": "return",
    "withdraw": "return",
    "redeem": "redeem",
    "reverse": "reverse",
    "expire": "expire",
}


def booking_for(state: str, event: str) -> str | None:
    """Return the ledger move that belongs to an event, or None. A hold that runs out goes back to the pool."""
    return "return" if (state, event) == ("reserved", "expire") else BOOKINGS.get(event)


def advance(state: str, event: str) -> str:
    """Return the next state. Raises TransitionForbidden (409)."""
    return next_state(TRANSITIONS, kind="entitlement", state=state, event=event)
