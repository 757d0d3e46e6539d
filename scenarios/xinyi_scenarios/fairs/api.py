"""Fairs over HTTP: a resident books and changes her ticket."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Controller, get, post
from litestar.response import Response

from xinyi_platform.errors import NotFound
from xinyi_platform.idempotency import IdempotencyKey, answer_once
from xinyi_platform.principals import Allow, Principal, Resident
from xinyi_platform.runtime import Runtime
from xinyi_scenarios.entitlements.models import Entitlement
from xinyi_scenarios.fairs.booking import book_ticket, cancel_ticket, slot_choices, ticket_of
from xinyi_scenarios.fairs.models import FairAward, FairTicket
from xinyi_scenarios.fairs.rewarding import stamps_of
from xinyi_scenarios.fairs.schemas import SlotAnswer, TicketAnswer, TicketRequest, ticket_answer

Act = Callable[[datetime], Awaitable[object]]


async def act_once(
    runtime: Runtime, principal: Principal, route: str, key: str | None, data: object, act: Act
) -> Response[Any]:
    """Act once for the caller's key; a repeated key gets the first answer."""

    async def run() -> object:
        return await act(runtime.clock.now())

    return await answer_once(runtime, principal, route, key, data, run)


async def _answer(ticket: FairTicket) -> TicketAnswer:
    award = await FairAward.get_or_none(ticket_id=ticket.id)
    return ticket_answer(ticket, await stamps_of(ticket.id), award)


class FairController(Controller):
    path = "/api/v1/entitlements/{entitlement_id:uuid}"
    guards = [Allow(Resident)]
    tags = ["entitlements"]

    @get("/fair-slots", operation_id="listFairSlots")
    async def slots(self, runtime: Runtime, principal: Resident, entitlement_id: UUID) -> list[SlotAnswer]:
        """The slots for which a ticket can be booked now, with the places left."""
        held = await Entitlement.get_or_none(id=entitlement_id, resident_id=principal.id)
        if held is None:
            raise NotFound
        choices = await slot_choices(held, at=runtime.clock.now())
        return [
            SlotAnswer(day=one.day, slot=one.slot.key, begins=one.slot.begins, ends=one.slot.ends, left=one.left)
            for one in choices
        ]

    @get("/fair-ticket", operation_id="getFairTicket")
    async def show(self, principal: Resident, entitlement_id: UUID) -> TicketAnswer:
        """My ticket, with its stamps and its prize."""
        return await _answer(await ticket_of(principal.id, entitlement_id))

    @post("/fair-ticket", status_code=200, operation_id="bookFairTicket")
    async def book(
        self,
        runtime: Runtime,
        principal: Resident,
        entitlement_id: UUID,
        data: TicketRequest,
        idempotency_key: IdempotencyKey = None,
    ) -> Response[Any]:
        """Take a place in a slot, or move there until the slot that I have begins."""

        async def act(now: datetime) -> TicketAnswer:
            return await _answer(await book_ticket(principal.id, entitlement_id, data.day, data.slot, at=now))

        return await act_once(runtime, principal, f"fair book {entitlement_id}", idempotency_key, data, act)

    @post("/fair-ticket/cancel", status_code=200, operation_id="cancelFairTicket")
    async def cancel(
        self, runtime: Runtime, principal: Resident, entitlement_id: UUID, idempotency_key: IdempotencyKey = None
    ) -> Response[Any]:
        """Give my place back, until the slot begins; another can be booked."""

        async def act(now: datetime) -> TicketAnswer:
            return await _answer(await cancel_ticket(principal.id, entitlement_id, at=now))

        return await act_once(runtime, principal, f"fair cancel {entitlement_id}", idempotency_key, {}, act)
