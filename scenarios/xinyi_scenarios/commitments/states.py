"""The states of a commitment and of its papers, as tables.

signed → fulfilled | broken → repaired | withdrawn. `grant`, `extend` and `paper` act on a promise that goes on; they
are edges to the same state.
"""

from __future__ import annotations

from xinyi_platform.language import Text
from xinyi_platform.transitions import Transitions, next_state

TRANSITIONS: Transitions = {
    "signed": {
        "grant": "signed",
        "extend": "signed",
        "paper": "signed",
        "fulfil": "fulfilled",
        "break": "broken",
        "withdraw": "withdrawn",
    },
    "broken": {"paper": "broken", "repair": "repaired"},
    "fulfilled": {},
    "repaired": {},
    "withdrawn": {},
}
PAPERS: Transitions = {
    "open": {"hand_in": "handed_in"},
    "handed_in": {"confirm": "confirmed", "refuse": "refused"},
    "refused": {"hand_in": "handed_in"},
    "confirmed": {},
}

OPEN = ("signed", "broken")
KEPT = ("fulfilled", "repaired")
MISSING = ("open", "refused")

STATES = {
    "signed": Text("履行中", "Running"),
    "fulfilled": Text("已履行", "Kept"),
    "broken": Text("已逾期", "Broken"),
    "repaired": Text("已修复", "Made good"),
    "withdrawn": Text("已撤回", "Withdrawn"),
}
PAPER_STATES = {
    "open": Text("待补交", "To be handed in"),
    "handed_in": Text("已提交,待确认", "Handed in, to be confirmed"),
    "confirmed": Text("已确认", "Confirmed"),
    "refused": Text("被退回", "Sent back"),
}
STEPS = {
    "sign": Text("签署承诺", "Signed"),
    "grant": Text("先行办理", "Granted on the promise"),
    "hand_in": Text("提交材料", "A paper was handed in"),
    "confirm": Text("材料已确认", "A paper was confirmed"),
    "refuse": Text("材料被退回", "A paper was sent back"),
    "extend": Text("期限已延长", "The due date was moved"),
    "fulfil": Text("承诺已履行", "The promise was kept"),
    "break": Text("逾期未补齐", "The due date passed"),
    "repair": Text("已补齐,完成修复", "Made good"),
    "withdraw": Text("撤回承诺", "Withdrawn"),
    "remind": Text("到期提醒", "Reminder"),
}


def advance(state: str, event: str) -> str:
    """Return a commitment's next state. Raises TransitionForbidden (409)."""
    return next_state(TRANSITIONS, kind="commitment", state=state, event=event)


def advance_paper(state: str, event: str) -> str:
    """Return a paper's next state. Raises TransitionForbidden (409)."""
    return next_state(PAPERS, kind="commitment_paper", state=state, event=event)
