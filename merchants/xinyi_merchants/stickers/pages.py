"""The operator's stickers: see, print, download, replace and revoke them."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

from litestar import Controller, Request, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body
from litestar.response import Redirect, Response, Template
from markupsafe import Markup

from xinyi_merchants.registry.finding import MerchantFacts, merchant_of_operator
from xinyi_merchants.registry.fonts import find_chinese_font
from xinyi_merchants.stickers.issuing import issue_sticker, replace_sticker, revoke_sticker, sticker_url
from xinyi_merchants.stickers.labels import MEDIA_TYPES, Format, Label, label_file
from xinyi_merchants.stickers.models import Sticker
from xinyi_merchants.stickers.scans import scans_since
from xinyi_platform.clock import local_date
from xinyi_platform.errors import InvalidField, NotFound
from xinyi_platform.principals import Allow, Operator
from xinyi_platform.qr import draw_png, draw_svg
from xinyi_platform.rate_limits import limit
from xinyi_platform.runtime import Runtime
from xinyi_platform.web import Form, page

AnyRequest = Request[Any, Any, Any]
URL_FORM = Body(media_type=RequestEncodingType.URL_ENCODED)
LIST = "/portal/stickers"
SCANS_SHOWN = timedelta(days=30)


class EmptyForm(Form, kw_only=True, frozen=True):
    """Only the form token."""


class RevokeForm(Form, kw_only=True, frozen=True):
    reason: str = ""
    act: str = "revoke"


def code_svg(runtime: Runtime, sticker: Sticker) -> Markup:
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
        void = {row.id for row in rows if runtime.keys.is_retired(row.kid)}
        drawn = [(row, None if row.revoked_at or row.id in void else code_svg(runtime, row)) for row in rows]
        scans = await scans_since([row.serial for row in rows], local_date(runtime.clock.now()) - SCANS_SHOWN)
        return page("stickers/portal_list.html", request, shop=shop, stickers=drawn, void=void, scans=scans)

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
        return page("stickers/print.html", request, shop=shop, sticker=sticker, svg=code_svg(runtime, sticker))

    @get("/{sticker_id:uuid}/png")
    async def png(self, runtime: Runtime, principal: Operator, sticker_id: UUID) -> Response[bytes]:
        """The code as a PNG, 10 pixels a module."""
        _, sticker = await _own(principal, sticker_id)
        headers = {"Content-Disposition": f'attachment; filename="sticker-{sticker.serial}.png"'}
        return Response(draw_png(sticker_url(runtime, sticker), "Q"), media_type="image/png", headers=headers)

    @get("/{sticker_id:uuid}/label.pdf")
    async def label_pdf(self, runtime: Runtime, principal: Operator, sticker_id: UUID) -> Response[bytes]:
        """The label for a print shop: code, name and serial at 300 dots an inch."""
        return await _label(runtime, principal, sticker_id, "pdf")

    @get("/{sticker_id:uuid}/label.svg")
    async def label_svg(self, runtime: Runtime, principal: Operator, sticker_id: UUID) -> Response[bytes]:
        """The label as a drawing of any size."""
        return await _label(runtime, principal, sticker_id, "svg")

    @get("/{sticker_id:uuid}/label.png")
    async def label_png(self, runtime: Runtime, principal: Operator, sticker_id: UUID) -> Response[bytes]:
        """The label as a picture, black and white."""
        return await _label(runtime, principal, sticker_id, "png")

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


async def _own(principal: Operator, sticker_id: UUID) -> tuple[MerchantFacts, Sticker]:
    shop = await merchant_of_operator(principal.id)
    sticker = await Sticker.get_or_none(id=sticker_id, merchant_id=shop.id, revoked_at__isnull=True)
    if sticker is None:
        raise NotFound
    return shop, sticker


async def _label(runtime: Runtime, principal: Operator, sticker_id: UUID, kind: Format) -> Response[bytes]:
    shop, sticker = await _own(principal, sticker_id)
    label = Label(sticker_url(runtime, sticker), shop.name, sticker.serial)
    font = find_chinese_font(runtime.settings.label_font)
    content = await asyncio.to_thread(label_file, label, font, kind)
    headers = {"Content-Disposition": f'attachment; filename="label-{sticker.serial}.{kind}"'}
    return Response(content, media_type=MEDIA_TYPES[kind], headers=headers)
