"""The operator's stickers: see, print, replace and revoke them."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from litestar import Controller, Request, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body
from litestar.response import Redirect, Response, Template
from markupsafe import Markup

from xinyi_merchants.registry.finding import merchant_of_operator
from xinyi_merchants.stickers.issuing import issue_sticker, replace_sticker, revoke_sticker, sticker_url
from xinyi_merchants.stickers.models import Sticker
from xinyi_platform.errors import InvalidField, NotFound
from xinyi_platform.principals import Allow, Operator
from xinyi_platform.qr import draw_png, draw_svg
from xinyi_platform.rate_limits import limit
from xinyi_platform.runtime import Runtime
from xinyi_platform.web import Form, page

AnyRequest = Request[Any, Any, Any]
URL_FORM = Body(media_type=RequestEncodingType.URL_ENCODED)
LIST = "/portal/stickers"


class EmptyForm(Form, kw_only=True, frozen=True):
    """Only the form token."""


class RevokeForm(Form, kw_only=True, frozen=True):
    reason: str = ""
    act: str = "revoke"


def label_svg(runtime: Runtime, sticker: Sticker) -> Markup:
    """Return the sticker's QR code as safe SVG."""
    return Markup(draw_svg(sticker_url(runtime, sticker), "Q"))  # noqa: S704 -- drawn by us, from our own address


class StickerPages(Controller):
    path = LIST
    guards = [Allow(Operator)]
    include_in_schema = False

    @get("/")
    async def index(self, runtime: Runtime, request: AnyRequest, principal: Operator) -> Template:
        """The shop's stickers, the live ones with their code."""
        shop = await merchant_of_operator(principal.id)
        rows = await Sticker.filter(merchant_id=shop.id).order_by("-issued_at").limit(50)
        drawn = [(row, None if row.revoked_at else label_svg(runtime, row)) for row in rows]
        return page("stickers/portal_list.html", request, shop=shop, stickers=drawn)

    @post("/")
    async def issue(self, runtime: Runtime, principal: Operator, data: Annotated[EmptyForm, URL_FORM]) -> Redirect:
        """Issue one more."""
        shop = await merchant_of_operator(principal.id)
        await limit(runtime.cache, f"sticker-issue:{shop.id}", times=20, per_seconds=3_600)
        await issue_sticker(runtime, shop.id, actor=principal.label, now=runtime.clock.now())
        return Redirect(LIST, status_code=303)

    @get("/{sticker_id:uuid}/print")
    async def sheet(self, runtime: Runtime, request: AnyRequest, principal: Operator, sticker_id: UUID) -> Template:
        """An A4 page with the label, ready for the printer."""
        shop, sticker = await _own(principal, sticker_id)
        return page("stickers/print.html", request, shop=shop, sticker=sticker, svg=label_svg(runtime, sticker))

    @get("/{sticker_id:uuid}/png")
    async def png(self, runtime: Runtime, principal: Operator, sticker_id: UUID) -> Response[bytes]:
        """The code as a PNG, 10 pixels a module."""
        _, sticker = await _own(principal, sticker_id)
        headers = {"Content-Disposition": f'attachment; filename="sticker-{sticker.serial}.png"'}
        return Response(draw_png(sticker_url(runtime, sticker), "Q"), media_type="image/png", headers=headers)

    @post("/{sticker_id:uuid}/end")
    async def end(
        self, runtime: Runtime, principal: Operator, sticker_id: UUID, data: Annotated[RevokeForm, URL_FORM]
    ) -> Redirect:
        """Revoke a sticker, or replace it by a new one."""
        shop = await merchant_of_operator(principal.id)
        reason = data.reason.strip()
        if not 2 <= len(reason) <= 200:
            raise InvalidField(field="reason", zh="请填写2–200字的原因。", en="Give a reason of 2 to 200 characters.")
        act = replace_sticker if data.act == "replace" else revoke_sticker
        await act(runtime, sticker_id, shop.id, reason=reason, actor=principal.label, now=runtime.clock.now())
        return Redirect(LIST, status_code=303)


async def _own(principal: Operator, sticker_id: UUID) -> tuple[Any, Sticker]:
    shop = await merchant_of_operator(principal.id)
    sticker = await Sticker.get_or_none(id=sticker_id, merchant_id=shop.id, revoked_at__isnull=True)
    if sticker is None:
        raise NotFound
    return shop, sticker
