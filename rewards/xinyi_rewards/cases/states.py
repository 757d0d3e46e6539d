"""The states of a case's version and of a person's consent to it, as tables, and how names are shown."""

from __future__ import annotations

from typing import Literal

from xinyi_platform.language import Text
from xinyi_platform.masking import mask_name
from xinyi_platform.principals import Role
from xinyi_platform.transitions import Transitions, next_state

NameForm = Literal["masked", "full", "hidden"]
Signer = Literal["self", "guardian"]
VERSIONS: Transitions = {
    "draft": {"submit": "in_review", "withdraw": "withdrawn"},
    "in_review": {"send_back": "draft", "publish": "published", "withdraw": "withdrawn"},
    "published": {"supersede": "superseded", "withdraw": "withdrawn"},
    "superseded": {},
    "withdrawn": {},
}
CONSENTS: Transitions = {
    "asked": {"agree": "agreed", "refuse": "refused", "remove": "removed"},
    "agreed": {"withdraw": "refused", "ask": "asked", "remove": "removed"},
    "refused": {"agree": "agreed", "ask": "asked", "remove": "removed"},
    "removed": {},
}
OPEN = ("draft", "in_review")
LIVE = (*OPEN, "published")
"""What somebody can still take her consent to back from."""
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
    "removed": Text("已移除", "Taken out"),
}
SIGNERS: dict[Signer, Text] = {
    "self": Text("本人签字", "Signed by the person"),
    "guardian": Text("监护人签字(未成年人)", "Signed by the guardian (of a minor)"),
}
HIDDEN = "一位居民"
HIDDEN_NAME = Text(HIDDEN, "a resident")
MAKERS = [Role.COMMUNITY_WORKER, Role.REVIEWER, Role.CREDIT_OFFICE]
REVIEWERS = [Role.REVIEWER, Role.CREDIT_OFFICE]


def advance(state: str, event: str) -> str:
    """Return a version's next state. Raises TransitionForbidden (409)."""
    return next_state(VERSIONS, kind="case_version", state=state, event=event)


def advance_consent(state: str, event: str) -> str:
    """Return a consent's next state. Raises TransitionForbidden (409)."""
    return next_state(CONSENTS, kind="case_consent", state=state, event=event)


def name_in(form: NameForm, name: str) -> str:
    """Return a name in one form, as it is kept."""
    return {"full": name, "masked": mask_name(name), "hidden": HIDDEN}[form]


def shown_as(kept: str) -> Text:
    """Return a kept name as it is read in both languages."""
    return HIDDEN_NAME if kept == HIDDEN else Text(kept, kept)
