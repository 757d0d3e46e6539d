"""The registry in the console: the area's shops, one with its history, its status, and what waits to be confirmed."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from litestar import Controller, Request, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body, QueryParameter
from litestar.response import Redirect, Template

from xinyi_merchants.operators.inviting import DAYS, invite, open_invitations
from xinyi_merchants.operators.pages import invitation_link
from xinyi_merchants.operators.roles import ROLES
from xinyi_merchants.operators.staffing import people_of
from xinyi_merchants.registry.changing import decide_change, set_status
from xinyi_merchants.registry.checking import FIELDS, shown, values_of, written
from xinyi_merchants.registry.finding import list_merchants
from xinyi_merchants.registry.history import (
    KEEPERS,
    SOURCES,
    STATES,
    STATUSES,
    changes_waiting,
    history_of,
    read_lines,
)
from xinyi_merchants.registry.listing import PAGE_ROWS, list_registry, merchant_of_area
from xinyi_merchants.sign_ups.deciding import applications_waiting, decide_application
from xinyi_merchants.sign_ups.filing import contact_of
from xinyi_platform.divisions import division_name
from xinyi_platform.errors import DomainError
from xinyi_platform.language import language_of
from xinyi_platform.principals import Allow, Staff
from xinyi_platform.runtime import Runtime
from xinyi_platform.web import Form, page

AnyRequest = Request[Any, Any, Any]
URL_FORM = Body(media_type=RequestEncodingType.URL_ENCODED)
LIST = "/console/merchants"
WAITING = f"{LIST}/waiting"
_SHOWN = (400, 409)


class StatusForm(Form, kw_only=True, frozen=True):
    status: str = ""
    reason: str = ""


class InviteForm(Form, kw_only=True, frozen=True):
    invitee: str = ""


class DecisionForm(Form, kw_only=True, frozen=True):
    """`act`: confirm or decline."""

    act: str = ""
    reason: str = ""


class RegistryPages(Controller):
    path = LIST
    guards = [Allow(Staff, roles=KEEPERS)]
    include_in_schema = False

    @get("/")
    async def index(
        self,
        request: AnyRequest,
        principal: Staff,
        words: Annotated[str, QueryParameter(name="q", max_length=120)] = "",
        status: Annotated[str, QueryParameter(max_length=10)] = "",
        number: Annotated[int, QueryParameter(name="page", ge=1, le=10_000)] = 1,
    ) -> Template:
        """The area's shops."""
        listed = await list_registry(principal, words=words, status=status, page=number)
        return page(
            "registry/console_list.html",
            request,
            rows=[(row, division_name(row.division)) for row in listed.rows],
            total=listed.total,
            pages=max(-(-listed.total // PAGE_ROWS), 1),
            number=number,
            words=words,
            status=status,
            statuses=STATUSES,
            waiting=len(await changes_waiting(principal)) + len(await applications_waiting(principal)),
        )

    @get("/waiting")
    async def waiting(self, runtime: Runtime, request: AnyRequest, principal: Staff) -> Template:
        """Proposals and sign-ups that wait for the community."""
        return await _waiting_page(runtime, request, principal)

    @get("/{merchant_id:uuid}")
    async def one(self, runtime: Runtime, request: AnyRequest, principal: Staff, merchant_id: UUID) -> Template:
        """One shop with its history and its people."""
        return await _one_page(runtime, request, principal, merchant_id)

    @post("/{merchant_id:uuid}/status")
    async def status(
        self,
        runtime: Runtime,
        request: AnyRequest,
        principal: Staff,
        merchant_id: UUID,
        data: Annotated[StatusForm, URL_FORM],
    ) -> Redirect | Template:
        """Close, revoke or reopen it, with the reason."""
        now = runtime.clock.now()
        try:
            await set_status(runtime, merchant_id, principal, status=data.status, reason=data.reason, now=now)
        except DomainError as error:
            return await _one_page(runtime, request, principal, merchant_id, error=error)
        return Redirect(f"{LIST}/{merchant_id}", status_code=303)

    @post("/{merchant_id:uuid}/invite", status_code=200)
    async def invite(
        self,
        runtime: Runtime,
        request: AnyRequest,
        principal: Staff,
        merchant_id: UUID,
        data: Annotated[InviteForm, URL_FORM],
    ) -> Template:
        """Invite an owner: of a shop that came by spreadsheet, or whose owner cannot sign in any more."""
        await merchant_of_area(merchant_id, principal)
        try:
            token = await invite(
                runtime,
                merchant_id,
                role="owner",
                invitee=data.invitee,
                actor=principal.label,
                now=runtime.clock.now(),
            )
        except DomainError as error:
            return await _one_page(runtime, request, principal, merchant_id, error=error)
        return await _one_page(runtime, request, principal, merchant_id, link=invitation_link(runtime, token))


class RegistryDecisions(Controller):
    path = WAITING
    guards = [Allow(Staff, roles=KEEPERS)]
    include_in_schema = False

    @post("/changes/{change_id:uuid}")
    async def change(
        self,
        runtime: Runtime,
        request: AnyRequest,
        principal: Staff,
        change_id: UUID,
        data: Annotated[DecisionForm, URL_FORM],
    ) -> Redirect | Template:
        """Confirm or decline what a shop proposed."""
        confirmed, now = data.act == "confirm", runtime.clock.now()
        try:
            await decide_change(runtime, change_id, principal, is_confirmed=confirmed, reason=data.reason, now=now)
        except DomainError as error:
            return await _waiting_page(runtime, request, principal, error=error)
        return Redirect(WAITING, status_code=303)

    @post("/sign-ups/{application_id:uuid}")
    async def application(
        self,
        runtime: Runtime,
        request: AnyRequest,
        principal: Staff,
        application_id: UUID,
        data: Annotated[DecisionForm, URL_FORM],
    ) -> Redirect | Template:
        """Confirm or decline a shop's sign-up."""
        confirmed, now = data.act == "confirm", runtime.clock.now()
        try:
            await decide_application(
                runtime, application_id, principal, is_confirmed=confirmed, reason=data.reason, now=now
            )
        except DomainError as error:
            return await _waiting_page(runtime, request, principal, error=error)
        return Redirect(WAITING, status_code=303)


async def _one_page(
    runtime: Runtime,
    request: AnyRequest,
    staff: Staff,
    merchant_id: UUID,
    *,
    error: DomainError | None = None,
    link: str = "",
) -> Template:
    if error and error.status not in _SHOWN:
        raise error
    row = await merchant_of_area(merchant_id, staff)
    facts = [(FIELDS[name], shown(name, written(value))) for name, value in values_of(row).items()]
    return page(
        "registry/console_one.html",
        request,
        status_code=error.status if error else 200,
        error=error.explain(language_of(request)) if error else "",
        row=row,
        facts=facts,
        statuses=STATUSES,
        people=await people_of(row.id),
        roles=ROLES,
        invitations=await open_invitations(row.id, now=runtime.clock.now()),
        history=await history_of(row.id),
        states=STATES,
        sources=SOURCES,
        link=link,
        days=DAYS,
    )


async def _waiting_page(
    runtime: Runtime, request: AnyRequest, staff: Staff, *, error: DomainError | None = None
) -> Template:
    if error and error.status not in (*_SHOWN, 403):
        raise error
    changes = await read_lines(await changes_waiting(staff))
    applications = await applications_waiting(staff)
    shops = {shop.id: shop for shop in await list_merchants({line.row.merchant_id for line in changes})}
    return page(
        "registry/console_waiting.html",
        request,
        status_code=error.status if error else 200,
        error=error.explain(language_of(request)) if error else "",
        changes=[(line, shops[line.row.merchant_id]) for line in changes],
        applications=[
            (row, contact_of(runtime.keys, row), [(FIELDS[n], shown(n, written(getattr(row, n)))) for n in _ASKED])
            for row in applications
        ],
        person=staff.person,
    )


_ASKED = ("uscc", "trade", "division", "address", "phone", "licence_date")
PAGES = (RegistryPages, RegistryDecisions)
