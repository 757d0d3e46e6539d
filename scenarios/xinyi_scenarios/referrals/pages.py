"""Referrals on a phone: choose one receiver, read and give the consent that names it, see who got what; the console's
overview of recalls that wait."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from litestar import Controller, Request, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body
from litestar.response import Redirect, Template

from xinyi_platform.consents import purpose_of
from xinyi_platform.errors import Conflict, DomainError, Unprocessable
from xinyi_platform.language import language_of
from xinyi_platform.principals import Allow, Resident, Role, Staff
from xinyi_platform.runtime import Runtime
from xinyi_platform.web import Form, page
from xinyi_scenarios.referrals.errors import AnswerWouldBeNo
from xinyi_scenarios.referrals.offering import (
    FLOW,
    Choice,
    offer_referral,
    own_entitlement,
    receivers_for,
    terms_of,
)
from xinyi_scenarios.referrals.reading import (
    my_referral,
    receivers_in_numbers,
    referrals_of_resident,
    referrals_on,
    show_all,
)
from xinyi_scenarios.referrals.recalling import take_back

AnyRequest = Request[Any, Any, Any]
URL_FORM = Body(media_type=RequestEncodingType.URL_ENCODED)
CONSOLE_ROLES = [Role.CREDIT_OFFICE]


class OfferForm(Form, kw_only=True, frozen=True):
    receiver: str = ""
    version: str = ""
    agree: str = ""
    tell_a_no: str = ""


class ReferralPages(Controller):
    path = "/app/referrals"
    guards = [Allow(Resident)]
    include_in_schema = False

    @get("/")
    async def index(self, runtime: Runtime, request: AnyRequest, principal: Resident) -> Template:
        """Who got what about me."""
        rows = await show_all(runtime, await referrals_of_resident(principal.id))
        return page("referrals/app_list.html", request, rows=rows)

    @get("/offer/{entitlement_id:uuid}")
    async def choose(
        self, request: AnyRequest, principal: Resident, entitlement_id: UUID, receiver: str = ""
    ) -> Template:
        """Choose a receiver; with one chosen, the consent that names it."""
        return await _offer_page(request, principal, entitlement_id, receiver)

    @post("/offer/{entitlement_id:uuid}")
    async def offer(
        self,
        runtime: Runtime,
        request: AnyRequest,
        principal: Resident,
        entitlement_id: UUID,
        data: Annotated[OfferForm, URL_FORM],
    ) -> Redirect | Template:
        """Have the chosen one told."""
        held = await own_entitlement(principal.id, entitlement_id)
        chosen = next((one.id for one in await receivers_for(terms_of(held)) if str(one.id) == data.receiver), None)
        choice = Choice(
            partner_id=chosen or held.id,
            consent_version=int(data.version) if data.version.isascii() and data.version.isdigit() else 0,
            agree=data.agree == "true",
            tell_a_no=data.tell_a_no == "true",
        )
        try:
            row = await offer_referral(runtime, principal.id, entitlement_id, choice)
        except (Conflict, Unprocessable) as error:
            return await _offer_page(request, principal, entitlement_id, data.receiver, error=error)
        return Redirect(f"/app/referrals/{row.id}", status_code=303)

    @get("/{referral_id:uuid}")
    async def one(self, runtime: Runtime, request: AnyRequest, principal: Resident, referral_id: UUID) -> Template:
        """One answer with what became of it."""
        (shown,) = await show_all(runtime, [await my_referral(principal.id, referral_id)])
        return page("referrals/app_one.html", request, shown=shown)

    @post("/{referral_id:uuid}/withdraw")
    async def withdraw(self, runtime: Runtime, principal: Resident, referral_id: UUID) -> Redirect:
        """Take it back."""
        await take_back(runtime, principal.id, referral_id)
        return Redirect(f"/app/referrals/{referral_id}", status_code=303)


async def _offer_page(
    request: AnyRequest,
    principal: Resident,
    entitlement_id: UUID,
    receiver: str,
    *,
    error: DomainError | None = None,
) -> Template:
    terms = terms_of(await own_entitlement(principal.id, entitlement_id))
    receivers = await receivers_for(terms)
    return page(
        "referrals/app_offer.html",
        request,
        status_code=error.status if error else 200,
        entitlement_id=entitlement_id,
        receivers=receivers,
        chosen=next((one for one in receivers if str(one.id) == receiver), None),
        purpose=purpose_of(terms.consent),
        days=terms.answer_days,
        would_be_no=isinstance(error, AnswerWouldBeNo),
        error=error.explain(language_of(request)) if error else "",
    )


class ConsoleReferralPages(Controller):
    path = "/console/referrals"
    guards = [Allow(Staff, roles=CONSOLE_ROLES, city=True)]
    include_in_schema = False

    @get("/")
    async def index(self, request: AnyRequest) -> Template:
        """Who has not acknowledged a recall; numbers, no persons."""
        return page("referrals/console.html", request, rows=await receivers_in_numbers())


async def entitlement_piece(request: AnyRequest, about: dict[str, Any]) -> dict[str, Any] | None:
    """What the page of an entitlement says of its referral."""
    held = about["held"]
    if held.benefit.get("kind") != FLOW:
        return None
    runtime: Runtime = request.app.state.runtime
    return {"held": held, "rows": await show_all(runtime, await referrals_on(held.id))}


ROUTES = (ReferralPages, ConsoleReferralPages)
