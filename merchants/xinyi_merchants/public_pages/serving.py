"""Serve merchant pages from the cache, and let them go when the merchant changes.

A page is cached here by code and language until 20 seconds after its drawing began, by a process for 5 seconds more
and by a reader's own browser for 30: 55 in all. So what is taken off it is gone everywhere within a minute, whichever
way it ends: told to us, by the clock, or while the page was just being drawn. A copy without what may have ended since
is kept for a day and is served, with its time and a warning that nothing can be checked now, only while the database
does not answer.
"""

from __future__ import annotations

from uuid import UUID

from litestar.connection import ASGIConnection
from litestar.types import ASGIApp, Receive, Scope, Send

from xinyi_merchants.registry.models import Merchant
from xinyi_merchants.stickers.issuing import printed_code
from xinyi_merchants.stickers.models import Sticker
from xinyi_merchants.stickers.scans import ScanCounts, told_area
from xinyi_platform.ids import normalise_public_code
from xinyi_platform.keys import KeyRingError
from xinyi_platform.language import Language, language_of
from xinyi_platform.runtime import Runtime
from xinyi_platform.tenancy import everywhere

FRESH_SECONDS = 20
READER_SECONDS = 30
NEAR_SECONDS = 5
KEPT_SECONDS = 86_400
LONGEST_CODE = 40
_HEADERS = [
    (b"content-type", b"text/html; charset=utf-8"),
    (b"cache-control", f"public, max-age={READER_SECONDS}".encode()),
]


def page_name(code: str, language: Language) -> str:
    return f"merchant-page:{code}:{language}"


def kept_name(code: str, language: Language) -> str:
    return f"merchant-page-kept:{code}:{language}"


async def keep_page(
    runtime: Runtime, code: str, language: Language, *, fresh: bytes, old: bytes, age_seconds: float
) -> None:
    """Keep a rendered page while it is fresh, and for a day what is shown of it while the database does not answer.

    `age_seconds`: how long ago its drawing began. What was read then may have ended since, and nobody lets it go again.
    """
    if age_seconds < FRESH_SECONDS:
        await runtime.cache.set(page_name(code, language), fresh, ttl_seconds=FRESH_SECONDS - age_seconds)
    await runtime.cache.set(kept_name(code, language), old, ttl_seconds=KEPT_SECONDS)


class ServeKept:
    """ASGI middleware of the page's route: what is kept is answered before the framework takes the request apart.

    The page behind a sticker is what people ask for most, and often on a bad line.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        runtime: Runtime = scope["litestar_app"].state.runtime
        code = normalise_public_code(scope["path_params"]["code"][:LONGEST_CODE])
        if is_place_told(scope):
            await self.app(scope, receive, send)
            return
        name = page_name(code, language_of(ASGIConnection(scope)))
        kept = await runtime.cache.get_near(name, seconds=NEAR_SECONDS)
        if kept is None:
            await self.app(scope, receive, send)
            return
        count_scan(runtime, scope, code)
        headers = [*_HEADERS, (b"content-length", str(len(kept)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": kept, "more_body": False})


def is_place_told(scope: Scope) -> bool:
    """Tell whether a reader may have told her district: such a page thanks her, and is kept for nobody else."""
    return b"at=" in scope["query_string"]


def count_scan(runtime: Runtime, scope: Scope, code: str) -> None:
    """Count a page that is shown of a sticker, in the area that was told; of whom, nobody knows."""
    settings = runtime.settings
    wanted = settings.place_header.lower().encode()
    header = next((value for name, value in scope["headers"] if name == wanted), b"") if wanted else b""
    area = told_area(settings, scope["query_string"], header.decode("latin-1"))
    runtime.part(ScanCounts).count(code, area)


async def forget_pages(runtime: Runtime, merchant_id: UUID) -> None:
    """Delete what is cached of a merchant: under its code and under each of its stickers."""
    merchant = await everywhere(Merchant).get_or_none(id=merchant_id)
    codes = [merchant.code] if merchant else []
    for sticker in await Sticker.filter(merchant_id=merchant_id):
        try:
            codes.append(printed_code(runtime.keys, sticker.serial, sticker.kid, even_retired=True))
        except KeyRingError:
            continue  # its key is gone: no page is drawn under it any more, and the last one lives for seconds
    languages: tuple[Language, ...] = ("zh", "en")
    names = [name(code, language) for code in codes for language in languages for name in (page_name, kept_name)]
    if names:
        await runtime.cache.delete(*names)
