"""Stamps of booths, and prizes for them: each stamp once, each ticket one prize, never more than the day's stock."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

from tortoise.expressions import F

from xinyi_platform.clock import local_date
from xinyi_platform.database import transaction
from xinyi_platform.database.bulk import bulk_insert
from xinyi_platform.errors import NotFound
from xinyi_platform.ids import new_id
from xinyi_scenarios.entitlements.models import Entitlement
from xinyi_scenarios.fairs.errors import NoSuchPlace, NotEntered, PrizeGone, PrizeTaken, StampsMissing
from xinyi_scenarios.fairs.models import FairAward, FairPrizeDay, FairStamp, FairTicket
from xinyi_scenarios.fairs.telling import tell
from xinyi_scenarios.fairs.terms import Fair, Prize, terms_of


async def stamp_ticket(scenario: str, code: str, booth: str, *, actor: str, at: datetime) -> list[str]:
    """Give a booth's stamp, once; a second time changes nothing. Returns the booths whose stamps there are.

    Raises NotFound (404), NoSuchPlace (422) and NotEntered (409).
    """
    async with transaction():
        ticket, terms = await _inside(scenario, code, at)
        if booth not in {place.key for place in terms.booths}:
            raise NoSuchPlace
        if not await FairStamp.exists(ticket_id=ticket.id, booth=booth):
            await FairStamp.create(id=new_id(), ticket_id=ticket.id, booth=booth, stamped_at=at)
            await tell(ticket, "stamp", actor=actor, at=at, booth=booth)
        return await stamps_of(ticket.id)


async def stamps_of(ticket_id: UUID) -> list[str]:
    """Return the booths whose stamps a ticket has, in the order of getting them."""
    return [row.booth for row in await FairStamp.filter(ticket_id=ticket_id).order_by("stamped_at", "id")]


async def give_prize(scenario: str, code: str, prize: str, *, actor: str, at: datetime) -> FairAward:
    """Hand out a ticket's one prize, from the day's stock.

    Raises NotFound (404), NoSuchPlace (422), NotEntered, StampsMissing, PrizeTaken and PrizeGone (409).
    """
    async with transaction():
        ticket, terms = await _inside(scenario, code, at)
        wanted = next((one for one in terms.prizes if one.key == prize), None)
        if wanted is None:
            raise NoSuchPlace
        given = await FairAward.get_or_none(ticket_id=ticket.id)
        if given:
            raise PrizeTaken(prize=given.prize)
        have = len(await stamps_of(ticket.id))
        if have < wanted.stamps:
            raise StampsMissing(needed=wanted.stamps, have=have)
        award = await FairAward.create(id=new_id(), ticket_id=ticket.id, prize=prize, given_at=at)
        await tell(ticket, "prize", actor=actor, at=at, prize=prize)
        await _take_from_stock(scenario, wanted, ticket.day)
    return award


async def _inside(scenario: str, code: str, at: datetime) -> tuple[FairTicket, Fair]:
    """Return the ticket of somebody who is in, locked, so that two desks serve it one after the other."""
    ticket = await FairTicket.get_or_none(code=code, scenario=scenario)
    if ticket is None:
        raise NotFound
    await Entitlement.filter(id=ticket.entitlement_id).update(scenario=scenario)
    ticket = await FairTicket.get(id=ticket.id)
    if ticket.state != "entered" or ticket.day != local_date(at):
        raise NotEntered
    return ticket, terms_of(await Entitlement.get(id=ticket.entitlement_id))


async def _take_from_stock(scenario: str, prize: Prize, day: date) -> None:
    rows = FairPrizeDay.filter(scenario=scenario, day=day, prize=prize.key)
    if not await rows.exists():
        key = {"scenario": scenario, "day": day, "prize": prize.key}
        row = {"id": new_id(), **key, "stock": prize.stock, "given": 0}
        await bulk_insert(FairPrizeDay, [row], skip_conflicts=True)
    if not await rows.filter(given__lt=F("stock")).update(given=F("given") + 1):
        raise PrizeGone


async def prizes_left(scenario: str, terms: Fair, day: date) -> Mapping[str, int]:
    """Return how many of each prize are left on a day."""
    rows = await FairPrizeDay.filter(scenario=scenario, day=day)
    left = {row.prize: row.stock - row.given for row in rows}
    return {prize.key: left.get(prize.key, prize.stock) for prize in terms.prizes}
