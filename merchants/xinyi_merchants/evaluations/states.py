"""The states of a round: draft → open → computed → noticed → awarded | cancelled, as a table, and who may act."""

from __future__ import annotations

from xinyi_platform.language import Text
from xinyi_platform.principals import Role
from xinyi_platform.transitions import Transitions, next_state

STATES: dict[str, Text] = {
    "draft": Text("草稿", "Draft"),
    "open": Text("评定中", "Open"),
    "computed": Text("已计算", "Computed"),
    "noticed": Text("公示中", "In public notice"),
    "awarded": Text("已授予", "Awarded"),
    "cancelled": Text("已取消", "Cancelled"),
}
TABLE: Transitions = {
    "draft": {"open": "open", "cancel": "cancelled"},
    "open": {"compute": "computed", "cancel": "cancelled"},
    "computed": {"notice": "noticed", "cancel": "cancelled"},
    "noticed": {"award": "awarded", "cancel": "cancelled"},
    "awarded": {},
    "cancelled": {},
}
EVENTS: dict[str, Text] = {
    "open": Text("开始评定", "Open"),
    "compute": Text("计算", "Compute"),
    "notice": Text("确认并公示", "Confirm and give notice"),
    "award": Text("确认并授予", "Confirm and award"),
    "cancel": Text("取消", "Cancel"),
}
OUTCOMES: dict[str, Text] = {
    "passed": Text("达到标准", "Passed"),
    "below": Text("未达到标准", "Below the mark"),
    "cannot_tell": Text("信息不足,无法评定", "Too little is known to tell"),
    "veto": Text("一票否决", "Vetoed"),
    "too_young": Text("开业不满一年", "Open for less than a year"),
    "closed": Text("已停业", "Closed"),
}
CONFIRMED = frozenset({"notice", "award"})
"""Steps that a person other than the round's maker takes."""
ROLES = [Role.CREDIT_OFFICE, Role.REVIEWER]


def advance(state: str, event: str) -> str:
    """Return the next state. Raises TransitionForbidden (409)."""
    return next_state(TABLE, kind="evaluation_round", state=state, event=event)
