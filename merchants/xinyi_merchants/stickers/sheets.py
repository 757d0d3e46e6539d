"""Sheets of a division's stickers: which ones, and their pages into one PDF, drawn by several processes."""

from __future__ import annotations

import io
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from PIL import Image

from xinyi_merchants.registry.fonts import FontFile
from xinyi_merchants.registry.models import Merchant
from xinyi_merchants.stickers.issuing import sticker_url
from xinyi_merchants.stickers.labels import DPI, PER_SHEET, Label, draw_modules, draw_sheet, enlarge_code
from xinyi_merchants.stickers.models import Sticker
from xinyi_platform import audit
from xinyi_platform.runtime import Runtime
from xinyi_platform.tenancy import Area

# A page in memory takes a byte a dot, 9 MB, so they are written in portions; each portion reads the file once more.
_FIRST_PORTION, _MOST_PAGES = 4, 48
_IDS = 500
Codes = list[tuple[tuple[int, int], bytes]]


@dataclass(frozen=True, slots=True)
class SheetPlan:
    """A division's labels in the order of its shops, and how many stickers are void because their key was retired."""

    division: str
    labels: list[Label]
    void: int

    @property
    def sheets(self) -> int:
        return -(-len(self.labels) // PER_SHEET)


async def plan_sheet(runtime: Runtime, place: Area) -> SheetPlan:
    """Return the live stickers of a division's open shops."""
    shops = place.bind(Merchant.filter(status="open"))
    names: dict[UUID, str] = dict(await shops.order_by("division", "code").values_list("id", "name"))
    ids = list(names)
    held: dict[UUID, list[Sticker]] = {}
    for start in range(0, len(ids), _IDS):
        live = Sticker.filter(merchant_id__in=ids[start : start + _IDS], revoked_at__isnull=True)
        for sticker in await live.order_by("issued_at", "id"):
            held.setdefault(sticker.merchant_id, []).append(sticker)
    found = [(name, sticker) for shop, name in names.items() for sticker in held.get(shop, [])]
    labels = [
        Label(sticker_url(runtime, sticker), name, sticker.serial)
        for name, sticker in found
        if not runtime.keys.is_retired(sticker.kid)
    ]
    return SheetPlan(place.code, labels, len(found) - len(labels))


async def record_sheet(division: str, *, actor: str, labels: int, part: int = 0, at: datetime) -> None:
    """Write down that labels were given out: who holds them could hang them anywhere."""
    detail = {"labels": labels, "part": part}
    await audit.record("sticker.sheet", actor=actor, object_kind="division", object_id=division, detail=detail, at=at)


def sheet_pdf(labels: Sequence[Label], font: FontFile) -> bytes:
    """Return a few sheets as one PDF, drawn in this process."""
    out = io.BytesIO()
    pages = [draw_sheet(page, font) for page in _pages(labels)]
    pages[0].save(out, "PDF", resolution=DPI, save_all=True, append_images=pages[1:])
    return out.getvalue()


def write_sheets(
    labels: Sequence[Label], out: Path, font: FontFile, *, processes: int, tell: Callable[[int], object]
) -> None:
    """Write many sheets to a file, whole or not at all; `tell` hears of each page's number of labels.

    Raises AddressTooLong (422) before a process is started: all addresses of a city are of one length.
    """
    draw_modules(labels[0].url)
    unfinished = out.with_name(out.name + ".part")
    try:
        with ProcessPoolExecutor(processes) as pool:
            _write(unfinished, _drawn(pool, _pages(labels), font, ahead=32 * processes), tell)
        unfinished.replace(out)
    finally:
        unfinished.unlink(missing_ok=True)


def _write(file: Path, pages: Iterable[tuple[int, Image.Image]], tell: Callable[[int], object]) -> None:
    portion: list[Image.Image] = []
    written, size = 0, _FIRST_PORTION  # the first ones small, so that writing begins while others still draw
    for number, page in pages:
        portion.append(page)
        tell(number)
        if len(portion) == size:
            _append(file, portion, is_first=not written)
            written, size, portion = written + size, min(2 * size, _MOST_PAGES), []
    if portion:
        _append(file, portion, is_first=not written)


def _append(file: Path, pages: Sequence[Image.Image], *, is_first: bool) -> None:
    pages[0].save(file, "PDF", resolution=DPI, save_all=True, append_images=pages[1:], append=not is_first)


def _drawn(
    pool: ProcessPoolExecutor, pages: Iterable[Sequence[Label]], font: FontFile, *, ahead: int
) -> Iterator[tuple[int, Image.Image]]:
    """Yield pages in their order. The codes, which take most of the time, come from the pool, some pages ahead."""
    under_way: deque[tuple[Sequence[Label], Future[Codes]]] = deque()
    for page in pages:
        under_way.append((page, pool.submit(_codes_apart, page)))
        if len(under_way) >= ahead:
            yield _painted(*under_way.popleft(), font)
    while under_way:
        yield _painted(*under_way.popleft(), font)


def _codes_apart(labels: Sequence[Label]) -> Codes:
    """Return each code's size and bits: a page of them is a few kilobytes to hand over."""
    return [(code.size, code.tobytes()) for code in (draw_modules(label.url) for label in labels)]


def _painted(labels: Sequence[Label], codes: Future[Codes], font: FontFile) -> tuple[int, Image.Image]:
    drawn = [enlarge_code(Image.frombytes("1", size, bits)) for size, bits in codes.result()]
    return len(labels), draw_sheet(labels, font, drawn)


def _pages(labels: Sequence[Label]) -> list[Sequence[Label]]:
    return [labels[start : start + PER_SHEET] for start in range(0, len(labels), PER_SHEET)]
