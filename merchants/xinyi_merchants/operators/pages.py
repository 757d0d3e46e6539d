"""The owner's page of people, and the page behind an invitation's link."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from litestar import Controller, Request, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body
from litestar.response import Redirect, Template
from markupsafe import Markup

from xinyi_merchants.operators.inviting import (
    DAYS,
    Acceptance,
    accept,
    invitation_of,
    invite,
    open_invitations,
    revoke_invitation,
    secret_of,
)
from xinyi_merchants.operators.models import MerchantInvitation
from xinyi_merchants.operators.roles import MEANINGS, ROLES
from xinyi_merchants.operators.staffing import change_role, people_of, remove_operator
from xinyi_merchants.registry.finding import MerchantFacts, find_merchant, merchant_of_operator
from xinyi_platform.errors import DomainError
from xinyi_platform.identity import totp_address
from xinyi_platform.language import language_of
from xinyi_platform.principals import Allow, Anyone, Duty, Operator
from xinyi_platform.qr import draw_svg
from xinyi_platform.rate_limits import limit
from xinyi_platform.runtime import Runtime
from xinyi_platform.web import Form, page

AnyRequest = Request[Any, Any, Any]
URL_FORM = Body(media_type=RequestEncodingType.URL_ENCODED)
LIST = "/portal/people"
_SHOWN = (400, 409, 429)


class InviteForm(Form, kw_only=True, frozen=True):
    invitee: str = ""
    role: str = ""


class RoleForm(Form, kw_only=True, frozen=True):
    role: str = ""


class AcceptForm(Form, kw_only=True, frozen=True):
    username: str = ""
    password: str = ""
    totp: str = ""


class PeoplePages(Controller):
    path = LIST
    guards = [Allow(Operator, duty=Duty.OWN)]
    include_in_schema = False

    @get("/")
    async def index(self, runtime: Runtime, request: AnyRequest, principal: Operator) -> Template:
        """Who acts for the shop, and who is invited."""
        return await _people_page(runtime, request, await merchant_of_operator(principal.id))

    @post("/", status_code=200)
    async def invite(
        self, runtime: Runtime, request: AnyRequest, principal: Operator, data: Annotated[InviteForm, URL_FORM]
    ) -> Template:
        """Invite somebody; the link is on the page that answers, and nowhere else."""
        shop, now = await merchant_of_operator(principal.id), runtime.clock.now()
        try:
            token = await invite(runtime, shop.id, role=data.role, invitee=data.invitee, actor=principal.label, now=now)
        except DomainError as error:
            return await _people_page(runtime, request, shop, error=error, typed=data)
        return await _people_page(runtime, request, shop, link=invitation_link(runtime, token))

    @post("/{operator_id:uuid}/role")
    async def role(
        self,
        runtime: Runtime,
        request: AnyRequest,
        principal: Operator,
        operator_id: UUID,
        data: Annotated[RoleForm, URL_FORM],
    ) -> Redirect | Template:
        """Give somebody another role."""
        shop = await merchant_of_operator(principal.id)
        try:
            await change_role(operator_id, shop.id, role=data.role, actor=principal.label, now=runtime.clock.now())
        except DomainError as error:
            return await _people_page(runtime, request, shop, error=error)
        return Redirect(LIST, status_code=303)

    @post("/{operator_id:uuid}/remove")
    async def remove(
        self, runtime: Runtime, request: AnyRequest, principal: Operator, operator_id: UUID
    ) -> Redirect | Template:
        """Take somebody off."""
        shop = await merchant_of_operator(principal.id)
        try:
            await remove_operator(operator_id, shop.id, actor=principal.label, now=runtime.clock.now())
        except DomainError as error:
            return await _people_page(runtime, request, shop, error=error)
        return Redirect(LIST, status_code=303)

    @post("/invitations/{invitation_id:uuid}/revoke")
    async def revoke(self, runtime: Runtime, principal: Operator, invitation_id: UUID) -> Redirect:
        """Take an invitation back."""
        shop = await merchant_of_operator(principal.id)
        await revoke_invitation(invitation_id, shop.id, actor=principal.label, now=runtime.clock.now())
        return Redirect(LIST, status_code=303)


class InvitationPages(Controller):
    path = "/portal/invitations/{token:str}"
    guards = [Allow(Anyone)]
    include_in_schema = False

    @get("/")
    async def show(self, runtime: Runtime, request: AnyRequest, token: str) -> Template:
        """What the invitation is for, and the authenticator's secret."""
        row = await invitation_of(token, now=runtime.clock.now())
        return await _invitation_page(runtime, request, row, token)

    @post("/", status_code=200)
    async def accept(
        self, runtime: Runtime, request: AnyRequest, token: str, data: Annotated[AcceptForm, URL_FORM]
    ) -> Redirect | Template:
        """Make the account; then one signs in as ever."""
        now = runtime.clock.now()
        row = await invitation_of(token, now=now)
        try:
            await limit(runtime.cache, f"invitation:{row.id}", times=20, per_seconds=600)
            await accept(runtime, token, Acceptance(data.username, data.password, data.totp), now=now)
        except DomainError as error:
            if error.status not in _SHOWN:
                raise
            return await _invitation_page(runtime, request, row, token, error=error, username=data.username)
        return Redirect("/portal/sign-in", status_code=303)


def invitation_link(runtime: Runtime, token: str) -> str:
    """Return the address that an invited person opens."""
    return f"{runtime.settings.public_url}/portal/invitations/{token}"


async def _people_page(
    runtime: Runtime,
    request: AnyRequest,
    shop: MerchantFacts,
    *,
    error: DomainError | None = None,
    typed: InviteForm | None = None,
    link: str = "",
) -> Template:
    if error and error.status not in _SHOWN:
        raise error
    return page(
        "operators/portal_people.html",
        request,
        status_code=error.status if error else 200,
        error=error.explain(language_of(request)) if error else "",
        people=await people_of(shop.id),
        invitations=await open_invitations(shop.id, now=runtime.clock.now()),
        roles=ROLES,
        meanings=MEANINGS,
        typed=typed or InviteForm(),
        link=link,
        days=DAYS,
    )


async def _invitation_page(
    runtime: Runtime,
    request: AnyRequest,
    row: MerchantInvitation,
    token: str,
    *,
    error: DomainError | None = None,
    username: str = "",
) -> Template:
    shop, secret = await find_merchant(row.merchant_id), secret_of(runtime.keys, row)
    address = totp_address(secret, name=row.invitee, issuer="Xinyi+")
    return page(
        "operators/invitation.html",
        request,
        status_code=error.status if error else 200,
        error=error.explain(language_of(request)) if error else "",
        shop=shop,
        role=ROLES[row.role],
        meaning=MEANINGS[row.role],
        invitee=row.invitee,
        username=username,
        secret=secret,
        code=Markup(draw_svg(address, "M")),  # noqa: S704 -- drawn by us
        token=token,
        until=row.expires_at,
    )


PAGES = (PeoplePages, InvitationPages)
