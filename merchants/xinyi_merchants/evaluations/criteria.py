"""The published criteria of the evaluation, as dated data: parts, weights, vetoes, and what an unknown part does.

Inputs follow the three that cities evaluate (credit, honest operation, community survey); the vetoes are those of
Quanzhou's list. Weights are this city's own policy, so a change is a new version, never an edit: a round keeps the
version that it was opened with.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from xinyi_platform.language import Text

PartKey = Literal["credit", "timeliness", "satisfaction", "inspections", "participation", "survey", "agency"]


class Criteria(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """One version. Everything is in permille; the weights add up to 1000.

    A part of which nothing is known is left out and its weight falls to the others in proportion; where less than
    `least_told` of the weight is told, the result is "cannot tell" and never a no.
    """

    version: str
    since: str
    weights: dict[PartKey, int]
    standings: dict[str, int]
    vetoes: list[str]
    pass_mark: int
    least_told: int
    least_answers: int
    full_redemptions: int
    least_licence_days: int


CRITERIA: dict[str, Criteria] = {
    "2026-1": Criteria(
        version="2026-1",
        since="2026-01-01",
        weights={
            "credit": 300,
            "timeliness": 200,
            "satisfaction": 100,
            "inspections": 100,
            "participation": 50,
            "survey": 150,
            "agency": 100,
        },
        standings={"good": 1_000, "minor": 700, "general": 300, "serious": 0},
        vetoes=["serious_standing", "black_listed", "licence_revoked", "safety_accident", "wages_owed", "abnormal"],
        pass_mark=800,
        least_told=200,
        least_answers=5,
        full_redemptions=100,
        least_licence_days=365,
    ),
}
LATEST = "2026-1"

PARTS: dict[str, Text] = {
    "credit": Text("公共信用状况", "Public credit"),
    "timeliness": Text("投诉按时答复", "Complaints answered in time"),
    "satisfaction": Text("投诉处理满意", "Complainants satisfied"),
    "inspections": Text("检查合格", "Inspections passed"),
    "participation": Text("参与信易+场景", "Part in Xinyi+ scenes"),
    "survey": Text("社区问卷", "Community survey"),
    "agency": Text("第三方评价", "An agency's score"),
}
ADVICE: dict[str, Text] = {
    "credit": Text("同意查询信用,并及时修复失信记录。", "Consent to the credit check, and have records repaired."),
    "timeliness": Text("在期限内答复每一件投诉。", "Answer every complaint within its term."),
    "satisfaction": Text("让投诉人对处理结果满意。", "Settle complaints so that consumers are satisfied."),
    "inspections": Text("整改检查发现的问题。", "Put right what inspections found."),
    "participation": Text("参加信易+场景并核销权益。", "Join Xinyi+ scenes and redeem entitlements."),
    "survey": Text("请顾客在问卷期内如实作答。", "Invite customers to answer the survey."),
    "agency": Text("配合第三方机构的现场评价。", "Take part in the agency's visit."),
}
VETOES: dict[str, Text] = {
    "serious_standing": Text("严重失信", "Serious dishonesty"),
    "black_listed": Text("被列入黑名单", "On a black list"),
    "licence_revoked": Text("许可被吊销", "Licence revoked"),
    "safety_accident": Text("发生一般及以上安全事故", "A general or graver safety accident"),
    "wages_owed": Text("拖欠工资三个月以上", "Wages owed for three months"),
    "abnormal": Text("被列入经营异常名录", "Listed as abnormal"),
}
_STANDINGS: dict[str, Text] = {
    "good": Text("良好", "good"),
    "minor": Text("轻微失信", "minor dishonesty"),
    "general": Text("一般失信", "general dishonesty"),
    "serious": Text("严重失信", "serious dishonesty"),
    "cannot_tell": Text("无法得知", "cannot be told"),
    "none": Text("没有记录", "nothing on record"),
    "scored": Text("第三方已评分", "scored by the agency"),
}


def reason_text(reason: str) -> Text:
    """Return a part's reason in words: a standing, a share as it is, or how many answered the survey."""
    word, _, numbers = reason.partition(":")
    if word == "answers":
        return Text(f"{numbers}份问卷", f"{numbers} answers")
    if word == "too_few":
        count, least = numbers.split("/")
        return Text(f"{count}份问卷,不足{least}份", f"{count} answers, fewer than {least}")
    return _STANDINGS.get(reason, Text(reason, reason))
