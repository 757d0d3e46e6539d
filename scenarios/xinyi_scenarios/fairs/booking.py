"""Book a ticket for a slot, change it until the slot begins, and give it back.

Places are taken by one conditional UPDATE on the slot's row. Every act locks the entitlement first, then the
ticket, then the slots by key, so that no two acts wait for each other.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from tortoise.expressions import F

from xinyi_platform.clock import local_date
from xinyi_platform.database import transaction
from xinyi_platform.database.bulk import bulk_insert
from xinyi_platform.errors import NotFound
from xinyi_platform.ids import new_id
from xinyi_scenarios.entitlements.models import Entitlement
from xinyi_scenarios.entitlements.states import USABLE
from xinyi_scenarios.fairs.errors import NoSuchSlot, SlotBegun, SlotFull, TicketChanged
from xinyi_scenarios.fairs.models import FairSlotDay, FairTicket
from xinyi_scenarios.fairs.states import advance
from xinyi_scenarios.fairs.telling import tell
from xinyi_scenarios.fairs.terms import Fair, FairSlot, hours_of, terms_of
from xinyi_scenarios.redemptions.redeeming import NotUsable

SYSTEM = "job:fairs"


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotChoice:
    """A slot that can be booked, and how many places are left."""

    day: date
    slot: FairSlot
    left: int


async def slot_choices(held: Entitlement, *, at: datetime) -> list[SlotChoice]:
    """Return the slots that can be booked on an entitlement now, the next first."""
    terms = terms_of(held)
    first, last = _span(held, terms, at)
    rows = await FairSlotDay.filter(scenario=held.scenario, day__gte=first, day__lte=last)
    left = {(row.day, row.slot): row.places - row.taken for row in rows}
    days = [first + timedelta(days=ahead) for ahead in range(max((last - first).days + 1, 0))]
    return [
        SlotChoice(day=day, slot=slot, left=left.get((day, slot.key), slot.places))
        for day in days
        if terms.is_held_on(day)
        for slot in terms.slots
        if hours_of(slot, day)[0] > at
    ]


def _span(held: Entitlement, terms: Fair, at: datetime) -> tuple[date, date]:
    first = local_date(at)
    return first, min(first + timedelta(days=terms.book_days_ahead), local_date(held.valid_until))


async def book_ticket(resident_id: UUID, entitlement_id: UUID, day: date, slot: str, *, at: datetime) -> FairTicket:
    """Take a place in a slot, or move to it what is booked already; then the old place is given up in the same step.

    Raises NotFound (404), NoFair, NoSuchSlot (422), NotUsable, SlotFull, SlotBegun and TransitionForbidden (409).
    """
    async with transaction():
        held = await _own(resident_id, entitlement_id)
        terms = terms_of(held)
        chosen = _chosen(held, terms, day, slot, at)
        await _lock(held)
        ticket = await FairTicket.get_or_none(entitlement_id=held.id)
        event = "book" if ticket is None or ticket.state == "cancelled" else "change"
        if ticket is not None:
            advance(ticket.state, event)
            if event == "change" and (ticket.day, ticket.slot) == (day, slot):
                return ticket
            if event == "change" and ticket.begins_at <= at:
                raise SlotBegun
        await _take_place(held.scenario, chosen, day, ticket if event == "change" else None)
        ticket = await _write(held, ticket, chosen, day, at)
        await tell(ticket, event, actor=f"resident:{resident_id}", at=at)
    return ticket


async def _own(resident_id: UUID, entitlement_id: UUID) -> Entitlement:
    held = await Entitlement.get_or_none(id=entitlement_id, resident_id=resident_id)
    if held is None:
        raise NotFound
    return held


def _chosen(held: Entitlement, terms: Fair, day: date, key: str, at: datetime) -> FairSlot:
    first, last = _span(held, terms, at)
    slot = terms.slot(key)
    if slot is None or not first <= day <= last or not terms.is_held_on(day):
        raise NoSuchSlot(first=first.isoformat(), last=last.isoformat())
    if hours_of(slot, day)[0] <= at:
        raise SlotBegun
    if held.valid_until <= at:
        raise NotUsable(state="expired")
    return slot


async def _lock(held: Entitlement) -> None:
    if not await Entitlement.filter(id=held.id, state__in=[*USABLE]).update(scenario=held.scenario):
        raise NotUsable(state=held.state)


async def _take_place(scenario: str, slot: FairSlot, day: date, old: FairTicket | None) -> None:
    days = FairSlotDay.filter(scenario=scenario, day=day, slot=slot.key)
    if not await days.exists():
        key = {"scenario": scenario, "day": day, "slot": slot.key}
        row = {"id": new_id(), **key, "places": slot.places, "taken": 0}
        await bulk_insert(FairSlotDay, [row], skip_conflicts=True)
    steps = [((day, slot.key), 1), *([((old.day, old.slot), -1)] if old else [])]
    for (when, key_of_slot), change in sorted(steps):
        rows = FairSlotDay.filter(scenario=scenario, day=when, slot=key_of_slot)
        rows = rows.filter(taken__lt=F("places")) if change > 0 else rows
        if not await rows.update(taken=F("taken") + change):
            raise SlotFull


async def _write(held: Entitlement, ticket: FairTicket | None, slot: FairSlot, day: date, at: datetime) -> FairTicket:
    begins_at, ends_at = hours_of(slot, day)
    values: dict[str, Any] = {
        "day": day,
        "slot": slot.key,
        "begins_at": begins_at,
        "ends_at": ends_at,
        "state": "booked",
    }
    values |= {"booked_at": at}
    if ticket is None:
        return await FairTicket.create(
            id=new_id(), entitlement_id=held.id, resident_id=held.resident_id, scenario=held.scenario, code=held.code,
            **values,
        )  # fmt: skip
    if not await FairTicket.filter(id=ticket.id, state=ticket.state).update(**values):
        raise TicketChanged
    return await FairTicket.get(id=ticket.id)


async def ticket_of(resident_id: UUID, entitlement_id: UUID) -> FairTicket:
    """Return the ticket of one's own entitlement. Raises NotFound (404)."""
    ticket = await FairTicket.get_or_none(entitlement_id=entitlement_id, resident_id=resident_id)
    if ticket is None:
        raise NotFound
    return ticket


