"""The states and kinds of a change, and who may propose and decide one."""

from __future__ import annotations

from xinyi_platform.language import Text
from xinyi_platform.principals import Role
from xinyi_platform.transitions import Transitions, next_state

TRANSITIONS: Transitions = {
    "proposed": {"approve": "approved", "refuse": "refused", "withdraw": "withdrawn"},
    "approved": {},
    "refused": {},
    "withdrawn": {},
}
KINDS: dict[str, Text] = {
    "switch": Text("开关", "On or off"),
    "manifest": Text("新版本", "New version"),
    "quota": Text("本期名额", "Running quota"),
    "loan": Text("区间调剂", "Loan between districts"),
    "return": Text("收回调剂", "Loan taken back"),
}
STATES: dict[str, Text] = {
    "proposed": Text("待批准", "Waiting"),
    "approved": Text("已批准", "Approved"),
    "refused": Text("未批准", "Refused"),
    "withdrawn": Text("已撤回", "Withdrawn"),
}
PROPOSERS = [Role.CREDIT_OFFICE]
DECIDERS = [Role.REVIEWER, Role.CREDIT_OFFICE]


def advance(state: str, event: str) -> str:
    """Return the next state. Raises TransitionForbidden (409)."""
    return next_state(TRANSITIONS, kind="scene_change", state=state, event=event)
