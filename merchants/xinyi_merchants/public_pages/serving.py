"""Serve merchant pages from the cache, and let them go when the merchant changes.

A page is cached for at most a minute by code and language. A copy is kept for a day and is served, with its
time, only while the database does not answer.
"""

from __future__ import annotations

from uuid import UUID

from xinyi_merchants.registry.models import Merchant
from xinyi_merchants.stickers.issuing import printed_code
from xinyi_merchants.stickers.models import Sticker
from xinyi_platform.keys import KeyRingError
from xinyi_platform.language import Language
from xinyi_platform.runtime import Runtime

FRESH_SECONDS = 60
NEAR_SECONDS = 5
KEPT_SECONDS = 86_400


def page_name(code: str, language: Language) -> str:
    return f"merchant-page:{code}:{language}"


def kept_name(code: str, language: Language) -> str:
    return f"merchant-page-kept:{code}:{language}"


async def keep_page(runtime: Runtime, code: str, language: Language, html: bytes) -> None:
    """Keep a rendered page for a minute, and for longer against a failing database."""
    await runtime.cache.set(page_name(code, language), html, ttl_seconds=FRESH_SECONDS)
    await runtime.cache.set(kept_name(code, language), html, ttl_seconds=KEPT_SECONDS)


async def forget_pages(runtime: Runtime, merchant_id: UUID) -> None:
    """Delete what is cached of a merchant: under its code and under each of its stickers."""
    merchant = await Merchant.get_or_none(id=merchant_id)
    codes = [merchant.code] if merchant else []
    for sticker in await Sticker.filter(merchant_id=merchant_id):
        try:
            codes.append(printed_code(runtime.keys, sticker.serial, sticker.kid))
        except KeyRingError:
            continue  # its key was retired; the page under it says "revoked" and may stay for its minute
    languages: tuple[Language, ...] = ("zh", "en")
    names = [name(code, language) for code in codes for language in languages for name in (page_name, kept_name)]
    if names:
        await runtime.cache.delete(*names)
