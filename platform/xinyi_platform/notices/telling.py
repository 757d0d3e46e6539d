"""Tell residents news, in the transaction of the act that makes it: it is told exactly when the act stands.

The app's own list is the notice itself. What also goes by SMS gets a delivery row at once; a partner with the scope
`notices` (the vendor of the city's app, say) hears by the outbox that there is something, never what it says.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from xinyi_platform.clock import SHANGHAI
from xinyi_platform.database import transaction
from xinyi_platform.database.bulk import bulk_insert
from xinyi_platform.identity import partners_with_scope
from xinyi_platform.ids import new_id
from xinyi_platform.language import Text
from xinyi_platform.notices.choosing import choices_of
from xinyi_platform.notices.models import Notice, NoticeDelivery
from xinyi_platform.outbox import OutboxEvent, outbox_row

SCOPE = "notices"
TOPIC = "notice.created"
# Nobody is woken by an SMS: what falls into the night goes out in the morning.
SMS_FROM_HOUR, SMS_TO_HOUR = 8, 21


@dataclass(frozen=True, slots=True)
class NoticeKind:
    """A kind of news. `about_loss`: untold, she could lose something by it; this goes by SMS unless she says no."""

    code: str
    about_loss: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """One piece of news for one resident.

    `dedupe` names it within her notices: a second one of that name is not told. `link` is a page below /app, or
    empty. The title may stand on a locked phone: nothing about her credit belongs into it.
    """

    resident_id: UUID
    kind: NoticeKind
    dedupe: str
    title: Text
    body: Text
    link: str = ""

    def __post_init__(self) -> None:
        if self.link and not self.link.startswith("/app"):
            raise ValueError(f"a notice leads to a page of the app, not to {self.link}")


async def notify(news: News, *, at: datetime) -> bool:
    """Tell one resident; False where she was told before. Joins the caller's transaction."""
    return bool(await notify_many([news], at=at))


async def notify_many(news: Sequence[News], *, at: datetime) -> int:
    """Tell many residents by a number of statements that does not grow with them; returns how many were told anew.

    Joins the caller's transaction. Safe to repeat: what was told before is left out.
    """
    rows = [_notice_row(piece, at) for piece in news]
    async with transaction():
        inserted = await bulk_insert(Notice, rows, skip_conflicts=True)
        told = [row for row in rows if row["id"] in inserted]
        if told:
            await bulk_insert(NoticeDelivery, await _deliveries(told, at))
            await bulk_insert(OutboxEvent, await _events(told, at))
    return len(told)


def _notice_row(news: News, at: datetime) -> dict[str, Any]:
    return {
        "id": new_id(),
        "resident_id": news.resident_id,
        "kind": news.kind.code,
        "about_loss": news.kind.about_loss,
        "dedupe": news.dedupe,
        "title_zh": news.title.zh,
        "title_en": news.title.en,
        "body_zh": news.body.zh,
        "body_en": news.body.en,
        "link": news.link,
        "created_at": at,
    }


async def _deliveries(told: Sequence[Mapping[str, Any]], at: datetime) -> list[dict[str, Any]]:
    choices = await choices_of({row["resident_id"] for row in told})
    return [
        {
            "id": new_id(),
            "notice_id": row["id"],
            "channel": "sms",
            "state": "due",
            "attempts": 0,
            "next_at": waking_hour(at),
        }
        for row in told
        if choices[row["resident_id"]].wants_sms(about_loss=row["about_loss"])
    ]


async def _events(told: Sequence[Mapping[str, Any]], at: datetime) -> list[dict[str, Any]]:
    partners = [f"partner:{partner_id}" for partner_id in await partners_with_scope(SCOPE)]
    return [
        outbox_row(TOPIC, {"notice": str(row["id"]), "resident": str(row["resident_id"])}, audience=audience, at=at)
        for row in told
        for audience in (f"resident:{row['resident_id']}", *partners)
    ]


def waking_hour(at: datetime) -> datetime:
    """Return the instant itself between 8 and 21 o'clock in the city, else the next morning at eight."""
    local = at.astimezone(SHANGHAI)
    if SMS_FROM_HOUR <= local.hour < SMS_TO_HOUR:
        return at
    morning = local.replace(hour=SMS_FROM_HOUR, minute=0, second=0, microsecond=0)
    if local.hour >= SMS_TO_HOUR:
        morning += timedelta(days=1)
    return morning.astimezone(at.tzinfo)
