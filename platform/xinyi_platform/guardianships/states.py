"""The states of a guardianship, its relations, and how both are named."""

from __future__ import annotations

from typing import Literal

from xinyi_platform.language import Text
from xinyi_platform.principals import Role
from xinyi_platform.transitions import Transitions

TRANSITIONS: Transitions = {
    "asked": {"confirm": "confirmed", "refuse": "refused", "end": "ended"},
    "confirmed": {"end": "ended"},
    "refused": {},
    "ended": {},
}
STATE_NAMES = {
    "asked": Text("等待社区确认", "waits for the community"),
    "confirmed": Text("已确认", "confirmed"),
    "refused": Text("未通过", "refused"),
    "ended": Text("已结束", "ended"),
}
Relation = Literal["parent", "grandparent", "guardian", "child", "carer"]
RELATION_NAMES: dict[str, Text] = {
    "parent": Text("父母", "parent"),
    "grandparent": Text("祖父母、外祖父母", "grandparent"),
    "guardian": Text("其他监护人", "other guardian"),
    "child": Text("子女(照护老人)", "son or daughter who cares"),
    "carer": Text("其他照护人", "other carer"),
}
DECIDERS = [Role.COMMUNITY_WORKER]
# Below this age a guardian consents for the child (个人信息保护法 第三十一条).
CHILD_BELOW_YEARS = 14
