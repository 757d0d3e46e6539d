"""Support in the portal, in the console, and the public page of recommended shops."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import quote
from uuid import UUID

from litestar import Controller, Request, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body, QueryParameter
from litestar.response import Redirect, Template

from xinyi_merchants.registry import find_merchant_by_code, merchant_of_operator
from xinyi_merchants.registry.finding import MerchantFacts
from xinyi_platform.clock import local_date
from xinyi_platform.errors import DomainError, NotFound
from xinyi_platform.language import language_of
from xinyi_platform.principals import Allow, Anyone, Duty, Operator, Role, Staff, caller_of
from xinyi_platform.runtime import Runtime
from xinyi_platform.tenancy import area_of
from xinyi_platform.web import Form, page
from xinyi_rewards.support.policy import KINDS, support_policies
from xinyi_rewards.support.reading import by_place, numbers_for, promoted, support_of, uses_of
from xinyi_rewards.support.states import NAMES
from xinyi_rewards.support.using import put_down_use, reverse_use
from xinyi_scenarios.redemptions.pages import fen_of

AnyRequest = Request[Any, Any, Any]
URL_FORM = Body(media_type=RequestEncodingType.URL_ENCODED)
CLERKS = [Role.COMMUNITY_WORKER, Role.REVIEWER, Role.CREDIT_OFFICE, Role.SUPERVISOR]
"""Who sees support and puts its use down, for the shops of her area."""


class UseForm(Form, kw_only=True, frozen=True):
    code: str = ""
    amount: str = ""
    reference: str = ""


class ReverseForm(Form, kw_only=True, frozen=True):
    code: str = ""
    reason: str = ""


class PortalSupportPages(Controller):
    path = "/portal/support"
    guards = [Allow(Operator)]
    include_in_schema = False

    @get("/")
    async def mine(self, runtime: Runtime, request: AnyRequest, principal: Operator) -> Template:
        """What my shop has, until when and how it is used, and what it has not and why."""
        shop = await merchant_of_operator(principal.id)
        grants = await support_of(shop.id)
        return page(
            "support/portal_support.html",
            request,
            grants=grants,
            uses=await uses_of([grant.id for grant in grants]),
            policies=support_policies(),
            states=NAMES,
            is_honest=shop.is_honest(local_date(runtime.clock.now())),
        )


class ConsoleSupportPages(Controller):
    path = "/console/support"
    guards = [Allow(Staff, roles=CLERKS)]
    include_in_schema = False

    @get("/")
    async def index(self, request: AnyRequest, principal: Staff, code: str = "") -> Template:
        """How each policy stands in my area; with a merchant's code, that shop's support."""
        return await _console(request, principal, code)

    @post("/{support_id:uuid}/uses", status_code=200)
    async def use(
        self,
        runtime: Runtime,
        request: AnyRequest,
        principal: Staff,
        support_id: UUID,
        data: Annotated[UseForm, URL_FORM],
    ) -> Template | Redirect:
        """Put a use down."""
        try:
            fen = fen_of(data.amount) or 0
            await put_down_use(support_id, principal, amount_fen=fen, reference=data.reference, at=runtime.clock.now())
        except DomainError as error:
            if error.status not in (400, 409, 422):
                raise
            return await _console(request, principal, data.code, form=data, error=error)
        return Redirect(f"/console/support?code={quote(data.code)}", status_code=303)

    @post("/uses/{use_id:uuid}/reverse", status_code=200)
    async def reverse(
        self,
        runtime: Runtime,
        request: AnyRequest,
        principal: Staff,
        use_id: UUID,
        data: Annotated[ReverseForm, URL_FORM],
    ) -> Template | Redirect:
        """Undo a use."""
        try:
            await reverse_use(use_id, principal, reason=data.reason, at=runtime.clock.now())
        except DomainError as error:
            if error.status not in (400, 409):
                raise
            return await _console(request, principal, data.code, error=error)
        return Redirect(f"/console/support?code={quote(data.code)}", status_code=303)


async def shop_of(code: str, staff: Staff) -> MerchantFacts:
    """Return the shop of a code in a member of staff's area. Raises NotFound (404)."""
    shop = await find_merchant_by_code(code)
    area_of(staff).require(shop.division)
    return shop


async def _console(
    request: AnyRequest, staff: Staff, code: str, *, form: UseForm | None = None, error: DomainError | None = None
) -> Template:
    shop, missing = None, False
    if code:
        try:
            shop = await shop_of(code, staff)
        except NotFound:
            missing = True
    grants = await support_of(shop.id) if shop else []
    return page(
        "support/console_support.html",
        request,
        status_code=error.status if error else 404 if missing else 200,
        numbers=await numbers_for(staff),
        kinds=KINDS,
        states=NAMES,
        policies=support_policies(),
        code=code,
        shop=shop,
        is_missing=missing,
        grants=grants,
        uses=await uses_of([grant.id for grant in grants]),
        form=form,
        error=error.explain(language_of(request)) if error else None,
    )


@get("/recommended-shops", guards=[Allow(Anyone)], include_in_schema=False)
async def recommended(
    runtime: Runtime,
    request: AnyRequest,
    division: Annotated[str, QueryParameter(pattern=r"^[0-9]{0,12}$")] = "",
) -> Template:
    """Honest shops that are promoted today, by district and community: the registry knows no coordinates."""
    shops = await promoted(on=local_date(runtime.clock.now()), division=division)
    return page("support/recommended.html", request, districts=by_place(shops), division=division)


async def support_card(request: AnyRequest, _: dict[str, Any]) -> dict[str, Any] | None:
    """How much support the shop has now; no card where there is none."""
    caller = caller_of(request)
    if not isinstance(caller, Operator) or Duty.RUN not in caller.duties:
        return None
    grants = await support_of((await merchant_of_operator(caller.id)).id)
    live = [grant for grant in grants if grant.state == "granted"]
    return {"live": len(live), "until": min(grant.ends_on for grant in live)} if live else None


ROUTES = (PortalSupportPages, ConsoleSupportPages, recommended)
