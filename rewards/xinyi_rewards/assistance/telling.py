"""Tell a subject each step of the help that she booked: residents by notices, a shop's systems by the outbox."""

from __future__ import annotations

from datetime import datetime

from xinyi_platform import outbox
from xinyi_platform.language import Text
from xinyi_platform.notices import News, NoticeKind, notify
from xinyi_platform.web.formatting import local_time
from xinyi_rewards.assistance.models import AgencyRequest, TrainingBooking, TrainingSession
from xinyi_rewards.assistance.states import NAMES
from xinyi_rewards.honor_lists.parties import audience_of

STEP = NoticeKind("assistance.step", about_loss=True)
CANCELLED = NoticeKind("assistance.training_cancelled", about_loss=True)
SOON = NoticeKind("assistance.training_soon")
TOLD = frozenset({"take", "take_over", "propose", "prepare", "close"})
"""What staff do; what she does herself, and the end of the listing, she knows otherwise."""
_FREE = Text("全程免费。", "All of it is free of charge.")


async def tell_step(row: AgencyRequest, event: str, *, at: datetime) -> None:
    """Tell one step of a request in its transaction."""
    payload = {"request": str(row.id), "entry": str(row.entry_id), "state": row.state, "event": event}
    await outbox.emit("assistance.agency", payload, audience=audience_of(row), at=at)
    if row.resident_id is None or event not in TOLD:
        return
    name, more = NAMES[row.state], _more(row, event)
    told = News(
        resident_id=row.resident_id,
        kind=STEP,
        dedupe=f"agency:{row.id}:{event}:{at.isoformat()}",
        title=Text("您的一项申请有新进展", "A request of yours has moved on"),
        body=Text(f"{name.zh}。{more.zh}{_FREE.zh}", f"{name.en}. {more.en}{_FREE.en}"),
        link=f"/app/help/{row.entry_id}",
    )
    await notify(told, at=at)


def _more(row: AgencyRequest, event: str) -> Text:
    if event == "close":
        return Text(f"说明:{row.reason}。", f"Note: {row.reason}. ")
    if event == "prepare":
        return Text("请查看说明和材料,确认后才会提交。", "Read statement and papers: it is filed once you confirm it. ")
    if row.appointment_at is not None:
        when, where = local_time(row.appointment_at), row.appointment_place
        return Text(f"建议见面时间:{when},{where}。", f"Proposed appointment: {when}, {where}. ")
    return Text("", "")


async def tell_cancelled(booking: TrainingBooking, training: TrainingSession, reason: str, *, at: datetime) -> None:
    """Tell who holds a place that the session is cancelled; joins the caller's transaction."""
    await _tell_training(
        booking,
        training,
        CANCELLED,
        Text("您预约的一项服务已取消", "Something that you booked is cancelled"),
        Text(f"原因:{reason}。您可改约其他场次。", f"The reason: {reason}. You can book another session."),
        at,
    )


async def tell_soon(booking: TrainingBooking, training: TrainingSession, *, at: datetime) -> None:
    """Remind who holds a place that the session begins soon; joins the caller's transaction."""
    await _tell_training(
        booking,
        training,
        SOON,
        Text("您预约的一项服务即将开始", "Something that you booked begins soon"),
        Text(f"地点:{training.place}。{_FREE.zh}", f"Where: {training.place}. {_FREE.en}"),
        at,
    )


async def _tell_training(
    booking: TrainingBooking, training: TrainingSession, kind: NoticeKind, title: Text, body: Text, at: datetime
) -> None:
    payload = {
        "training": str(training.id),
        "entry": str(booking.entry_id),
        "starts_at": training.starts_at.isoformat(),
    }
    await outbox.emit(kind.code, payload, audience=audience_of(booking), at=at)
    if booking.resident_id is None:
        return
    when = local_time(training.starts_at)
    told = News(
        resident_id=booking.resident_id,
        kind=kind,
        dedupe=f"training:{booking.id}:{kind.code}",
        title=title,
        body=Text(f"{training.title},{when}。{body.zh}", f"{training.title}, {when}. {body.en}"),
        link=f"/app/help/{booking.entry_id}",
    )
    await notify(told, at=at)
