"""Tell a consumer in her app what became of her complaint, and until when she may do what."""

from __future__ import annotations

from datetime import datetime

from xinyi_merchants.complaints.deadlines import confirm_by, due_on
from xinyi_merchants.complaints.models import Complaint, ComplaintMark
from xinyi_platform.language import Text
from xinyi_platform.notices import News, NoticeKind, notify

MOVED = NoticeKind("complaint.moved")
WAITS = NoticeKind("complaint.waits_for_you", about_loss=True)
MARKED = NoticeKind("complaint.marked", about_loss=True)
_TITLES: dict[str, Text] = {
    "accept": Text("您的投诉已受理", "Your complaint was accepted"),
    "reject": Text("您的投诉未被受理", "Your complaint was not accepted"),
    "ask": Text("请补充投诉材料", "You are asked about your complaint"),
    "answer": Text("您的投诉已有答复,请确认", "Your complaint was answered; please confirm"),
    "resolve": Text("您的投诉已达成一致,请确认", "Your complaint was settled; please confirm"),
    "close": Text("您的投诉已终止", "Your complaint was closed"),
    "hand_over": Text("您的投诉已移交12315", "Your complaint was handed over to 12315"),
    "conclude": Text("您的投诉已办结", "Your complaint was closed after a follow-up"),
    "lapse": Text("您的投诉已办结", "Your complaint was closed"),
}
_WAITING = frozenset({"ask", "answer", "resolve"})


async def tell_step(complaint: Complaint, event: str, text: str, *, at: datetime) -> None:
    """Joins the step's transaction. A visitor is told nothing: she follows it by number and phone."""
    title = _TITLES.get(event)
    if title is None or complaint.resident_id is None:
        return
    body = [Text(f"投诉编号{complaint.number}。", f"Complaint number {complaint.number}.")]
    if text:
        body.append(Text(f"内容:{text}", f"What was said: {text}"))
    if complaint.official_number:
        number = complaint.official_number
        body.append(Text(f"12315登记编号:{number}。", f"Its number at 12315 is {number}."))
    last = confirm_by(complaint.resolved_at) if event != "ask" and complaint.resolved_at else due_on(complaint)
    if event in _WAITING and last:
        body.append(Text(f"请在{last.isoformat()}前办理。", f"Please act by {last.isoformat()}."))
    news = News(
        resident_id=complaint.resident_id,
        kind=WAITS if event in _WAITING else MOVED,
        dedupe=f"complaint:{complaint.id}:{event}:{at.isoformat()}",
        title=title,
        body=Text("\n".join(part.zh for part in body), "\n".join(part.en for part in body)),
        link=f"/app/complaints/{complaint.id}",
    )
    await notify(news, at=at)


async def tell_mark(complaint: Complaint, mark: ComplaintMark, *, at: datetime) -> None:
    """Tell the complainant what was decided about her complaint, why, and how to appeal. Joins the transaction."""
    if complaint.resident_id is None or mark.state not in ("upheld", "kept", "lifted"):
        return
    if mark.state == "upheld":
        title = Text("对您一件投诉的认定", "A finding about one of your complaints")
        body = Text(
            f"投诉{complaint.number}被认定为恶意投诉,理由:{mark.decision_reason}\n"
            f"怎么办:在{mark.appeal_by}前可在投诉页面申诉,由未参与此前认定的人员裁定;申诉期间认定不生效。",
            f"Complaint {complaint.number} was found malicious because: {mark.decision_reason}\n"
            f"What helps: appeal on its page by {mark.appeal_by}; somebody who took no part decides, and the finding "
            "has no effect meanwhile.",
        )
    else:
        title = Text("您的申诉已裁定", "Your appeal was decided")
        kept, lifted = Text("维持认定", "the finding stands"), Text("撤销认定", "the finding is lifted")
        result = kept if mark.state == "kept" else lifted
        body = Text(
            f"结果:{result.zh}。理由:{mark.judgement_reason}", f"Result: {result.en}. Why: {mark.judgement_reason}"
        )
    news = News(
        resident_id=complaint.resident_id,
        kind=MARKED,
        dedupe=f"complaint:{complaint.id}:mark:{mark.state}",
        title=title,
        body=body,
        link=f"/app/complaints/{complaint.id}",
    )
    await notify(news, at=at)
