"""The owner's page of webhooks: subscribe, try, change the secret, see each delivery and send one again."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from litestar import Controller, Request, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body
from litestar.response import Redirect, Template

from xinyi_merchants.registry.finding import merchant_of_operator
from xinyi_merchants.webhooks.keeping import add_endpoint, change_secret, end_endpoint, resend, try_endpoint
from xinyi_merchants.webhooks.topics import KINDS, kinds_of
from xinyi_platform.errors import DomainError
from xinyi_platform.language import language_of
from xinyi_platform.outbox import deliveries_of, endpoints_of
from xinyi_platform.principals import Allow, Duty, Operator
from xinyi_platform.runtime import Runtime
from xinyi_platform.web import Form, page

AnyRequest = Request[Any, Any, Any]
URL_FORM = Body(media_type=RequestEncodingType.URL_ENCODED)
LIST = "/portal/webhooks"
_SHOWN = (400, 409, 422, 429)


class SubscribeForm(Form, kw_only=True, frozen=True):
    """One checkbox a kind of event."""

    url: str = ""
    redemption: str = ""
    complaint: str = ""
    award: str = ""
    listing: str = ""

    @property
    def kinds(self) -> list[str]:
        return [kind for kind in KINDS if getattr(self, kind)]


class WebhookPages(Controller):
    path = LIST
    guards = [Allow(Operator, duty=Duty.OWN)]
    include_in_schema = False

    @get("/")
    async def index(self, request: AnyRequest, principal: Operator) -> Template:
        """Addresses, and what was delivered."""
        return await _page(request, await _audience(principal))

    @post("/", status_code=200)
    async def subscribe(
        self, runtime: Runtime, request: AnyRequest, principal: Operator, data: Annotated[SubscribeForm, URL_FORM]
    ) -> Template:
        """Add an address; its secret is on the page that answers, and nowhere else."""
        audience = await _audience(principal)
        try:
            secret = await add_endpoint(runtime, audience, url=data.url, kinds=data.kinds, actor=principal.label)
        except DomainError as error:
            return await _page(request, audience, error=error, typed=data)
        return await _page(request, audience, secret=secret)

    @post("/{endpoint_id:uuid}/secret", status_code=200)
    async def secret(self, runtime: Runtime, request: AnyRequest, principal: Operator, endpoint_id: UUID) -> Template:
        """Change the secret; the earlier one signs along for a day."""
        audience = await _audience(principal)
        try:
            secret = await change_secret(runtime, endpoint_id, audience, actor=principal.label)
        except DomainError as error:
            return await _page(request, audience, error=error)
        return await _page(request, audience, secret=secret)

    @post("/{endpoint_id:uuid}/test")
    async def test(
        self, runtime: Runtime, request: AnyRequest, principal: Operator, endpoint_id: UUID
    ) -> Redirect | Template:
        """Send a test event."""
        audience = await _audience(principal)
        try:
            await try_endpoint(runtime, endpoint_id, audience, actor=principal.label)
        except DomainError as error:
            return await _page(request, audience, error=error)
        return Redirect(LIST, status_code=303)

    @post("/{endpoint_id:uuid}/end")
    async def end(self, runtime: Runtime, principal: Operator, endpoint_id: UUID) -> Redirect:
        """End a subscription."""
        await end_endpoint(runtime, endpoint_id, await _audience(principal), actor=principal.label)
        return Redirect(LIST, status_code=303)

    @post("/deliveries/{delivery_id:uuid}/replay")
    async def replay(
        self, runtime: Runtime, request: AnyRequest, principal: Operator, delivery_id: UUID
    ) -> Redirect | Template:
        """Send one delivery again."""
        audience = await _audience(principal)
        try:
            await resend(runtime, delivery_id, audience, actor=principal.label)
        except DomainError as error:
            return await _page(request, audience, error=error)
        return Redirect(LIST, status_code=303)


async def _audience(operator: Operator) -> str:
    return f"merchant:{(await merchant_of_operator(operator.id)).id}"


async def _page(
    request: AnyRequest,
    audience: str,
    *,
    error: DomainError | None = None,
    typed: SubscribeForm | None = None,
    secret: str = "",
) -> Template:
    if error and error.status not in _SHOWN:
        raise error
    return page(
        "webhooks/portal_webhooks.html",
        request,
        status_code=error.status if error else 200,
        error=error.explain(language_of(request)) if error else "",
        endpoints=[(row, kinds_of(row.topics)) for row in await endpoints_of(audience)],
        deliveries=await deliveries_of(audience),
        kinds=KINDS,
        typed=typed or SubscribeForm(),
        secret=secret,
    )


PAGES = (WebhookPages,)
