"""The states of a complaint, and who may take which step."""

from __future__ import annotations

from xinyi_platform.language import Text
from xinyi_platform.principals import Role
from xinyi_platform.transitions import Transitions

STATES: dict[str, Text] = {
    "submitted": Text("待受理", "Submitted"),
    "accepted": Text("已受理", "Accepted"),
    "waiting_merchant": Text("等待商户答复", "Waiting for the merchant"),
    "waiting_consumer": Text("等待消费者补充", "Waiting for the consumer"),
    "mediation": Text("调解中", "In mediation"),
    "resolved": Text("已答复,待确认", "Answered, to be confirmed"),
    "reopened": Text("已重新打开", "Reopened"),
    "confirmed": Text("已办结", "Confirmed"),
    "closed_unresolved": Text("未达成一致,已终止", "Closed unresolved"),
    "rejected": Text("不予受理", "Rejected"),
    "withdrawn": Text("已撤回", "Withdrawn"),
}

EVENTS: dict[str, Text] = {
    "submit": Text("提交投诉", "Submitted"),
    "accept": Text("受理", "Accept"),
    "forward": Text("转交商户", "Pass to the merchant"),
    "reject": Text("不予受理", "Reject"),
    "answer": Text("商户答复", "Answer"),
    "ask": Text("请消费者补充", "Ask the consumer"),
    "reply": Text("消费者补充", "Reply"),
    "resume": Text("消费者逾期未补充,恢复计时", "No reply: the clock runs again"),
    "mediate": Text("开始调解", "Mediate"),
    "resolve": Text("达成一致", "Resolve"),
    "close": Text("终止", "Close unresolved"),
    "hand_over": Text("移交12315", "Hand over to 12315"),
    "confirm": Text("确认已解决", "Confirm"),
    "conclude": Text("回访后办结", "Close after a follow-up"),
    "lapse": Text("逾期未确认,自动办结", "Confirmed by time"),
    "reopen": Text("重新打开", "Reopen"),
    "withdraw": Text("撤回", "Withdraw"),
}

MARKS: dict[str, Text] = {
    "escalate": Text("逾期未处理,已提醒社区", "Overdue: raised with the community"),
    "note": Text("内部备注", "Internal note"),
    "export": Text("已导出材料包", "Exported as a package"),
    "publish": Text("申请公开答复", "Asked to publish an answer"),
    "show": Text("答复已在公示页公开", "Answer published"),
    "keep_back": Text("答复未获公开", "Answer not published"),
    "mark": Text("提请认定为恶意投诉", "Proposed as malicious"),
    "uphold": Text("认定为恶意投诉", "Found malicious"),
    "refuse": Text("未认定为恶意投诉", "Not found malicious"),
    "appeal": Text("申诉", "Appealed"),
    "keep": Text("申诉未成立,维持认定", "Appeal dismissed"),
    "lift": Text("申诉成立,撤销认定", "Appeal upheld"),
}
"""What stands in a timeline and moves nothing."""

KINDS: dict[str, Text] = {"complaint": Text("投诉", "Complaint"), "report": Text("举报", "Report")}
"""A complaint asks for something from the shop; a report tells the authority, and its sender is never shown."""

TABLE: Transitions = {
    "submitted": {"accept": "accepted", "reject": "rejected", "withdraw": "withdrawn"},
    "accepted": {
        "forward": "waiting_merchant",
        "mediate": "mediation",
        "resolve": "resolved",
        "close": "closed_unresolved",
        "hand_over": "closed_unresolved",
        "withdraw": "withdrawn",
    },
    "waiting_merchant": {
        "answer": "resolved",
        "ask": "waiting_consumer",
        "mediate": "mediation",
        "close": "closed_unresolved",
        "hand_over": "closed_unresolved",
        "withdraw": "withdrawn",
    },
    "waiting_consumer": {
        "reply": "waiting_merchant",
        "resume": "waiting_merchant",
        "mediate": "mediation",
        "close": "closed_unresolved",
        "hand_over": "closed_unresolved",
        "withdraw": "withdrawn",
    },
    "mediation": {
        "resolve": "resolved",
        "close": "closed_unresolved",
        "hand_over": "closed_unresolved",
        "withdraw": "withdrawn",
    },
    "resolved": {"confirm": "confirmed", "conclude": "confirmed", "lapse": "confirmed", "reopen": "reopened"},
    "reopened": {
        "forward": "waiting_merchant",
        "mediate": "mediation",
        "close": "closed_unresolved",
        "hand_over": "closed_unresolved",
        "withdraw": "withdrawn",
    },
    "confirmed": {},
    "closed_unresolved": {},
    "rejected": {},
    "withdrawn": {},
}

ACTS: dict[str, frozenset[str]] = {
    "resident": frozenset({"confirm", "reopen", "withdraw", "reply"}),
    "operator": frozenset({"answer", "ask"}),
    "staff": frozenset({"accept", "forward", "reject", "mediate", "resolve", "close", "hand_over", "conclude"}),
    "system": frozenset({"lapse", "resume"}),
}
NEEDS_TEXT = frozenset({"answer", "ask", "reply", "reject", "resolve", "close", "hand_over", "conclude", "reopen"})
ASKS_SATISFACTION = frozenset({"confirm", "conclude"})
"""With these the consumer may say whether she is satisfied, or staff what she said on the phone."""
STAFF_ROLES = [Role.COMMUNITY_WORKER, Role.MEDIATOR]
OPEN = frozenset(state for state, edges in TABLE.items() if edges)

CATEGORIES: dict[str, Text] = {
    "quality": Text("商品质量", "Quality of goods"),
    "service": Text("服务态度与质量", "Service"),
    "price": Text("价格与收费", "Prices and charges"),
    "advertising": Text("虚假宣传", "False advertising"),
    "after_sales": Text("退换与售后", "Returns and after-sales"),
    "hygiene": Text("卫生与安全", "Hygiene and safety"),
    "sticker": Text("贴纸或信用信息不符", "Sticker or award is not right"),
    "other": Text("其他", "Something else"),
}

MOST_REOPENS = 2
"""As in the policy table; also a constraint of the database."""


def acts_of(kind: str, state: str, *, reopened: int = 0) -> list[str]:
    """Return what a kind of caller may do in a state, in the table's order."""
    return [
        event for event in TABLE[state] if event in ACTS[kind] and not (event == "reopen" and reopened >= MOST_REOPENS)
    ]
