"""The states of a training session and of a request for agency, as tables; nothing leaves an end state."""

from __future__ import annotations

from xinyi_platform.language import Text
from xinyi_platform.transitions import Transitions, next_state

TRAINING: Transitions = {"planned": {"cancel": "cancelled"}, "cancelled": {}}
AGENCY: Transitions = {
    "asked": {"take": "taken", "withdraw": "withdrawn", "lapse": "lapsed"},
    "taken": {
        "propose": "taken",
        "take_over": "taken",
        "prepare": "prepared",
        "close": "closed",
        "withdraw": "withdrawn",
        "lapse": "lapsed",
    },
    "prepared": {
        "propose": "prepared",
        "take_over": "prepared",
        "prepare": "prepared",
        "return": "taken",
        "confirm": "filed",
        "close": "closed",
        "withdraw": "withdrawn",
        "lapse": "lapsed",
    },
    "filed": {},
    "closed": {},
    "withdrawn": {},
    "lapsed": {},
}
OPEN = ("asked", "taken", "prepared")
HELPED = ("noticed", "published")
"""The states of an entry in which its subject can book help: from the first day of notice until it is over."""
NAMES: dict[str, Text] = {
    "planned": Text("预约中", "Open"),
    "cancelled": Text("已取消", "Cancelled"),
    "asked": Text("已申请,待答复", "Asked for, to be answered"),
    "taken": Text("已受理,材料准备中", "Taken on; the papers are being prepared"),
    "prepared": Text("材料已备好,待本人确认", "Prepared; the subject confirms it"),
    "filed": Text("本人已确认,修复申请已提交", "Confirmed by the subject; the repair is filed"),
    "closed": Text("已办结,未提交", "Closed without filing"),
    "withdrawn": Text("已撤回", "Withdrawn"),
    "lapsed": Text("公示已先行结束", "The listing ended by itself"),
}


def advance_training(state: str, event: str) -> str:
    """Return a session's next state. Raises TransitionForbidden (409)."""
    return next_state(TRAINING, kind="training_session", state=state, event=event)


def advance_agency(state: str, event: str) -> str:
    """Return a request's next state. Raises TransitionForbidden (409)."""
    return next_state(AGENCY, kind="agency_request", state=state, event=event)
