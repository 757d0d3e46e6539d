"""The operator's shop: what the public sees of it, and its picture."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from litestar import Controller, Request, get, post
from litestar.datastructures import UploadFile
from litestar.enums import RequestEncodingType
from litestar.params import Body
from litestar.response import Redirect, Response, Template

from xinyi_merchants.registry.changing import set_picture
from xinyi_merchants.registry.finding import MerchantFacts, merchant_of_operator
from xinyi_merchants.registry.trades import trade_name
from xinyi_platform.clock import local_date
from xinyi_platform.divisions import division_name
from xinyi_platform.errors import DomainError, NotFound
from xinyi_platform.files import StoredFile
from xinyi_platform.language import language_of
from xinyi_platform.principals import Allow, Operator, caller_of
from xinyi_platform.runtime import Runtime
from xinyi_platform.web import Form, page

AnyRequest = Request[Any, Any, Any]


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
    return _values(request, await merchant_of_operator(caller.id))


def _values(request: AnyRequest, shop: MerchantFacts) -> dict[str, Any]:
    runtime: Runtime = request.app.state.runtime
    return {
        "shop": shop,
        "trade": trade_name(shop.trade),
        "place": division_name(shop.division),
        "is_honest": shop.is_honest(local_date(runtime.clock.now())),
    }


class ShopPages(Controller):
    path = "/portal/shop"
    guards = [Allow(Operator)]
    include_in_schema = False

    @get("/")
    async def show(self, request: AnyRequest, principal: Operator) -> Template:
        """The shop's public facts."""
        shop = await merchant_of_operator(principal.id)
        return page("registry/portal_shop.html", request, **_values(request, shop))

    @get("/picture")
    async def picture(self, runtime: Runtime, principal: Operator) -> Response[bytes]:
        """The shop's picture as it is now."""
        shop = await merchant_of_operator(principal.id)
        return Response(await read_picture(runtime, shop.picture_id), media_type="image/jpeg")

    @post("/picture")
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
            if error.status not in (413, 422):
                raise
            return page(
                "registry/portal_shop.html",
                request,
                status_code=error.status,
                error=error.explain(language_of(request)),
                **_values(request, shop),
            )
        return Redirect("/portal/shop", status_code=303)
