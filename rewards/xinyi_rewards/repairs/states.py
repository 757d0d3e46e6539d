"""The states of a repair request and of a deferral, as tables; nothing leaves an end state.

A subject may have applied at 信用中国 herself: what the bureau tells as granted closes her request here in any step.
"""

from __future__ import annotations

from xinyi_platform.language import Text
from xinyi_platform.principals import Role
from xinyi_platform.transitions import Transitions, next_state

REQUEST: Transitions = {
    "filed": {
        "pass_on": "passed_on",
        "send_back": "sent_back",
        "grant": "granted",
        "withdraw": "withdrawn",
        "lapse": "lapsed",
    },
    "sent_back": {"file": "filed", "grant": "granted", "withdraw": "withdrawn", "lapse": "lapsed"},
    "passed_on": {
        "extend": "passed_on",
        "grant": "granted",
        "refuse": "refused",
        "withdraw": "withdrawn",
        "lapse": "lapsed",
    },
    "granted": {},
    "refused": {},
    "withdrawn": {},
    "lapsed": {},
}
DEFERRAL: Transitions = {
    "asked": {"accept": "accepted", "refuse": "refused", "lapse": "lapsed"},
    "accepted": {"keep": "kept", "break": "broken", "lapse": "lapsed"},
    "refused": {},
    "kept": {},
    "broken": {},
    "lapsed": {},
}
OPEN = ("filed", "sent_back", "passed_on")
WAITING = ("asked", "accepted")
NAMES: dict[str, Text] = {
    "filed": Text("已提交,待报送", "Filed, to be passed on"),
    "sent_back": Text("已退回,请补正", "Sent back, please complete it"),
    "passed_on": Text("已报送“信用中国”,待认定单位决定", "Passed on to Credit China; the determining unit decides"),
    "granted": Text("已修复", "Repaired"),
    "refused": Text("不予修复", "Not repaired"),
    "withdrawn": Text("已撤回", "Withdrawn"),
    "lapsed": Text("公示已先行结束", "The listing ended by itself"),
    "asked": Text("已申请暂缓,待决定", "Deferral asked for"),
    "accepted": Text("已暂缓", "Deferred"),
    "kept": Text("已按期履行,措施不再执行", "Kept in time: the measure is not taken"),
    "broken": Text("逾期未履行,措施已执行", "Not kept: the measure was taken"),
}
HANDLERS = [Role.COMMUNITY_WORKER, Role.REVIEWER, Role.CREDIT_OFFICE]
"""Who helps with filing; what the determining unit decided is entered by the credit office alone."""


def advance_request(state: str, event: str) -> str:
    """Return a request's next state. Raises TransitionForbidden (409)."""
    return next_state(REQUEST, kind="repair_request", state=state, event=event)


def advance_deferral(state: str, event: str) -> str:
    """Return a deferral's next state. Raises TransitionForbidden (409)."""
    return next_state(DEFERRAL, kind="measure_deferral", state=state, event=event)
