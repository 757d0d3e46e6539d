"""What a resident is told of her promise: before it is late, when it is, and when the office has judged a paper."""

from __future__ import annotations

from datetime import datetime

from xinyi_platform.language import Text
from xinyi_platform.notices import News, NoticeKind
from xinyi_platform.web.formatting import local_date
from xinyi_scenarios.commitments.deadlines import repair_day
from xinyi_scenarios.commitments.models import SignedCommitment

_TEXTS: dict[str, tuple[NoticeKind, Text, Text]] = {
    "remind": (
        NoticeKind("commitment.remind", about_loss=True),
        Text("承诺材料即将到期", "Papers that you promised are due soon"),
        Text(
            "请在{day}前补交您承诺的材料。逾期后权益暂停。",
            "Hand in what you promised by {day}. After it the benefit is suspended.",
        ),
    ),
    "refuse": (
        NoticeKind("commitment.refused", about_loss=True),
        Text("一份承诺材料被退回", "A paper that you handed in was sent back"),
        Text("退回理由:{said}。请在{day}前重新提交。", "Why it was sent back: {said}. Hand it in again by {day}."),
    ),
    "break": (
        NoticeKind("commitment.broken", about_loss=True),
        Text("承诺已逾期,可以修复", "Your promise is late; it can be made good"),
        Text(
            "承诺的材料未按期补齐,权益已暂停。在{day}前补齐并经确认后恢复。",
            "What you promised is late and the benefit is suspended. Hand it in by {day} to make it good.",
        ),
    ),
    "extend": (
        NoticeKind("commitment.extended"),
        Text("承诺期限已延长", "The due date of your promise was moved"),
        Text("新的期限是{day}。理由:{said}。", "It is due by {day} now. Why: {said}."),
    ),
    "fulfil": (
        NoticeKind("commitment.kept"),
        Text("承诺已履行", "Your promise was kept"),
        Text("您承诺的材料已全部确认。", "All papers that you promised are confirmed."),
    ),
    "repair": (
        NoticeKind("commitment.repaired"),
        Text("承诺已修复", "Your promise was made good"),
        Text("您承诺的材料已全部确认,已记为修复。", "All papers are confirmed; the promise is made good."),
    ),
}


def news_of(row: SignedCommitment, event: str, *, paper: str, said: str, at: datetime) -> News | None:
    """Return what an event is to her, or None for what she did herself."""
    if event not in _TEXTS:
        return None
    kind, title, body = _TEXTS[event]
    day = row.due_on if row.state == "signed" else row.repair_until or repair_day(row.due_on, row.repair_days)
    filled = Text(body.zh.format(day=local_date(day), said=said), body.en.format(day=local_date(day, "en"), said=said))
    return News(
        resident_id=row.resident_id,
        kind=kind,
        dedupe=f"commitment:{row.id}:{event}:{paper}:{int(at.timestamp())}",
        title=title,
        body=filled,
        link=f"/app/commitments/{row.id}",
    )
