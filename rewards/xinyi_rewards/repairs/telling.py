"""Tell a subject each step of her request, and remind her of days that come near."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from xinyi_platform import outbox
from xinyi_platform.clock import local_date
from xinyi_platform.language import Text
from xinyi_platform.notices import News, NoticeKind, notify, notify_many
from xinyi_rewards.honor_lists.kinds import kind_of
from xinyi_rewards.honor_lists.models import HonorEntry
from xinyi_rewards.honor_lists.parties import audience_of
from xinyi_rewards.repairs.models import MeasureDeferral, RepairRequest
from xinyi_rewards.repairs.states import NAMES

STEP = NoticeKind("repair.step", about_loss=True)
REPAIRABLE = NoticeKind("repair.possible", about_loss=True)
ENDING = NoticeKind("honor_entry.ending")
MEASURE = NoticeKind("honor_entry.measure", about_loss=True)
PROMISE = NoticeKind("repair.promise_due", about_loss=True)
_KINDS = {"measure": MEASURE, "repairable": REPAIRABLE, "ends": ENDING}
SILENT = frozenset({"file", "withdraw", "lapse"})
"""Steps that she takes herself, or that another notice tells."""


async def tell_step(row: RepairRequest, event: str, *, at: datetime) -> None:
    """Tell one step in its transaction; a shop's systems hear it by webhook."""
    payload = {"request": str(row.id), "entry": str(row.entry_id), "state": row.state, "event": event}
    await outbox.emit("repair.changed", payload, audience=audience_of(row), at=at)
    if row.resident_id is None or event in SILENT:
        return
    name = NAMES[row.state]
    due = _due(row)
    why = Text(f"说明:{row.reason}", f"Note: {row.reason}") if row.reason else Text("", "")
    what = why if event in ("send_back", "grant", "refuse", "extend") else due
    told = News(
        resident_id=row.resident_id,
        kind=STEP,
        dedupe=f"repair:{row.id}:{event}:{at.isoformat()}",
        title=Text("您的一项申请有新进展", "A request of yours has moved on"),
        body=Text(f"{name.zh}。{what.zh}", f"{name.en}. {what.en}"),
        link=f"/app/repairs/{row.entry_id}",
    )
    await notify(told, at=at)


def _due(row: RepairRequest) -> Text:
    if row.decide_by is None:
        return Text("", "")
    return Text(f"最迟{row.decide_by}作出决定。", f"It is decided by {row.decide_by}.")


async def tell_deferral(row: MeasureDeferral, event: str, *, at: datetime) -> None:
    """Tell what became of a promise, in its transaction."""
    payload = {"entry": str(row.entry_id), "state": row.state, "due_on": str(row.due_on)}
    await outbox.emit("repair.deferral", payload, audience=audience_of(row), at=at)
    if row.resident_id is None or event == "lapse":
        return
    name = NAMES[row.state]
    told = News(
        resident_id=row.resident_id,
        kind=STEP,
        dedupe=f"deferral:{row.id}:{event}",
        title=Text("您的一项申请有新进展", "A request of yours has moved on"),
        body=Text(f"{name.zh}。承诺日期:{row.due_on}。", f"{name.en}. Promised for {row.due_on}."),
        link=f"/app/repairs/{row.entry_id}",
    )
    await notify(told, at=at)


async def remind_of_promise(row: MeasureDeferral, *, at: datetime) -> None:
    """Remind of a promised day; joins the caller's transaction."""
    payload = {"entry": str(row.entry_id), "due_on": str(row.due_on)}
    await outbox.emit("repair.promise_due", payload, audience=audience_of(row), at=at)
    if row.resident_id is None:
        return
    title, body = promise_words(row)
    told = News(
        resident_id=row.resident_id,
        kind=PROMISE,
        dedupe=f"deferral:{row.id}:due",
        title=title,
        body=body,
        link=f"/app/repairs/{row.entry_id}",
    )
    await notify(told, at=at)


def promise_words(row: MeasureDeferral) -> tuple[Text, Text]:
    """Return the title and the words of the reminder of a promised day."""
    return Text("您承诺的日期快到了", "The day that you promised comes near"), Text(
        f"请在{row.due_on}前完成并向认定单位提交证明;逾期,原定措施于次日执行。",
        f"Finish by {row.due_on} and prove it to the determining unit; otherwise the measure follows.",
    )


async def remind_of_listings(entries: Sequence[HonorEntry], about: str, days: int, *, at: datetime) -> None:
    """Tell subjects what comes near: a measure, a day from which it can be repaired, an end; joins the transaction.

    A shop's systems hear it by webhook, and its portal's home tells it (`portal_cards`).
    """
    for entry in entries:
        payload = {"entry": str(entry.id), "about": about, "days": days, "day": str(day_of(entry, about))}
        await outbox.emit("honor_entry.reminder", payload, audience=audience_of(entry), at=at)
    await notify_many([_news(entry, about, days) for entry in entries if entry.resident_id], at=at)


def day_of(entry: HonorEntry, about: str) -> date | None:
    """Return the day in the city of which a reminder speaks: of the measure, of the first repair, or the last day."""
    if about == "measure":
        return local_date(entry.publish_at) if entry.publish_at else None
    if about == "repairable":
        return entry.repairable_from
    if entry.ends_on or entry.valid_until is None:
        return entry.ends_on
    return local_date(entry.valid_until - timedelta(microseconds=1))


def words_of(entry: HonorEntry, about: str) -> tuple[Text, Text]:
    """Return the title and the words of a reminder; the title says nothing, it may stand on a locked phone."""
    name, day = kind_of(entry.kind).name, day_of(entry, about)
    if about == "measure":
        return Text("一项与您有关的公示即将发布", "Something about you is soon published"), Text(
            f"名单:{name.zh},将于{day}发布。\n怎么办:认为有误可提出异议,处理期间不予展示;"
            "能在限期内纠正的,可作出承诺、申请暂缓。",
            f"The list: {name.en}, published on {day}.\nWhat helps: object if it is wrong, and nothing is shown "
            "meanwhile; or promise to correct it by a day and ask to defer it.",
        )
    if about == "repairable":
        return Text("一项与您有关的事项可提前准备", "There is something to prepare for"), Text(
            f"名单:{name.zh}。自{day}起可免费申请修复。\n怎么办:先完成自查、备好材料,到期一键提交。",
            f"The list: {name.en}. From {day} on its repair can be asked for, free of charge.\n"
            "What helps: check yourself, have the documents ready, and file on the day.",
        )
    return Text("一项与您有关的公示即将到期", "A listing about you soon ends"), Text(
        f"名单:{name.zh},最后一日{day}。", f"The list: {name.en}, last day {day}."
    )


def _news(entry: HonorEntry, about: str, days: int) -> News:
    if entry.resident_id is None:
        raise ValueError("a merchant has no notices")
    title, body = words_of(entry, about)
    return News(
        resident_id=entry.resident_id,
        kind=_KINDS[about],
        dedupe=f"honor_entry:{entry.id}:{about}:{days}",
        title=title,
        body=body,
        link=f"/app/repairs/{entry.id}" if about == "measure" else "/app/honors",
    )
