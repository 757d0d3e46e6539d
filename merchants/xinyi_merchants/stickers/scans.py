"""Count scans without knowing anybody: by sticker, local day and coarse area, never by address, cookie or device.

An area is told freely: by the reader who chooses her district (`?at=410611`), or by the city's own proxy in the header
that XINYI_PLACE_HEADER names. It is a division code, kept to the district inside the city and to the prefecture
outside it; anything else counts as no area. Each process counts in its memory and writes every few seconds: what was
not yet written is lost with the process, which costs a count and nothing else.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from datetime import date, datetime
from typing import Any
from urllib.parse import parse_qs

import structlog
from tortoise.functions import Sum

from xinyi_merchants.stickers.issuing import PRINTED_LENGTH, SERIAL_LENGTH
from xinyi_merchants.stickers.models import StickerScan
from xinyi_platform.clock import SHANGHAI, Clock, local_date
from xinyi_platform.database import transaction
from xinyi_platform.database.bulk import bulk_insert
from xinyi_platform.divisions import divisions, is_division
from xinyi_platform.ids import new_id
from xinyi_platform.settings import Settings

FLUSH_SECONDS = 15
ELSEWHERE = "000000"
"""What a reader chooses who is in none of the city's districts."""
# Whoever could make up places in a header must not fill the memory; past this, places are no longer told apart.
_MOST_KEYS = 50_000
_BATCH = 500
log = structlog.get_logger(__name__)

Key = tuple[str, date, str]


def districts() -> list[str]:
    """Return the codes of the city's districts."""
    return [code for code in divisions() if len(code) == 6 and not code.endswith("00")]


def area_of(told: str, city: str) -> str:
    """Return the area that a told code stands for: a district of the city, a prefecture elsewhere, or none."""
    code = told.strip()
    if not (code.isascii() and code.isdigit() and len(code) in (6, 9, 12)):
        return ""
    if code[:6] == ELSEWHERE:
        return ELSEWHERE
    if code[:4] != city[:4]:
        return f"{code[:4]}00"
    return code[:6] if is_division(code[:6]) and code[4:6] != "00" else ""


def told_area(settings: Settings, query: bytes, header: str | None) -> str:
    """Return where a scan was, as far as that was freely told; what the reader chose goes before the proxy's word."""
    chosen = parse_qs(query.decode("ascii", "replace")).get("at", [""])[0]
    return area_of(chosen, settings.city_code) or area_of(header or "", settings.city_code)


class ScanCounts:
    """What this process has counted and not yet written."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._scans: Counter[Key] = Counter()
        self._hours: dict[Key, int] = {}
        self._task: asyncio.Task[None] | None = None

    def count(self, code: str, area: str) -> None:
        """Count one scan of a sticker's canonical printed code; other codes are not counted."""
        if len(code) != PRINTED_LENGTH:
            return
        now = self._clock.now()
        key = (code[:SERIAL_LENGTH], local_date(now), area)
        if key not in self._scans and len(self._scans) >= _MOST_KEYS:
            return
        self._scans[key] += 1
        self._hours[key] = self._hours.get(key, 0) | _hour_bit(now)

    def start(self) -> None:
        """Write every few seconds; needs a running event loop."""
        self._task = asyncio.get_running_loop().create_task(self._keep_writing())

    async def stop(self) -> None:
        """Write what is left."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
            self._task = None
        await self._try_to_write()

    async def flush(self) -> int:
        """Write what was counted and return how many rows that was. What fails to be written stays counted."""
        scans, hours = self._scans, self._hours
        self._scans, self._hours = Counter(), {}
        keys = sorted(scans)  # in one order everywhere, so that two processes do not wait for each other
        for start in range(0, len(keys), _BATCH):
            try:
                async with transaction():
                    await _add(keys[start : start + _BATCH], scans, hours)
            except BaseException:
                self._take_back(keys[start:], scans, hours)
                raise
        return len(keys)

    def _take_back(self, keys: Iterable[Key], scans: Counter[Key], hours: dict[Key, int]) -> None:
        for key in keys:
            self._scans[key] += scans[key]
            self._hours[key] = self._hours.get(key, 0) | hours[key]

    async def _keep_writing(self) -> None:
        while True:
            await asyncio.sleep(FLUSH_SECONDS)
            await self._try_to_write()

    async def _try_to_write(self) -> None:
        try:
            await self.flush()
        except Exception as error:
            log.warning("scans_not_written", error=type(error).__name__)


async def _add(keys: list[Key], scans: Counter[Key], hours: dict[Key, int]) -> None:
    rows = {new_id(): key for key in keys}
    fresh = await bulk_insert(
        StickerScan,
        [
            {"id": row_id, "serial": key[0], "day": key[1], "area": key[2], "scans": scans[key], "hours": hours[key]}
            for row_id, key in rows.items()
        ],
        skip_conflicts=True,
    )
    for row_id, key in rows.items():
        if row_id in fresh:
            continue
        held = await StickerScan.filter(serial=key[0], day=key[1], area=key[2]).select_for_update().get()
        held.scans, held.hours = held.scans + scans[key], held.hours | hours[key]
        await held.save(update_fields=["scans", "hours"])


async def scans_since(serials: Iterable[str], day: date) -> dict[str, int]:
    """Return how often each sticker was scanned from a local day on; who was never scanned is left out."""
    rows: list[Any] = await (
        StickerScan.filter(serial__in=list(serials), day__gte=day)
        .annotate(number=Sum("scans"))
        .group_by("serial")
        .values_list("serial", "number")
    )
    return {serial: int(number) for serial, number in rows}


def _hour_bit(at: datetime) -> int:
    return 1 << at.astimezone(SHANGHAI).hour
