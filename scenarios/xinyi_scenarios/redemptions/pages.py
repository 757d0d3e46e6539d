"""The till: read or type a customer's code, see what it is worth, redeem it, undo a mistake."""

from __future__ import annotations

import asyncio
import io
from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

import zxingcpp
from litestar import Controller, Request, get, post
from litestar.datastructures import UploadFile
from litestar.enums import RequestEncodingType
from litestar.params import Body
from litestar.response import Redirect, Template
from PIL import Image, UnidentifiedImageError
from tortoise.functions import Count, Sum

from xinyi_merchants.registry import merchant_of_operator
from xinyi_platform.errors import DomainError, InvalidField
from xinyi_platform.language import language_of
from xinyi_platform.principals import Allow, Duty, Operator
from xinyi_platform.rate_limits import limit
from xinyi_platform.runtime import Runtime
from xinyi_platform.web import Form, page
from xinyi_scenarios.entitlements.codes import CodeUnreadable, read_code
from xinyi_scenarios.entitlements.models import Entitlement
from xinyi_scenarios.entitlements.reading import entitlement_by_code
from xinyi_scenarios.manifests import Catalogue
from xinyi_scenarios.redemptions.models import Redemption
from xinyi_scenarios.redemptions.redeeming import Use, redeem_entitlement, refuse_use
from xinyi_scenarios.redemptions.undoing import undo_redemption

AnyRequest = Request[Any, Any, Any]
URL_FORM = Body(media_type=RequestEncodingType.URL_ENCODED)
FILE_FORM = Body(media_type=RequestEncodingType.MULTI_PART)
RECENT_DAYS = 30
MOST_PICTURE_BYTES = 5_000_000


class CodeForm(Form, kw_only=True, frozen=True):
    code: str = ""


class PictureForm(Form, kw_only=True, frozen=True):
    picture: UploadFile


class RedeemForm(Form, kw_only=True, frozen=True):
    """`price` in yuan, as typed; empty where the benefit has no price."""

    code: str
    price: str = ""


class ReverseForm(Form, kw_only=True, frozen=True):
    reason: str = ""


def fen_of(price: str) -> int | None:
    """Return yuan as typed in fen, or None for nothing. Raises InvalidField (400)."""
    text = price.strip().removeprefix("¥").replace(",", "")
    if not text:
        return None
    whole, _, cents = text.partition(".")
    if not text.isascii() or not whole.isdigit() or len(whole) > 6 or len(cents) > 2 or (cents and not cents.isdigit()):
        raise InvalidField(field="price", zh="请输入金额,例如 88.00。", en="Enter an amount, such as 88.00.")
    return int(whole) * 100 + int(cents.ljust(2, "0") or 0)


def decode_picture(content: bytes) -> str:
    """Return the text of the QR code in a picture. Raises CodeUnreadable (422)."""
    try:
        with Image.open(io.BytesIO(content[:MOST_PICTURE_BYTES]), formats=["JPEG", "PNG", "WEBP"]) as picture:
            picture.thumbnail((1_600, 1_600))
            found = zxingcpp.read_barcodes(picture.convert("L"))
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError) as error:
        raise CodeUnreadable from error
    if not found:
        raise CodeUnreadable
    return str(found[0].text)


