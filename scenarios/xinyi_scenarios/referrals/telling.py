"""What each act on a referral leaves: a line on the trail, news to her, and signed news to the receiver."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from xinyi_platform import audit, outbox
from xinyi_platform.language import Text
from xinyi_platform.notices import News, NoticeKind, notify
from xinyi_platform.outbox import OutboxEvent, outbox_row
from xinyi_scenarios.referrals.models import Referral

_TOLD = {
    "acknowledge": Text("您选择的机构已收到答复", "The receiver that you chose has your answer"),
    "report": Text("您选择的机构告知了办理结果", "The receiver that you chose has told its outcome"),
    "recall": Text("已要求您选择的机构停止使用答复", "The receiver was told to stop using your answer"),
    "acknowledge_recall": Text("您选择的机构已停止使用答复", "The receiver no longer uses your answer"),
}


async def tell(row: Referral, event: str, *, actor: str, at: datetime) -> None:
    """Write what happened, in the caller's transaction."""
    await audit.record(
        f"referral.{event}",
        actor=actor,
        object_kind="referral",
        object_id=row.id,
        detail={"scenario": row.scenario, "partner": str(row.partner_id), "state": row.state},
        at=at,
    )
    news = {"referral": str(row.id), "scenario": row.scenario, "state": row.state}
    await outbox.emit(f"referral.{event}", news, audience=f"resident:{row.resident_id}", at=at)
    if event in _TOLD:
        await notify(_news(row, event), at=at)


def _news(row: Referral, event: str) -> News:
    return News(
        resident_id=row.resident_id,
        kind=NoticeKind(f"referral.{event}"),
        dedupe=f"referral:{row.id}:{event}",
        title=_TOLD[event],
        body=Text("点开查看谁在何时得到了什么。", "Open it to see who got what, and when."),
        link=f"/app/referrals/{row.id}",
    )


async def send_to_receiver(topic: str, row: Referral, signed: dict[str, str], *, at: datetime) -> UUID:
    """Put what was signed into the receiver's outbox, in the caller's transaction; returns the event's id."""
    payload = {"referral": str(row.id), **signed}
    event = outbox_row(topic, payload, audience=audience_of(row.partner_id), at=at)
    await OutboxEvent.create(**event)
    event_id: UUID = event["id"]
    return event_id


def audience_of(partner_id: UUID) -> str:
    return f"partner:{partner_id}"
