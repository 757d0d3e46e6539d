"""Tell subjects when an entry is noticed, published or over, or an objection decided; judge again what they hold.

A resident gets a notice. A merchant's systems get an event that says which entry, and its people read in the portal.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from xinyi_platform.clock import local_date
from xinyi_platform.database.bulk import bulk_insert
from xinyi_platform.language import Text
from xinyi_platform.notices import News, NoticeKind, notify, notify_many
from xinyi_platform.outbox import OutboxEvent, emit, outbox_row
from xinyi_rewards.honor_lists.endings import reason_of_end
from xinyi_rewards.honor_lists.kinds import kind_of
from xinyi_rewards.honor_lists.models import HonorEntry, Objection
from xinyi_rewards.honor_lists.parties import audience_of
from xinyi_rewards.honor_lists.publishing import EntriesNoticed, EntryEnded, EntryPublished
from xinyi_scenarios.watching.rechecking import recheck_soon

NOTICED = NoticeKind("honor_entry.noticed", about_loss=True)
HONOURED = NoticeKind("honor_entry.published")
LISTED = NoticeKind("honor_entry.listed", about_loss=True)
OVER = NoticeKind("honor_entry.ended", about_loss=True)
DECIDED = NoticeKind("objection.decided", about_loss=True)
RESULTS = {
    "upheld": Text("异议成立,该条目不再公示", "it was upheld, and the entry is no longer published"),
    "dismissed": Text("异议不成立", "it was dismissed"),
}
PAGE = "/app/honors"


async def tell_noticed(news: EntriesNoticed) -> None:
    """Joins the approval's transaction: those concerned can read their entry and object before it is public."""
    kind, day = kind_of(news.kind), local_date(news.publish_at)
    body = Text(
        f"名单:{kind.name.zh},认定单位:{kind.unit.zh},拟于{day}发布。\n怎么办:可在应用内查看内容并提出异议,"
        "异议处理期间不予展示。",
        f"The list: {kind.name.en}, determined by {kind.unit.en}, to be published on {day}.\nWhat helps: read it "
        "in the app and object; nothing is shown while your objection is looked into.",
    )
    told = [
        News(
            resident_id=resident_id,
            kind=NOTICED,
            dedupe=f"honor_entry:{entry_id}:noticed",
            title=Text("一项与您有关的公示将要发布", "Something about you is going to be published"),
            body=body,
            link=PAGE,
        )
        for entry_id, resident_id in news.entries
    ]
    await notify_many(told, at=news.at)
    await _tell_shops("honor_entry.noticed", news, publish_at=news.publish_at)


async def _tell_shops(topic: str, news: EntriesNoticed | EntryPublished | EntryEnded, **times: datetime) -> None:
    payload = {"kind": news.kind, **{name: time.isoformat() for name, time in times.items()}}
    rows = [
        outbox_row(topic, {"entry": str(entry_id), **payload}, audience=f"merchant:{merchant_id}", at=news.at)
        for entry_id, merchant_id in _shop_entries(news)
    ]
    await bulk_insert(OutboxEvent, rows)


def _shop_entries(news: EntriesNoticed | EntryPublished | EntryEnded) -> tuple[tuple[UUID, UUID], ...]:
    if isinstance(news, EntriesNoticed):
        return news.shop_entries
    return ((news.entry_id, news.merchant_id),) if news.merchant_id else ()


async def tell_published(news: EntryPublished) -> None:
    """Joins the publication's transaction. Of a black list the title says nothing: it may stand on a locked phone."""
    await _tell_shops("honor_entry.published", news, valid_until=news.valid_until)
    if news.resident_id is None:
        return
    kind = kind_of(news.kind)
    is_red = kind.colour == "red"
    if is_red:
        title = Text(f"您已列入“{kind.name.zh}”", f"You are on the list “{kind.name.en}”")
        body = Text("感谢您的付出。相应的权益会自动发放。", "Thank you. What comes with it is given by itself.")
    else:
        title = Text("一项与您有关的公示已发布", "Something about you was published")
        body = Text(
            f"名单:{kind.name.zh},认定单位:{kind.unit.zh}。\n怎么办:认为有误可在应用内提出异议;"
            "纠正并履行义务后,可通过“信用中国”免费申请信用修复。",
            f"The list: {kind.name.en}, determined by {kind.unit.en}.\nWhat helps: object in the app if it is wrong; "
            "after correcting it, apply for repair at Credit China, free of charge.",
        )
    told = News(
        resident_id=news.resident_id,
        kind=HONOURED if is_red else LISTED,
        dedupe=f"honor_entry:{news.entry_id}:published",
        title=title,
        body=body,
        link=PAGE,
    )
    await notify(told, at=news.at)
    await recheck_soon([news.resident_id], at=news.at)


async def tell_ended(news: EntryEnded) -> None:
    """Joins the ending's transaction. The title says nothing of why; the body does."""
    await _tell_shops("honor_entry.ended", news, ended_at=news.at)
    if news.resident_id is None:
        return
    kind, why = kind_of(news.kind), reason_of_end(news.reason)
    if kind.colour == "red":
        title = Text(f"您在“{kind.name.zh}”的列入已结束", f"Your place on “{kind.name.en}” has ended")
        body = Text(
            f"原因:{why.zh}。\n由此获得、尚未使用的权益一并结束。认为有误可向认定单位提出。",
            f"Why: {why.en}.\nWhat came with it and was not used ends with it. If this is wrong, tell the unit that "
            "keeps the list.",
        )
    else:
        title = Text("一项与您有关的公示已结束", "A publication about you has ended")
        body = Text(
            f"原因:{why.zh}。\n公示和相应限制同时解除。",
            f"Why: {why.en}.\nThe publication and what hung on it end together.",
        )
    told = News(
        resident_id=news.resident_id,
        kind=OVER,
        dedupe=f"honor_entry:{news.entry_id}:ended",
        title=title,
        body=body,
        link=PAGE,
    )
    await notify(told, at=news.at)
    await recheck_soon([news.resident_id], at=news.at)


async def tell_decided(objection: Objection, entry: HonorEntry, result: str, reason: str, *, at: datetime) -> None:
    """Joins the decision's transaction. `result`: upheld or dismissed; a shop's systems hear it with the reason."""
    payload = {"entry": str(entry.id), "result": result, "reason": reason}
    await emit("objection.decided", payload, audience=audience_of(objection), at=at)
    if objection.resident_id is None:
        return
    list_name, words = kind_of(entry.kind).name, RESULTS[result]
    told = News(
        resident_id=objection.resident_id,
        kind=DECIDED,
        dedupe=f"objection:{objection.id}:decided",
        title=Text("您的异议已有处理结果", "Your objection has been decided"),
        body=Text(
            f"名单:{list_name.zh}。结果:{words.zh}。\n理由:{reason}",
            f"The list: {list_name.en}. The result: {words.en}.\nThe reason: {reason}",
        ),
        link=PAGE,
    )
    await notify(told, at=at)
