"""The states of a case's version and of a person's consent to it, as tables."""

from __future__ import annotations

from xinyi_platform.language import Text
from xinyi_platform.principals import Role
from xinyi_platform.transitions import Transitions, next_state

VERSIONS: Transitions = {
    "draft": {"submit": "in_review", "withdraw": "withdrawn"},
    "in_review": {"send_back": "draft", "publish": "published", "withdraw": "withdrawn"},
    "published": {"supersede": "superseded", "withdraw": "withdrawn"},
    "superseded": {},
    "withdrawn": {},
}
CONSENTS: Transitions = {
    "asked": {"agree": "agreed", "refuse": "refused", "change": "asked"},
    "agreed": {"withdraw": "refused", "change": "asked"},
    "refused": {"agree": "agreed", "change": "asked"},
}
NAMES = {
    "draft": Text("草稿", "Draft"),
    "in_review": Text("待复核", "In review"),
    "published": Text("已发布", "Published"),
    "superseded": Text("已被新版本替代", "Superseded"),
    "withdrawn": Text("已撤下", "Withdrawn"),
}
CONSENT_NAMES = {
    "asked": Text("等待同意", "Asked"),
    "agreed": Text("已同意", "Agreed"),
    "refused": Text("不同意", "Refused"),
}
MAKERS = [Role.COMMUNITY_WORKER, Role.REVIEWER, Role.CREDIT_OFFICE]
REVIEWERS = [Role.REVIEWER, Role.CREDIT_OFFICE]


def advance(state: str, event: str) -> str:
    """Return a version's next state. Raises TransitionForbidden (409)."""
    return next_state(VERSIONS, kind="case_version", state=state, event=event)


def advance_consent(state: str, event: str) -> str:
    """Return a consent's next state. Raises TransitionForbidden (409)."""
    return next_state(CONSENTS, kind="case_consent", state=state, event=event)