class RedeemPages(Controller):
    path = "/portal/redeem"
    guards = [Allow(Operator, duty=Duty.TILL)]
    include_in_schema = False

    @get("/")
    async def form(self, request: AnyRequest, code: str = "") -> Template:
        """Read or type a code."""
        return page("redemptions/portal_read.html", request, error=None, code=code)

    @post("/picture", status_code=200)
    async def from_picture(
        self, runtime: Runtime, request: AnyRequest, principal: Operator, data: Annotated[PictureForm, FILE_FORM]
    ) -> Template:
        """Read the code from a photograph, where the browser cannot read it itself."""
        content = await data.picture.read()
        try:
            text = await asyncio.to_thread(decode_picture, content)
        except DomainError as error:
            return self._refused(request, error, code="")
        return await self._check(runtime, request, principal, text)

    @post("/check", status_code=200)
    async def check(
        self, runtime: Runtime, request: AnyRequest, principal: Operator, data: Annotated[CodeForm, URL_FORM]
    ) -> Template:
        """Show what a code is worth."""
        return await self._check(runtime, request, principal, data.code)

    @post("/", status_code=200)
    async def redeem(
        self, runtime: Runtime, request: AnyRequest, principal: Operator, data: Annotated[RedeemForm, URL_FORM]
    ) -> Template | Redirect:
        """Redeem it, once."""
        now = runtime.clock.now()
        merchant = await merchant_of_operator(principal.id)
        try:
            use = Use(
                merchant=merchant,
                actor=principal.label,
                channel="portal",
                price_fen=fen_of(data.price),
                at=now,
            )
            row = await redeem_entitlement(read_code(runtime.keys, data.code, now=now), use)
        except InvalidField as error:
            return await self._check(runtime, request, principal, data.code, error=error, price=data.price)
        except DomainError as error:
            return self._refused(request, error, code=data.code)
        return Redirect(f"/portal/redemptions?done={row.id}", status_code=303)

    async def _check(
        self,
        runtime: Runtime,
        request: AnyRequest,
        principal: Operator,
        scanned: str,
        *,
        error: DomainError | None = None,
        price: str = "",
    ) -> Template:
        try:
            await limit(runtime.cache, f"check:{principal.id}", times=60, per_seconds=60)
            code = read_code(runtime.keys, scanned, now=runtime.clock.now())
            held = await entitlement_by_code(code)
        except DomainError as refusal:
            return self._refused(request, refusal, code=scanned)
        merchant, refused = await merchant_of_operator(principal.id), None
        try:
            await refuse_use(await Entitlement.get(id=held.id), merchant, "portal", at=runtime.clock.now())
        except DomainError as refusal:
            refused = refusal.explain(language_of(request))
        return page(
            "redemptions/portal_check.html",
            request,
            status_code=error.status if error else 200,
            error=error.explain(language_of(request)) if error else None,
            price=price,
            held=held,
            refused=refused,
            scene=runtime.part(Catalogue).promised(held.scenario, held.version),
            merchant=merchant,
        )

    def _refused(self, request: AnyRequest, error: DomainError, *, code: str) -> Template:
        message = error.explain(language_of(request))
        return page("redemptions/portal_read.html", request, status_code=error.status, error=message, code=code)


class RedemptionPages(Controller):
    path = "/portal/redemptions"
    guards = [Allow(Operator, duty=Duty.TILL)]
    include_in_schema = False

    @get("/")
    async def index(
        self, runtime: Runtime, request: AnyRequest, principal: Operator, done: UUID | None = None
    ) -> Template:
        """What was redeemed here, newest first."""
        return await self._show(runtime, request, principal, done=done, error=None, status=200)

    @post("/{redemption_id:uuid}/reverse", status_code=200)
    async def reverse(
        self,
        runtime: Runtime,
        request: AnyRequest,
        principal: Operator,
        redemption_id: UUID,
        data: Annotated[ReverseForm, URL_FORM],
    ) -> Template | Redirect:
        """Undo a mistake, once."""
        merchant = await merchant_of_operator(principal.id)
        try:
            if not 1 <= len(data.reason.strip()) <= 200:
                raise InvalidField(field="reason", zh="请填写冲正原因。", en="Give the reason.")
            reason = data.reason.strip()
            await undo_redemption(runtime, redemption_id, merchant_id=merchant.id, actor=principal.label, reason=reason)
        except DomainError as error:
            if error.status == 404:
                raise
            message = error.explain(language_of(request))
            return await self._show(runtime, request, principal, done=None, error=message, status=error.status)
        return Redirect("/portal/redemptions", status_code=303)

    async def _show(
        self,
        runtime: Runtime,
        request: AnyRequest,
        principal: Operator,
        *,
        done: UUID | None,
        error: str | None,
        status: int,
    ) -> Template:
        merchant = await merchant_of_operator(principal.id)
        rows = await Redemption.filter(merchant_id=merchant.id).order_by("-redeemed_at").limit(100)
        return page(
            "redemptions/portal_list.html",
            request,
            status_code=status,
            rows=rows,
            done=done,
            error=error,
            scenes=runtime.part(Catalogue).scenes,
        )


async def portal_card(request: AnyRequest, _: dict[str, Any]) -> dict[str, Any] | None:
    """What the portal's home says of redemptions."""
    merchant = await merchant_of_operator(request.user.id)
    runtime: Runtime = request.app.state.runtime
    since = runtime.clock.now() - timedelta(days=RECENT_DAYS)
    live = Redemption.filter(merchant_id=merchant.id, slot="live")
    recent = await (
        live.filter(redeemed_at__gte=since)
        .annotate(number=Count("id"), discount=Sum("discount_fen"))
        .group_by("scenario")
        .values("scenario", "number", "discount")
    )
    return {
        "count": await live.count(),
        "days": RECENT_DAYS,
        "recent": sorted(recent, key=lambda row: -row["number"])[:5],
        "scenes": runtime.part(Catalogue).scenes,
    }


ROUTES = (RedeemPages, RedemptionPages)
