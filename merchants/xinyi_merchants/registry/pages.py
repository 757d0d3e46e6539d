"""The operator's shop: what the public sees of it, how its people change it, and its history."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any
from uuid import UUID

from litestar import Controller, Request, get, post
from litestar.datastructures import UploadFile
from litestar.enums import RequestEncodingType
from litestar.params import Body
from litestar.response import Redirect, Response, Template

from xinyi_merchants.registry.changing import edit_shop, set_picture, withdraw_change
from xinyi_merchants.registry.checking import FIELDS, values_of, written
from xinyi_merchants.registry.finding import MerchantFacts, merchant_of_operator
from xinyi_merchants.registry.history import SOURCES, STATES, STATUSES, history_of, waiting_change
from xinyi_merchants.registry.models import Merchant
from xinyi_merchants.registry.trades import TRADES, trade_name
from xinyi_platform.clock import local_date
from xinyi_platform.divisions import communities, division_name
from xinyi_platform.errors import DomainError, NotFound
from xinyi_platform.files import StoredFile
from xinyi_platform.language import language_of
from xinyi_platform.principals import Allow, Duty, Operator, caller_of
from xinyi_platform.runtime import Runtime
from xinyi_platform.web import Form, page

AnyRequest = Request[Any, Any, Any]
URL_FORM = Body(media_type=RequestEncodingType.URL_ENCODED)
_SHOWN = (400, 409, 413, 422)
_SEES = [Allow(Operator, duty=Duty.TILL)]
_RUNS = [Allow(Operator, duty=Duty.RUN)]


class ShopForm(Form, kw_only=True, frozen=True):
    """Facts as typed; what a form leaves out stays as it is."""

    uscc: str | None = None
    name: str | None = None
    trade: str | None = None
    division: str | None = None
    address: str | None = None
    phone: str | None = None
    licence_date: str | None = None
    opened_on: str | None = None


class PictureForm(Form, kw_only=True, frozen=True):
    picture: UploadFile


async def read_picture(runtime: Runtime, picture_id: object) -> bytes:
    """Return a stored picture's bytes. Raises NotFound (404)."""
    stored = await StoredFile.get_or_none(id=picture_id) if picture_id else None
    if stored is None:
        raise NotFound
    try:
        return await asyncio.to_thread(runtime.files.read, stored.digest)
    except FileNotFoundError as error:
        raise NotFound from error


async def load_shop_card(request: AnyRequest, _: dict[str, Any]) -> dict[str, Any] | None:
    """Say which shop this is, on the operator's home page."""
    caller = caller_of(request)
    if not isinstance(caller, Operator):
        return None
    return await _values(request, await merchant_of_operator(caller.id))


async def _values(request: AnyRequest, shop: MerchantFacts) -> dict[str, Any]:
    runtime: Runtime = request.app.state.runtime
    merchant = await Merchant.get(id=shop.id)
    return {
        "shop": shop,
        "trade": trade_name(shop.trade),
        "place": division_name(shop.division),
        "is_honest": shop.is_honest(local_date(runtime.clock.now())),
        "status": STATUSES[shop.status],
        "held": {name: written(value) for name, value in values_of(merchant).items()},
    }


class ShopPages(Controller):
    """Everybody at the shop sees it; who runs it changes it: each act carries its own guard."""

    path = "/portal/shop"
    include_in_schema = False

    @get("/", guards=_SEES)
    async def show(self, request: AnyRequest, principal: Operator, done: str = "") -> Template:
        """The shop's public facts."""
        return await _shop_page(request, principal, done=done)

    @get("/picture", guards=_SEES)
    async def picture(self, runtime: Runtime, principal: Operator) -> Response[bytes]:
        """The shop's picture as it is now."""
        shop = await merchant_of_operator(principal.id)
        return Response(await read_picture(runtime, shop.picture_id), media_type="image/jpeg")

    @post("/", guards=_RUNS)
    async def edit(
        self, runtime: Runtime, request: AnyRequest, principal: Operator, data: Annotated[ShopForm, URL_FORM]
    ) -> Redirect | Template:
        """Change the shop's facts, at once or by proposal."""
        shop = await merchant_of_operator(principal.id)
        given = {name: text for name in FIELDS if (text := getattr(data, name)) is not None}
        try:
            edited = await edit_shop(runtime, shop.id, given, operator=principal, now=runtime.clock.now())
        except DomainError as error:
            return await _shop_page(request, principal, error=error, typed=given)
        return Redirect(f"/portal/shop?done={'proposed' if edited.proposed else 'changed'}", status_code=303)

    @post("/changes/{change_id:uuid}/withdraw", guards=_RUNS)
    async def withdraw(
        self, runtime: Runtime, request: AnyRequest, principal: Operator, change_id: UUID
    ) -> Redirect | Template:
        """Take a proposal back."""
        shop = await merchant_of_operator(principal.id)
        try:
            await withdraw_change(change_id, shop.id, actor=principal.label, now=runtime.clock.now())
        except DomainError as error:
            return await _shop_page(request, principal, error=error)
        return Redirect("/portal/shop", status_code=303)

    @post("/picture", guards=_RUNS)
    async def upload(
        self,
        runtime: Runtime,
        request: AnyRequest,
        principal: Operator,
        data: Annotated[PictureForm, Body(media_type=RequestEncodingType.MULTI_PART)],
    ) -> Redirect | Template:
        """Change the picture that visitors compare the shop with."""
        shop = await merchant_of_operator(principal.id)
        try:
            await set_picture(
                runtime, shop.id, await data.picture.read(), actor=principal.label, now=runtime.clock.now()
            )
        except DomainError as error:
            return await _shop_page(request, principal, error=error)
        return Redirect("/portal/shop", status_code=303)


async def _shop_page(
    request: AnyRequest,
    operator: Operator,
    *,
    done: str = "",
    error: DomainError | None = None,
    typed: dict[str, str] | None = None,
) -> Template:
    if error and error.status not in _SHOWN:
        raise error
    shop = await merchant_of_operator(operator.id)
    values = await _values(request, shop)
    values["held"] |= typed or {}
    return page(
        "registry/portal_shop.html",
        request,
        status_code=error.status if error else 200,
        error=error.explain(language_of(request)) if error else "",
        wrong=str(error.values.get("field", "")) if error else "",
        done=done,
        may_edit=Duty.RUN in operator.duties,
        fields=FIELDS,
        trades=TRADES,
        places={code: division_name(code) for code in communities()},
        waiting=await waiting_change(shop.id),
        history=await history_of(shop.id),
        states=STATES,
        sources=SOURCES,
        **values,
    )


PAGES = (ShopPages,)
