"""The states of an entry: draft → in_review → noticed → published → repaired | expired | revoked, as a table.

An objection suspends the display of an entry, not its state; nothing leaves an end state. What is over before its
notice was ends from there, unpublished.
"""

from __future__ import annotations

from xinyi_platform.principals import Role
from xinyi_platform.transitions import Transitions, next_state

TRANSITIONS: Transitions = {
    "draft": {"submit": "in_review", "withdraw": "revoked"},
    "in_review": {"send_back": "draft", "approve": "noticed", "withdraw": "revoked"},
    "noticed": {"publish": "published", "repair": "repaired", "expire": "expired", "revoke": "revoked"},
    "published": {"repair": "repaired", "expire": "expired", "revoke": "revoked"},
    "repaired": {},
    "expired": {},
    "revoked": {},
}

MAKERS = [Role.COMMUNITY_WORKER, Role.REVIEWER, Role.CREDIT_OFFICE, Role.ADMIN]
"""Who may look at lists; a list is made and handed in by any of them, and reviewed by another person."""

DECIDERS = [Role.REVIEWER, Role.CREDIT_OFFICE]
"""Who decides objections."""

FEED_PERSON = "bureau"
"""Stands as the maker of what the bureau's feed brought."""

LIVE = ("draft", "in_review", "noticed", "published")
SHOWN = ("noticed", "published")
ENDED = tuple(state for state, edges in TRANSITIONS.items() if not edges)
UNSEEN = ("draft", "in_review")


def advance(state: str, event: str) -> str:
    """Return the next state. Raises TransitionForbidden (409)."""
    return next_state(TRANSITIONS, kind="list_entry", state=state, event=event)
