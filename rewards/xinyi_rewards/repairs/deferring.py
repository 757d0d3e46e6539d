"""Two-way urging: notice of a measure, a promise that defers it, a reminder before the day, and what became of it.

Until the day nothing is published. Kept, with the unit's document, the listing never begins; broken, it begins the
day after.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

from tortoise.exceptions import IntegrityError

from xinyi_platform import audit
from xinyi_platform.clock import local_date
from xinyi_platform.database import transaction
from xinyi_platform.errors import InvalidField, NotFound
from xinyi_platform.ids import new_id
from xinyi_platform.principals import Staff
from xinyi_platform.runtime import Runtime
from xinyi_platform.tenancy import area_of, everywhere
from xinyi_rewards.honor_lists.models import HonorEntry
from xinyi_rewards.honor_lists.parties import Party, entry_of
from xinyi_rewards.honor_lists.publishing import EntryEnded, EntryPublished, end_entry
from xinyi_rewards.honor_lists.terms import over_at
from xinyi_rewards.honor_lists.texts import kept_text
from xinyi_rewards.repairs.checking import is_repairable_kind
from xinyi_rewards.repairs.errors import CannotDefer, RepairChanged
from xinyi_rewards.repairs.handling import required
from xinyi_rewards.repairs.holding import hold_entry, require_another
from xinyi_rewards.repairs.models import MeasureDeferral
from xinyi_rewards.repairs.policy import repair_policy
from xinyi_rewards.repairs.requesting import checked_words, require_signed
from xinyi_rewards.repairs.states import advance_deferral
from xinyi_rewards.repairs.telling import remind_of_promise, tell_deferral

BATCH = 200


def may_defer(entry: HonorEntry, *, at: datetime) -> bool:
    """Tell whether a measure is announced, not taken yet, and so near that a day after it can be promised."""
    first = deferrable_from(entry, at=at)
    return first is not None and first <= local_date(at)


def deferrable_from(entry: HonorEntry, *, at: datetime) -> date | None:
    """Return from which day on a measure can be deferred; None where none is announced, or it was taken."""
    if not is_repairable_kind(entry) or entry.state != "noticed" or entry.publish_at is None or entry.publish_at <= at:
        return None
    return local_date(entry.publish_at) - timedelta(days=repair_policy().deferral_days)


def days_to_choose(entry: HonorEntry, *, at: datetime) -> tuple[date, date]:
    """Return the first and the last day that can be promised: after the measure's day, within the policy's term."""
    measure = local_date(entry.publish_at or at)
    return measure, local_date(at) + timedelta(days=repair_policy().deferral_days)


async def ask_deferral(
    party: Party, entry_id: UUID, *, plan: str, due_on: date, signed: str, at: datetime
) -> MeasureDeferral:
    """Promise to correct by a day. Raises NotFound (404), CannotDefer (409), InvalidField (400), PromiseNotSigned."""
    entry = await entry_of(party, entry_id)
    if not may_defer(entry, at=at):
        raise CannotDefer
    require_signed(repair_policy().deferral, signed)
    words, (first, last) = checked_words(plan, "plan"), days_to_choose(entry, at=at)
    if not first <= due_on <= last:
        raise InvalidField(
            field="due_on", zh=f"日期应在{first}至{last}之间。", en=f"The day lies between {first} and {last}."
        )
    async with transaction():
        await hold_entry(entry.id, "noticed", otherwise=CannotDefer, publish_at__gt=at)
        row = await _enter(party, entry_id, words, due_on, at)
        await _record("ask", row, party.actor, at)
    return row


async def _enter(party: Party, entry_id: UUID, plan: str, due_on: date, at: datetime) -> MeasureDeferral:
    try:
        async with transaction():
            return await MeasureDeferral.create(
                id=new_id(), entry_id=entry_id, division=party.division, state="asked", plan=plan,
                promise_version=repair_policy().deferral.version, due_on=due_on, asked_at=at, **party.columns,
            )  # fmt: skip
    except IntegrityError as error:
        raise CannotDefer from error


async def find_deferral(deferral_id: UUID, staff: Staff) -> MeasureDeferral:
    """Return a deferral of the area that a member of staff serves. Raises NotFound (404) for any other."""
    row = await MeasureDeferral.get_or_none(id=deferral_id)
    if row is None or not area_of(staff).covers(row.division):
        raise NotFound
    return row


async def decide_deferral(
    deferral_id: UUID, staff: Staff, *, is_accepted: bool, document: str, reason: str, at: datetime
) -> None:
    """Enter the determining unit's answer. Accepted, the measure waits until the promised day is over.

    Raises OwnRepair (403) for who made the entry's list, by whichever account, and CannotDefer (409) after the measure.
    """
    row, why = await find_deferral(deferral_id, staff), required(reason, "reason", 400)
    await require_another(row, staff)
    paper = kept_text(document, "document", least=1 if is_accepted else 0)
    step = {"reason": why, "document": paper, "decided_person": staff.person}
    async with transaction():
        if is_accepted:
            await hold_entry(row.entry_id, "noticed", otherwise=CannotDefer, publish_at__gt=at)
            await everywhere(HonorEntry).filter(id=row.entry_id).update(publish_at=over_at(row.due_on))
        await _move(row, "accept" if is_accepted else "refuse", staff.label, at, **step)


async def keep_deferral(
    runtime: Runtime, deferral_id: UUID, staff: Staff, *, document: str, reason: str, at: datetime
) -> None:
    """Enter that the promise was kept, by the determining unit's document: the listing ends before it began.

    Raises OwnRepair (403) for who made the entry's list or accepted the promise, by whichever account.
    """
    row = await find_deferral(deferral_id, staff)
    await require_another(row, staff)
    paper, why = required(document, "document"), required(reason, "reason", 400)
    async with transaction():
        await hold_entry(row.entry_id, "noticed")
        await _move(row, "keep", staff.label, at, reason=why, document=paper, kept_person=staff.person)
        await end_entry(runtime, row.entry_id, "revoke", actor=staff.label, reason=paper, at=at)


async def break_with_measure(news: EntryPublished) -> None:
    """Close a deferral whose measure is taken; joins the publication's transaction."""
    row = await everywhere(MeasureDeferral).get_or_none(entry_id=news.entry_id, state__in=("asked", "accepted"))
    if row is not None:
        await _move(row, "break" if row.state == "accepted" else "lapse", "repairs", news.at)


