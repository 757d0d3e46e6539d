"""The states of a referral, as a table.

offered → delivered → acknowledged → recalled → recall_acknowledged | expired | withdrawn. What never left the house is
withdrawn or expires; what did is recalled, and the recall is chased until the receiver acknowledges it.
"""

from __future__ import annotations

from xinyi_platform.language import Text
from xinyi_platform.transitions import Transitions, next_state

TRANSITIONS: Transitions = {
    "offered": {
        "deliver": "delivered",
        "acknowledge": "acknowledged",
        "recall": "recalled",
        "withdraw": "withdrawn",
        "expire": "expired",
    },
    "delivered": {"acknowledge": "acknowledged", "recall": "recalled"},
    "acknowledged": {"report": "acknowledged", "recall": "recalled"},
    "recalled": {"chase": "recalled", "acknowledge_recall": "recall_acknowledged"},
    "recall_acknowledged": {},
    "expired": {},
    "withdrawn": {},
}
LIVE = ("offered", "delivered", "acknowledged")

STATES = {
    "offered": Text("已发出", "Sent"),
    "delivered": Text("对方已收到", "Received"),
    "acknowledged": Text("对方已确认", "Acknowledged"),
    "recalled": Text("已要求停止使用", "Told to stop using it"),
    "recall_acknowledged": Text("对方已停止使用", "No longer used"),
    "expired": Text("已失效", "Expired"),
    "withdrawn": Text("已撤回,对方未收到", "Withdrawn before it was received"),
}
REASONS = {
    "": Text("", ""),
    "consent": Text("您撤回了授权", "You withdrew your consent"),
    "resident": Text("您撤回了这次推荐", "You withdrew it"),
    "entitlement": Text("相应权益已停止", "The benefit behind it ended"),
    "ground": Text("您目前不再符合推荐条件", "You do not meet its conditions any more"),
    "expired": Text("答复已到期", "The answer has run out"),
}
OUTCOMES = {
    "": Text("尚未告知", "Not told yet"),
    "accepted": Text("已受理", "Accepted"),
    "declined": Text("未受理", "Declined"),
}


def advance(state: str, event: str) -> str:
    """Return the next state. Raises TransitionForbidden (409)."""
    return next_state(TRANSITIONS, kind="referral", state=state, event=event)
