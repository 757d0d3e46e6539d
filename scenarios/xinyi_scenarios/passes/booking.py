"""Take a number for a counter and a day, and give it back.

Numbers of a day are given out by one conditional UPDATE on the counter's row: without gaps, never twice, never more
than the counter takes.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

from tortoise.expressions import F

from xinyi_platform.clock import local_date
from xinyi_platform.database import transaction
from xinyi_platform.database.bulk import bulk_insert
from xinyi_platform.errors import NotFound
from xinyi_platform.ids import new_id
from xinyi_scenarios.entitlements.models import Entitlement
from xinyi_scenarios.entitlements.states import USABLE
from xinyi_scenarios.manifests.flows import Counter, FastTrack, promised_terms
from xinyi_scenarios.passes.errors import (
    CounterFull,
    DayNotOpen,
    NoFastTrack,
    NoPassLeft,
    NoSuchCounter,
    PassChanged,
    PassesUsed,
    PassesWaiting,
)
from xinyi_scenarios.passes.models import CounterDay, CounterPass
from xinyi_scenarios.passes.states import USED, WAITING, advance
from xinyi_scenarios.passes.telling import tell
from xinyi_scenarios.redemptions.redeeming import NotUsable

FLOW = "fast_track"


def terms_of(held: Entitlement) -> FastTrack:
    """Return what was promised. Raises NoFastTrack (422)."""
    if held.benefit.get("kind") != FLOW:
        raise NoFastTrack
    return promised_terms(held.benefit, FastTrack)


async def book_pass(resident_id: UUID, entitlement_id: UUID, counter: str, day: date, *, at: datetime) -> CounterPass:
    """Take the next number of a counter's day on one's own entitlement.

    Raises NotFound (404), NoFastTrack, NoSuchCounter, DayNotOpen (422), NotUsable, NoPassLeft and CounterFull (409).
    """
    async with transaction():
        held = await Entitlement.get_or_none(id=entitlement_id, resident_id=resident_id)
        if held is None:
            raise NotFound
        terms = terms_of(held)
        place = _counter(terms, counter)
        _refuse_day(held, terms, day, at)
        # The update takes the row's lock, so that passes on one entitlement are counted one after the other.
        if not await Entitlement.filter(id=held.id, state__in=[*USABLE]).update(scenario=held.scenario):
            raise NotUsable(state=held.state)
        taken = await CounterPass.filter(entitlement_id=held.id, state__in=[*WAITING, *USED]).count()
        if taken >= terms.passes:
            raise NoPassLeft(passes=terms.passes)
        number = await _next_number(held.scenario, place, day)
        row = await CounterPass.create(
            id=new_id(), entitlement_id=held.id, resident_id=resident_id, scenario=held.scenario, counter=counter,
            day=day, number=number, state="booked", booked_at=at,
        )  # fmt: skip
        await tell(row, "book", actor=f"resident:{resident_id}", at=at)
    return row


def _counter(terms: FastTrack, key: str) -> Counter:
    found = next((counter for counter in terms.counters if counter.key == key), None)
    if found is None:
        raise NoSuchCounter(counters=[counter.key for counter in terms.counters])
    return found


def bookable_days(held: Entitlement, terms: FastTrack, at: datetime) -> tuple[date, date]:
    """Return the first and the last day for which a number can be taken."""
    first = local_date(at)
    return first, min(first + timedelta(days=terms.book_days_ahead), local_date(held.valid_until))


def _refuse_day(held: Entitlement, terms: FastTrack, day: date, at: datetime) -> None:
    if held.valid_until <= at:
        raise NotUsable(state="expired")
    first, last = bookable_days(held, terms, at)
    if not first <= day <= last:
        raise DayNotOpen(first=first.isoformat(), last=last.isoformat())


async def _next_number(scenario: str, counter: Counter, day: date) -> int:
    days = CounterDay.filter(scenario=scenario, counter=counter.key, day=day)
    if not await days.exists():
        key = {"scenario": scenario, "counter": counter.key, "day": day}
        row = {"id": new_id(), **key, "last_number": 0, "taken": 0, "most": counter.a_day}
        await bulk_insert(CounterDay, [row], skip_conflicts=True)
    given = await days.filter(taken__lt=F("most")).update(last_number=F("last_number") + 1, taken=F("taken") + 1)
    if not given:
        raise CounterFull(counter=counter.key, day=day.isoformat())
    return (await days.get()).last_number


async def my_pass(resident_id: UUID, pass_id: UUID) -> CounterPass:
    """Return one of a resident's own passes. Raises NotFound (404)."""
    row = await CounterPass.get_or_none(id=pass_id, resident_id=resident_id)
    if row is None:
        raise NotFound
    return row


async def cancel_pass(resident_id: UUID, pass_id: UUID, *, at: datetime) -> CounterPass:
    """Give one's own number back; the counter can take somebody else. Raises NotFound, TransitionForbidden (409)."""
    async with transaction():
        row = await my_pass(resident_id, pass_id)
        await step(row, "cancel", actor=f"resident:{resident_id}", at=at)
    return await CounterPass.get(id=pass_id)


async def step(row: CounterPass, event: str, *, actor: str, at: datetime, **values: object) -> None:
    """Take one edge of the state table with what hangs on it, in the caller's transaction."""
    target = advance(row.state, event)
    changed = await CounterPass.filter(id=row.id, state=row.state).update(state=target, **values)
    if not changed:
        raise PassChanged
    if event == "cancel":
        day = CounterDay.filter(scenario=row.scenario, counter=row.counter, day=row.day)
        await day.update(taken=F("taken") - 1)
    row.state = target
    await tell(row, event, actor=actor, at=at)


async def follow_entitlement(held: Entitlement, event: str, actor: str, at: datetime) -> None:
    """Let numbers go with what they stand on; what is being served keeps it. A flow's say on its entitlements."""
    if event not in ("cancel", "withdraw", "expire", "suspend"):
        return
    used = await CounterPass.filter(entitlement_id=held.id, state__in=[*USED]).count()
    if event == "cancel" and used:
        raise PassesUsed(used=used)
    waiting = await CounterPass.filter(entitlement_id=held.id, state__in=[*WAITING]).order_by("id")
    if event == "cancel" and any(row.state == "checked_in" for row in waiting):
        raise PassesWaiting(waiting=sum(row.state == "checked_in" for row in waiting))
    for row in waiting:
        if row.state != "checked_in":
            await step(row, "cancel", actor=actor, at=at)
