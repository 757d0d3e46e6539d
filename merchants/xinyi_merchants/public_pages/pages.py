"""The page behind a sticker: /m/{code}, for everybody, without script, cookie or sign-in."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import structlog
from litestar import Controller, Request, get
from litestar.enums import MediaType
from litestar.response import Response
from tortoise.exceptions import BaseORMException

from xinyi_merchants.commitments import commitment_of
from xinyi_merchants.commitments.texts import TEXTS
from xinyi_merchants.complaints.facts import complaint_facts
from xinyi_merchants.complaints.public_answers import answers_shown
from xinyi_merchants.complaints.states import CATEGORIES
from xinyi_merchants.public_pages.serving import (
    FRESH_SECONDS,
    LONGEST_CODE,
    READER_SECONDS,
    ServeKept,
    count_scan,
    is_place_told,
    keep_page,
    kept_name,
)
from xinyi_merchants.registry.finding import find_merchant_by_code
from xinyi_merchants.registry.history import STATUSES
from xinyi_merchants.registry.pages import read_picture
from xinyi_merchants.registry.trades import trade_name
from xinyi_merchants.stickers.issuing import PRINTED_LENGTH, Checked, check_sticker
from xinyi_merchants.stickers.scans import ELSEWHERE, districts, told_area
from xinyi_platform.clock import local_date
from xinyi_platform.divisions import division_name
from xinyi_platform.errors import NotFound, Unavailable
from xinyi_platform.ids import normalise_public_code
from xinyi_platform.language import language_of
from xinyi_platform.principals import Allow, Anyone
from xinyi_platform.runtime import Runtime
from xinyi_platform.web import fill_slots
from xinyi_platform.web.rendering import render

AnyRequest = Request[Any, Any, Any]
log = structlog.get_logger(__name__)
_FAILURES = (BaseORMException, OSError, TimeoutError, asyncio.TimeoutError)


async def check_code(runtime: Runtime, code: str) -> Checked:
    """Check a sticker's printed code, or look a merchant's public code up. Raises NotFound (404) for neither."""
    if not (code.isascii() and code.isalnum()):
        raise NotFound
    if len(code) != PRINTED_LENGTH:
        return Checked("genuine", await find_merchant_by_code(code))
    checked = await check_sticker(runtime, code)
    if checked.verdict == "cannot_tell":
        raise Unavailable
    if checked.merchant is None:
        raise NotFound
    return checked


class PublicMerchantPages(Controller):
    guards = [Allow(Anyone)]
    include_in_schema = False

    @get(["/m/{code:str}", "/M/{code:str}"], exclude_from_csrf=True, middleware=[ServeKept])
    async def show(self, runtime: Runtime, request: AnyRequest, code: str) -> Response[bytes]:
        """Say whether the sticker is ours, and which shop it belongs to; `?at=` is the district that a reader chose."""
        code, language = normalise_public_code(code[:LONGEST_CODE]), language_of(request)
        began = time.monotonic()
        try:
            fresh, old = await _draw(runtime, request, code)
        except NotFound:
            return _html(_plain(request, "public_pages/not_ours.html"), status_code=404, is_public=False)
        except Unavailable:
            return _html(_plain(request, "public_pages/cannot_tell.html"), status_code=503, is_public=False)
        except _FAILURES as error:
            log.warning("merchant_page_unavailable", error=type(error).__name__)
            kept = await runtime.cache.get(kept_name(code, language))
            if kept is not None:
                return _html(kept, is_public=False)
            return _html(_plain(request, "public_pages/cannot_tell.html"), status_code=503, is_public=False)
        count_scan(runtime, request.scope, code)
        if is_place_told(request.scope):
            return _html(fresh, is_public=False)
        age = time.monotonic() - began
        await keep_page(runtime, code, language, fresh=fresh, old=old, age_seconds=age)
        return _html(fresh, is_public=age < FRESH_SECONDS)

    @get(["/m/{code:str}/picture", "/M/{code:str}/picture"], exclude_from_csrf=True)
    async def picture(self, runtime: Runtime, code: str) -> Response[bytes]:
        """The shop's picture."""
        try:
            checked = await check_code(runtime, normalise_public_code(code[:LONGEST_CODE]))
            content = await read_picture(runtime, checked.merchant.picture_id if checked.merchant else None)
        except _FAILURES as error:
            raise Unavailable from error
        return Response(content, media_type="image/jpeg", headers={"Cache-Control": f"public, max-age={FRESH_SECONDS}"})


async def _draw(runtime: Runtime, request: AnyRequest, code: str) -> tuple[bytes, bytes]:
    """Return the page, and the page as it is shown when nothing can be checked any more: without others' pieces."""
    checked = await check_code(runtime, code)
    shop, now = checked.merchant, runtime.clock.now()
    if shop is None:
        raise NotFound
    signed = await commitment_of(shop.id)
    values = {
        "code": code,
        "is_sticker": len(code) == PRINTED_LENGTH,
        "verdict": checked.verdict,
        "shop": shop,
        "trade": trade_name(shop.trade),
        "place": division_name(shop.division),
        "status": STATUSES[shop.status],
        "is_honest": shop.is_honest(local_date(now)),
        "commitment": signed if shop.status == "open" else None,
        "clauses": TEXTS[signed.version] if signed else (),
        "facts": await complaint_facts(shop.id, today=local_date(now)),
        "answers": [(CATEGORIES[row.category], row) for row in await answers_shown(shop.id)],
        "pieces": await fill_slots(request, "merchant.page", {"merchant": shop}),
        "districts": [(code, division_name(code)) for code in districts()],
        "elsewhere": ELSEWHERE,
        "is_told": bool(told_area(runtime.settings, request.scope["query_string"], None)),
        "now": now,
    }
    template = "public_pages/merchant.html"
    fresh, old = (render(template, request, **values, is_old=is_old) for is_old in (False, True))
    return fresh.encode(), old.encode()


def _plain(request: AnyRequest, template: str) -> bytes:
    return render(template, request).encode()


def _html(content: bytes, *, status_code: int = 200, is_public: bool = True) -> Response[bytes]:
    kept = f"public, max-age={READER_SECONDS}" if is_public else "no-store"
    headers = {"Cache-Control": kept}
    return Response(content, status_code=status_code, media_type=MediaType.HTML, headers=headers)
