"""What happened to a shop's listings lately, for the portal's home: what, on which day, and what can be done."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from xinyi_platform.clock import local_date
from xinyi_platform.language import Text
from xinyi_rewards.honor_lists.endings import reason_of_end
from xinyi_rewards.honor_lists.kinds import kind_of
from xinyi_rewards.honor_lists.models import HonorEntry, HonorList, Objection
from xinyi_rewards.honor_lists.reading import entries_about_merchant, newest_objections

NEWS_FOR = timedelta(days=30)
MOST_SHOWN = 5
_NOTICED = Text(
    "拟列入“{zh}”({unit_zh}),{day}公布;现在即可查看并提出异议",
    "To be listed on “{en}” ({unit_en}), public on {day}; read it and object to it now",
)
_PUBLISHED = Text("已列入“{zh}”({unit_zh})", "Listed on “{en}” ({unit_en})")
_SUSPENDED = Text("“{zh}”暂停展示,核查中", "“{en}” is on hold while it is looked into")
_DECIDED = {
    "upheld": Text("对“{zh}”的异议成立", "Your objection to “{en}” was upheld"),
    "dismissed": Text("对“{zh}”的异议不成立", "Your objection to “{en}” was dismissed"),
}
_ENDED = Text(
    "“{zh}”的列入已结束,公示和相应措施同时解除。原因:{why_zh}",
    "No longer on “{en}”; what hung on it has ended too. Why: {why_en}",
)


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
    objections = await newest_objections(entries)
    return newest(entries, decided, objections, since=at - NEWS_FOR), entries


def newest(
    entries: Sequence[HonorEntry],
    decided: Mapping[UUID, datetime | None],
    objections: Mapping[UUID, Objection],
    *,
    since: datetime,
) -> list[ShopNews]:
    """Return the news since an instant. Pure. `decided`: when each list was approved, the first day of its notice.

    `objections`: the newest one to each entry that has one.
    """
    found = [
        news
        for entry in entries
        for news in _of_entry(entry, decided.get(entry.honor_list_id), objections.get(entry.id))
    ]
    return sorted((news for news in found if news.at >= since), key=lambda news: news.at, reverse=True)[:MOST_SHOWN]


def _of_entry(entry: HonorEntry, decided_at: datetime | None, objection: Objection | None) -> Iterable[ShopNews]:
    kind, why = kind_of(entry.kind), reason_of_end(entry.end_reason)
    names: dict[str, str | date] = {
        "zh": kind.name.zh, "en": kind.name.en, "unit_zh": kind.unit.zh, "unit_en": kind.unit.en
    }  # fmt: skip
    if decided_at and entry.publish_at and entry.publish_at > decided_at:
        yield ShopNews(_NOTICED.format(**names, day=local_date(entry.publish_at)), decided_at)
    if entry.published_at:
        yield ShopNews((_SUSPENDED if entry.display_suspended else _PUBLISHED).format(**names), entry.published_at)
    if objection and objection.decided_at:
        yield ShopNews(_DECIDED[objection.state].format(**names), objection.decided_at)
    if entry.ended_at:
        yield ShopNews(_ENDED.format(**names, why_zh=why.zh, why_en=why.en), entry.ended_at)
