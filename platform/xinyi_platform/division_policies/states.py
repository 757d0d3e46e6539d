"""The states of a proposed value, how they are named, and who proposes and decides."""

from __future__ import annotations

from xinyi_platform.language import Text
from xinyi_platform.principals import Role
from xinyi_platform.transitions import Transitions

TRANSITIONS: Transitions = {
    "proposed": {"approve": "approved", "refuse": "refused", "withdraw": "withdrawn"},
    "approved": {},
    "refused": {},
    "withdrawn": {},
}
STATE_NAMES = {
    "proposed": Text("待复核", "waits for another person"),
    "approved": Text("已批准", "approved"),
    "refused": Text("未通过", "refused"),
    "withdrawn": Text("已撤回", "withdrawn"),
}
PROPOSERS = [Role.CREDIT_OFFICE]
DECIDERS = [Role.CREDIT_OFFICE, Role.REVIEWER]
