"""What happened to a shop's listings lately, for the portal's home: what, on which day, and what can be done."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from xinyi_platform.clock import local_date
from xinyi_platform.language import Text
from xinyi_rewards.honor_lists.kinds import kind_of
from xinyi_rewards.honor_lists.models import HonorEntry, HonorList
from xinyi_rewards.honor_lists.reading import entries_about_merchant

NEWS_FOR = timedelta(days=30)
MOST_SHOWN = 5
_NOTICED = Text(
    "拟列入“{zh}”({unit_zh}),{day}公布;现在即可查看并提出异议",
    "To be listed on “{en}” ({unit_en}), public on {day}; read it and object to it now",
)
_PUBLISHED = Text("已列入“{zh}”({unit_zh})", "Listed on “{en}” ({unit_en})")
_SUSPENDED = Text("对“{zh}”的异议处理中,暂停展示", "Your objection to “{en}” is looked into; it is not shown")
_ENDED = Text("“{zh}”的列入已结束,公示和相应措施同时解除", "No longer on “{en}”; what hung on it has ended too")


@dataclass(frozen=True, slots=True)
class ShopNews:
    """One thing that happened to a listing, and when."""

    text: Text
    at: datetime


async def news_of(merchant_id: UUID, *, at: datetime) -> tuple[list[ShopNews], list[HonorEntry]]:
    """Return the last month's news of a shop's listings, the newest first, and its listings."""
    entries = await entries_about_merchant(merchant_id)
    lists = await HonorList.filter(id__in={entry.honor_list_id for entry in entries})
    decided = {row.id: row.decided_at for row in lists}
    return newest(entries, decided, since=at - NEWS_FOR), entries


def newest(
    entries: Sequence[HonorEntry], decided: Mapping[UUID, datetime | None], *, since: datetime
) -> list[ShopNews]:
    """Return the news since an instant. Pure. `decided`: when each list was approved, the first day of its notice."""
    found = [news for entry in entries for news in _of_entry(entry, decided.get(entry.honor_list_id))]
    return sorted((news for news in found if news.at >= since), key=lambda news: news.at, reverse=True)[:MOST_SHOWN]


def _of_entry(entry: HonorEntry, decided_at: datetime | None) -> Iterable[ShopNews]:
    kind = kind_of(entry.kind)
    names: dict[str, str | date] = {
        "zh": kind.name.zh, "en": kind.name.en, "unit_zh": kind.unit.zh, "unit_en": kind.unit.en
    }  # fmt: skip
    if decided_at and entry.publish_at and entry.publish_at > decided_at:
        yield ShopNews(_NOTICED.format(**names, day=local_date(entry.publish_at)), decided_at)
    if entry.published_at:
        yield ShopNews((_SUSPENDED if entry.display_suspended else _PUBLISHED).format(**names), entry.published_at)
    if entry.ended_at:
        yield ShopNews(_ENDED.format(**names), entry.ended_at)
