"""Take a district's snapshot: every sticker that was ever issued there, live or revoked, as digests."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from xinyi_merchants.registry.models import Merchant
from xinyi_merchants.stickers.issuing import printed_code
from xinyi_merchants.stickers.models import Sticker
from xinyi_merchants.stickers.offline import sign_snapshot
from xinyi_merchants.stickers.scans import districts
from xinyi_platform.errors import NotFound
from xinyi_platform.keys import KeyRing, KeyRingError
from xinyi_platform.runtime import Runtime

KEPT_SECONDS = 600
_IDS = 500
Row = tuple[str, str, datetime | None]


class StickerSnapshot(msgspec.Struct, kw_only=True, frozen=True):
    """A district's signed snapshot, as it is kept and as it leaves."""

    district: str
    taken_at: datetime
    stickers: int
    snapshot: str


async def snapshot_of(runtime: Runtime, district: str) -> StickerSnapshot:
    """Return a district's snapshot, at most ten minutes old. Raises NotFound (404) for any other code."""
    if district not in districts():
        raise NotFound
    name = f"sticker-snapshot:{district}"
    kept = await runtime.cache.get(name)
    if kept is not None:
        return msgspec.json.decode(kept, type=StickerSnapshot)
    rows, now = await _rows(district), runtime.clock.now()
    public_url = runtime.settings.public_url
    token = await asyncio.to_thread(_sign, runtime.keys, district, public_url, rows, now)
    made = StickerSnapshot(district=district, taken_at=now, stickers=len(rows), snapshot=token)
    await runtime.cache.set(name, msgspec.json.encode(made), ttl_seconds=KEPT_SECONDS)
    return made


async def _rows(district: str) -> list[Row]:
    ids: list[Any] = await Merchant.filter(division__startswith=district).values_list("id", flat=True)
    rows: list[Any] = []
    for start in range(0, len(ids), _IDS):
        shops: list[UUID] = ids[start : start + _IDS]
        rows += await Sticker.filter(merchant_id__in=shops).values_list("serial", "kid", "revoked_at")
    return rows


def _sign(keys: KeyRing, district: str, public_url: str, rows: list[Row], at: datetime) -> str:
    live: list[str] = []
    revoked: list[str] = []
    for serial, kid, revoked_at in rows:
        try:
            code = printed_code(keys, serial, kid, even_retired=True)
        except KeyRingError:
            continue  # its key is not in the ring, so nobody can tell
        (revoked if revoked_at or keys.is_retired(kid) else live).append(code)
    return sign_snapshot(keys, district, public_url, live=live, revoked=revoked, at=at)
