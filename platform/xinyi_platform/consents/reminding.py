"""Remind a resident before a consent of hers runs out, so that what rests on it does not stop unnoticed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from xinyi_platform.consents.models import Consent
from xinyi_platform.consents.purposes import PURPOSES
from xinyi_platform.language import Text
from xinyi_platform.notices import News, NoticeKind, Reminder, remind
from xinyi_platform.web.formatting import local_date

EXPIRING = NoticeKind("consent.expiring")
DAYS_BEFORE = (14, 1)


async def remind_of_consents(now: datetime) -> int:
    """Tell whose consent ends in fourteen days, or tomorrow. Returns how many were told."""
    return sum([await remind(_reminder(days), at=now) for days in DAYS_BEFORE])


def _reminder(days: int) -> Reminder:
    async def find(after: datetime, until: datetime) -> Sequence[News]:
        ending = Consent.filter(slot="live", expires_at__gt=after, expires_at__lte=until).order_by("expires_at")
        return [_news(consent, days) for consent in await ending if consent.purpose in PURPOSES]

    return Reminder(name=f"consents.{days}d", ahead=timedelta(days=days), find=find)


def _news(consent: Consent, days: int) -> News:
    title, ends = PURPOSES[consent.purpose].title, consent.expires_at
    return News(
        resident_id=consent.resident_id,
        kind=EXPIRING,
        dedupe=f"consent:{consent.id}:{days}d",
        title=Text("一项授权即将到期", "A consent of yours is about to end"),
        body=Text(
            f"您的授权“{title.zh}”将于{local_date(ends)}到期。\n到期后平台不再查询,已领取的权益不受影响;需要继续使用请重新授权。",
            f"Your consent “{title.en}” ends on {local_date(ends, 'en')}.\nFrom then on nothing is read under it; what "
            "you hold stays yours. To go on, give it again.",
        ),
        link=f"/app/consents/{consent.purpose}/grant",
    )
