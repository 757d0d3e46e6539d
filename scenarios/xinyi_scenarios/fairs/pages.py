"""A ticket on the phone: choose a slot, change it, see stamps and prizes, give it back."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from litestar import Controller, Request, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body
from litestar.response import Redirect, Template

from xinyi_platform.errors import DomainError, InvalidField, NotFound
from xinyi_platform.language import language_of
from xinyi_platform.principals import Allow, Resident
from xinyi_platform.runtime import Runtime
from xinyi_platform.web import Form, page
from xinyi_scenarios.entitlements.models import Entitlement
from xinyi_scenarios.fairs.booking import book_ticket, cancel_ticket, slot_choices
from xinyi_scenarios.fairs.models import FairAward, FairTicket
from xinyi_scenarios.fairs.rewarding import prizes_left, stamps_of
from xinyi_scenarios.fairs.states import STATES
from xinyi_scenarios.fairs.terms import NAME, terms_of
from xinyi_scenarios.manifests import Catalogue

AnyRequest = Request[Any, Any, Any]
URL_FORM = Body(media_type=RequestEncodingType.URL_ENCODED)


class SlotForm(Form, kw_only=True, frozen=True):
    """`choice` is a day and a slot: `2026-11-28/morning`."""

    choice: str = ""


class FairPages(Controller):
    path = "/app/fairs/{entitlement_id:uuid}"
    guards = [Allow(Resident)]
    include_in_schema = False

    @get("/")
    async def choose(
        self, runtime: Runtime, request: AnyRequest, principal: Resident, entitlement_id: UUID
    ) -> Template:
        """Choose a slot."""
        return await _choices(runtime, request, principal, entitlement_id)

    @post("/")
    async def book(
        self,
        runtime: Runtime,
        request: AnyRequest,
        principal: Resident,
        entitlement_id: UUID,
        data: Annotated[SlotForm, URL_FORM],
    ) -> Template | Redirect:
        """Take it, or move to it."""
        try:
            day, slot = _chosen(data.choice)
            await book_ticket(principal.id, entitlement_id, day, slot, at=runtime.clock.now())
        except DomainError as error:
            if error.status == 404 or error.status >= 500:
                raise
            return await _choices(runtime, request, principal, entitlement_id, error=error, chosen=data.choice)
        return Redirect(f"/app/entitlements/{entitlement_id}", status_code=303)

    @post("/cancel")
    async def cancel(self, runtime: Runtime, principal: Resident, entitlement_id: UUID) -> Redirect:
        """Give it back."""
        await cancel_ticket(principal.id, entitlement_id, at=runtime.clock.now())
        return Redirect(f"/app/entitlements/{entitlement_id}", status_code=303)


def _chosen(choice: str) -> tuple[date, str]:
    day, _, slot = choice.partition("/")
    try:
        return date.fromisoformat(day), slot
    except ValueError as error:
        raise InvalidField(field="choice", zh="请选择时段。", en="Choose a slot.") from error


async def _choices(
    runtime: Runtime,
    request: AnyRequest,
    principal: Resident,
    entitlement_id: UUID,
    *,
    error: DomainError | None = None,
    chosen: str = "",
) -> Template:
    held = await Entitlement.get_or_none(id=entitlement_id, resident_id=principal.id)
    if held is None:
        raise NotFound
    choices = await slot_choices(held, at=runtime.clock.now())
    ticket = await FairTicket.get_or_none(entitlement_id=held.id, state="booked")
    return page(
        "fairs/app_choose.html",
        request,
        status_code=error.status if error else 200,
        held=held,
        ticket=ticket,
        scene=runtime.part(Catalogue).promised(held.scenario, held.version),
        days={day: [one for one in choices if one.day == day] for day in sorted({one.day for one in choices})},
        chosen=chosen or (f"{ticket.day}/{ticket.slot}" if ticket else ""),
        error=error.explain(language_of(request)) if error else "",
    )


async def entitlement_piece(request: AnyRequest, about: dict[str, Any]) -> dict[str, Any] | None:
    """What the page of an entitlement says of its ticket."""
    held = about["held"]
    if held.benefit.get("kind") != NAME:
        return None
    runtime: Runtime = request.app.state.runtime
    terms = terms_of(held)
    ticket = await FairTicket.get_or_none(entitlement_id=held.id)
    return {
        "held": held,
        "terms": terms,
        "ticket": ticket,
        "slot": terms.slot(ticket.slot) if ticket else None,
        "can_change": bool(ticket and ticket.state == "booked" and ticket.begins_at > runtime.clock.now()),
        "states": STATES,
        "stamps": await stamps_of(ticket.id) if ticket else [],
        "award": await FairAward.get_or_none(ticket_id=ticket.id) if ticket else None,
        "left": await prizes_left(held.scenario, terms, ticket.day) if ticket else {},
    }
