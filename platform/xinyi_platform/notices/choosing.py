"""By what ways a resident wants to be told; the app's own list is always kept."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from xinyi_platform import audit
from xinyi_platform.database import transaction
from xinyi_platform.notices.models import NoticeChoice
from xinyi_platform.schemas import Answer


class Choices(Answer, kw_only=True, frozen=True):
    """SMS for what would make her lose something, and SMS for the rest."""

    sms_losses: bool = True
    sms_news: bool = False

    def wants_sms(self, *, about_loss: bool) -> bool:
        return self.sms_losses if about_loss else self.sms_news


async def choices_of(resident_ids: Iterable[UUID]) -> dict[UUID, Choices]:
    """Return what residents chose; who never chose has the defaults."""
    ids = list(resident_ids)
    rows = await NoticeChoice.filter(resident_id__in=ids).values_list("resident_id", "sms_losses", "sms_news")
    chosen = {row[0]: Choices(sms_losses=bool(row[1]), sms_news=bool(row[2])) for row in rows}
    return {resident_id: chosen.get(resident_id, Choices()) for resident_id in ids}


async def choose(resident_id: UUID, choices: Choices, *, at: datetime) -> Choices:
    """Keep what a resident chose. What was written before keeps its way out unless that is now off."""
    async with transaction():
        await NoticeChoice.update_or_create(
            defaults={"sms_losses": choices.sms_losses, "sms_news": choices.sms_news, "changed_at": at},
            resident_id=resident_id,
        )
        await audit.record(
            "notices.choose",
            actor=f"resident:{resident_id}",
            object_kind="resident",
            object_id=resident_id,
            detail={"sms_losses": choices.sms_losses, "sms_news": choices.sms_news},
            at=at,
        )
    return choices