async def lapse_deferral(news: EntryEnded) -> None:
    """Close a deferral whose entry ended otherwise, after a step taken at that moment; joins the ending."""
    waiting = everywhere(MeasureDeferral).filter(entry_id=news.entry_id, state__in=("asked", "accepted"))
    row = await waiting.select_for_update().first()
    if row is not None:
        await _move(row, "lapse", "repairs", news.at)


async def remind_promises(runtime: Runtime) -> int:
    """Remind those whose promised day comes near, once. Returns how many."""
    now = runtime.clock.now()
    near = local_date(now) + timedelta(days=repair_policy().deferral_remind_days)
    reminded = 0
    for row in await MeasureDeferral.filter(state="accepted", is_reminded=False, due_on__lte=near).limit(BATCH):
        async with transaction():
            if await MeasureDeferral.filter(id=row.id, state="accepted", is_reminded=False).update(is_reminded=True):
                await remind_of_promise(row, at=now)
                reminded += 1
    return reminded


async def _move(row: MeasureDeferral, event: str, actor: str, at: datetime, **values: object) -> None:
    state = advance_deferral(row.state, event)
    if (
        not await everywhere(MeasureDeferral)
        .filter(id=row.id, state=row.state)
        .update(state=state, decided_at=at, **values)
    ):
        raise RepairChanged
    moved = await everywhere(MeasureDeferral).get(id=row.id)
    await _record(event, moved, actor, at)
    await tell_deferral(moved, event, at=at)


async def _record(act: str, row: MeasureDeferral, actor: str, at: datetime) -> None:
    detail: dict[str, object] = {"entry": str(row.entry_id), "due_on": str(row.due_on)}
    await audit.record(
        f"measure_deferral.{act}", actor=actor, object_kind="measure_deferral", object_id=row.id, detail=detail, at=at
    )
