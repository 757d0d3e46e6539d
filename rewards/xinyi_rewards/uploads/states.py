"""The states of an upload: received → checked → wanted → kept, or refused, or discarded by its maker."""

from __future__ import annotations

from xinyi_platform.language import Text
from xinyi_platform.transitions import Transitions, next_state

TRANSITIONS: Transitions = {
    "received": {"check": "checked", "refuse": "refused"},
    "checked": {"want": "wanted", "discard": "discarded"},
    "wanted": {"check": "checked", "keep": "kept", "refuse": "refused"},
    "kept": {},
    "refused": {},
    "discarded": {},
}
WORKING = ("received", "wanted")
NAMES = {
    "received": Text("正在检查", "Being checked"),
    "checked": Text("已检查,待决定", "Checked, for you to decide"),
    "wanted": Text("正在保存", "Being kept"),
    "kept": Text("已保存为草稿", "Kept as a draft"),
    "refused": Text("未能处理", "Refused"),
    "discarded": Text("已放弃", "Discarded"),
}


def advance(state: str, event: str) -> str:
    """Return the next state. Raises TransitionForbidden (409)."""
    return next_state(TRANSITIONS, kind="list_upload", state=state, event=event)