async def cancel_ticket(resident_id: UUID, entitlement_id: UUID, *, at: datetime) -> FairTicket:
    """Give the place back, before the slot begins. Raises NotFound (404), SlotBegun, TransitionForbidden (409)."""
    async with transaction():
        await _lock(await _own(resident_id, entitlement_id))
        ticket = await ticket_of(resident_id, entitlement_id)
        advance(ticket.state, "cancel")
        if ticket.begins_at <= at:
            raise SlotBegun
        await _give_up(ticket, actor=f"resident:{resident_id}", at=at)
    return ticket


async def _give_up(ticket: FairTicket, *, actor: str, at: datetime) -> None:
    if not await FairTicket.filter(id=ticket.id, state="booked").update(state="cancelled"):
        raise TicketChanged
    await FairSlotDay.filter(scenario=ticket.scenario, day=ticket.day, slot=ticket.slot).update(taken=F("taken") - 1)
    ticket.state = "cancelled"
    await tell(ticket, "cancel", actor=actor, at=at)


async def follow_entitlement(held: Entitlement, event: str, actor: str, at: datetime) -> None:
    """Let a ticket go with what it stands on. A flow's say on its entitlements.

    Once the slot has begun the ticket is left as it is: a gate without network may have let its holder in.
    """
    if event not in ("cancel", "withdraw", "suspend"):
        return
    ticket = await FairTicket.get_or_none(entitlement_id=held.id, state="booked", begins_at__gt=at)
    if ticket:
        await _give_up(ticket, actor=actor, at=at)


async def settle_tickets(now: datetime, *, limit: int = 500) -> int:
    """Mark tickets of slots gone by whose holder did not come, once each. Returns how many."""
    due = await FairTicket.filter(state="booked", ends_at__lte=now).limit(limit)
    done = 0
    for ticket in due:
        async with transaction():
            if not await FairTicket.filter(id=ticket.id, state="booked", ends_at__lte=now).update(state="missed"):
                continue
            ticket.state = "missed"
            await tell(ticket, "miss", actor=SYSTEM, at=now)
        done += 1
    return done
