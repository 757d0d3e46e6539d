"""What each act on a pass leaves: a line on the trail, and news to the resident and the scene's offices."""

from __future__ import annotations

from datetime import datetime

from xinyi_platform import audit, outbox
from xinyi_platform.identity import partners_with
from xinyi_platform.language import Text
from xinyi_platform.notices import News, NoticeKind, notify
from xinyi_scenarios.manifests.offices import scene_scope
from xinyi_scenarios.passes.models import CounterPass

SCOPE = "passes"
CALLED = NoticeKind("pass.called")
OVERDUE = NoticeKind("pass.overdue", about_loss=True)


async def tell(row: CounterPass, event: str, *, actor: str, at: datetime) -> None:
    """Write what happened, in the caller's transaction."""
    detail = {"scenario": row.scenario, "counter": row.counter, "day": row.day.isoformat(), "number": row.number}
    await audit.record(
        f"counter_pass.{event}", actor=actor, object_kind="counter_pass", object_id=row.id, detail=detail, at=at
    )
    offices = await partners_with(SCOPE, scene_scope(row.scenario))
    news = {"pass": str(row.id), "state": row.state, **detail}
    for audience in (f"resident:{row.resident_id}", *(f"partner:{office.id}" for office in offices)):
        await outbox.emit(f"counter_pass.{event}", news, audience=audience, at=at)
    piece = _news_of(row, event)
    if piece:
        await notify(piece, at=at)


def _news_of(row: CounterPass, event: str) -> News | None:
    link = f"/app/passes/{row.id}"
    if event == "call":
        return News(
            resident_id=row.resident_id, kind=CALLED, dedupe=f"pass:{row.id}:called", link=link,
            title=Text(f"请{row.number}号到窗口", f"Number {row.number}, please come to the counter"),
            body=Text("窗口已叫到您的号,请出示号码办理。", "Your number was called; show it at the counter."),
        )  # fmt: skip
    if event == "lapse":
        return News(
            resident_id=row.resident_id, kind=OVERDUE, dedupe=f"pass:{row.id}:overdue", link=link,
            title=Text("有一笔后付费用已逾期", "Something you pay later is overdue"),
            body=Text(
                "请尽快付清;付清前不能再领取免押和后付类权益。",
                "Pay it soon; until then nothing without deposit or paid later can be claimed.",
            ),
        )  # fmt: skip
    return None
