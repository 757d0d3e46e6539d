"""Tell a subject each step of her request, and remind her of days that come near."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from xinyi_platform import outbox
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
PROMISE = NoticeKind("repair.promise_due", about_loss=True)
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
    told = News(
        resident_id=row.resident_id,
        kind=PROMISE,
        dedupe=f"deferral:{row.id}:due",
        title=Text("您承诺的日期快到了", "The day that you promised comes near"),
        body=Text(
            f"请在{row.due_on}前完成并向认定单位提交证明;逾期,原定措施于次日执行。",
            f"Finish by {row.due_on} and prove it to the determining unit; otherwise the measure follows.",
        ),
        link=f"/app/repairs/{row.entry_id}",
    )
    await notify(told, at=at)


async def remind_of_listings(entries: Sequence[HonorEntry], about: str, days: int, *, at: datetime) -> None:
    """Tell subjects that a listing can soon be repaired, or soon ends by itself; joins the caller's transaction."""
    for entry in entries:
        payload = {"entry": str(entry.id), "about": about, "days": days}
        await outbox.emit("honor_entry.reminder", payload, audience=audience_of(entry), at=at)
    await notify_many([_news(entry, about, days) for entry in entries if entry.resident_id], at=at)


def _news(entry: HonorEntry, about: str, days: int) -> News:
    name = kind_of(entry.kind).name
    if entry.resident_id is None:
        raise ValueError("a merchant has no notices")
    if about == "repairable":
        title = Text("一项与您有关的事项可提前准备", "There is something to prepare for")
        body = Text(
            f"名单:{name.zh}。自{entry.repairable_from}起可免费申请修复。\n怎么办:先完成自查、备好材料,到期一键提交。",
            f"The list: {name.en}. From {entry.repairable_from} on its repair can be asked for, free of charge.\n"
            "What helps: check yourself, have the documents ready, and file on the day.",
        )
    else:
        title = Text("一项与您有关的公示即将到期", "A listing about you soon ends")
        last = entry.ends_on or entry.valid_until
        day = last.isoformat()[:10] if last else ""
        body = Text(f"名单:{name.zh},最后一日{day}。", f"The list: {name.en}, last day {day}.")
    return News(
        resident_id=entry.resident_id,
        kind=REPAIRABLE if about == "repairable" else ENDING,
        dedupe=f"honor_entry:{entry.id}:{about}:{days}",
        title=title,
        body=body,
        link="/app/honors",
    )
