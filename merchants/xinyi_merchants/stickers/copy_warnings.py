"""Warn staff when one sticker is scanned in places that it cannot hang in at once: it may have been copied.

The rule: on one local day, two areas, at least three scans told in each, with hours that lie at most two apart. It is
a reason to go and look, never a finding: places are as coarse and as true as those who told them, and a shared link is
opened anywhere. So nobody but staff sees it, and it does nothing by itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import combinations
from uuid import UUID

from xinyi_merchants.registry.models import Merchant
from xinyi_merchants.stickers.models import Sticker, StickerCopyWarning, StickerScan
from xinyi_platform import audit
from xinyi_platform.clock import local_date
from xinyi_platform.database import transaction
from xinyi_platform.database.bulk import bulk_insert
from xinyi_platform.errors import InvalidField, NotFound
from xinyi_platform.ids import new_id
from xinyi_platform.principals import Staff
from xinyi_platform.runtime import Runtime
from xinyi_platform.tenancy import area_of

LEAST_SCANS = 3
NEAR_HOURS = 2
KEPT = timedelta(days=90)
SHOWN = 100


def far_apart(rows: Iterable[StickerScan]) -> list[StickerScan]:
    """Return the areas of one sticker on one day that speak for a copy, the most scanned first."""
    told = [row for row in rows if row.area and row.scans >= LEAST_SCANS]
    pairs = [pair for pair in combinations(told, 2) if are_near_in_time(pair[0].hours, pair[1].hours)]
    areas = {row.area: row for pair in pairs for row in pair}
    return sorted(areas.values(), key=lambda row: (-row.scans, row.area))


def are_near_in_time(first: int, second: int) -> bool:
    """Tell whether two sets of hours, a bit each, have members at most `NEAR_HOURS` apart."""
    widened = 0
    for shift in range(NEAR_HOURS + 1):
        widened |= first << shift | first >> shift
    return bool(widened & second)


async def find_copies(runtime: Runtime) -> int:
    """Look through today's and yesterday's scans, and forget old ones. Returns how many warnings are new.

    Safe to run twice: a sticker has one open warning, and one a day.
    """
    now = runtime.clock.now()
    today = local_date(now)
    await StickerScan.filter(day__lt=today - KEPT).delete()
    recent = StickerScan.filter(day__gte=today - timedelta(days=1), scans__gte=LEAST_SCANS).exclude(area="")
    by_sticker = defaultdict(list)
    for row in await recent:
        by_sticker[row.serial, row.day].append(row)
    found = {key: areas for key, rows in by_sticker.items() if (areas := far_apart(rows))}
    return sum([await _warn(serial, areas, now) for (serial, _), areas in sorted(found.items())])


async def _warn(serial: str, areas: Sequence[StickerScan], now: datetime) -> int:
    sticker = await Sticker.get_or_none(serial=serial)
    shop = await Merchant.get_or_none(id=sticker.merchant_id) if sticker else None
    day = areas[0].day
    if shop is None or await StickerCopyWarning.filter(serial=serial, day=day).exists():
        return 0
    row = {
        "id": new_id(),
        "serial": serial,
        "slot": "open",
        "merchant_id": shop.id,
        "division": shop.division,
        "day": day,
        "areas": [{"area": area.area, "scans": area.scans} for area in areas],
        "found_at": now,
        "settled_at": None,
        "settled_by": None,
        "note": "",
    }
    return len(await bulk_insert(StickerCopyWarning, [row], skip_conflicts=True))


async def list_warnings(staff: Staff) -> list[StickerCopyWarning]:
    """Return the warnings of the staff's area, the open ones first."""
    mine = area_of(staff).bind(StickerCopyWarning.all())
    open_ones = await mine.filter(slot="open").order_by("-found_at").limit(SHOWN)
    return [*open_ones, *await mine.exclude(slot="open").order_by("-found_at").limit(SHOWN)]


async def settle_warning(staff: Staff, warning_id: UUID, *, note: str, now: datetime) -> None:
    """Close a warning with what was found. Raises InvalidField (400), and NotFound (404) also outside the area."""
    mine = area_of(staff).bind(StickerCopyWarning.filter(id=warning_id, slot="open"))
    if not await mine.exists():
        raise NotFound
    note = note.strip()
    if not 2 <= len(note) <= 300:
        raise InvalidField(field="note", zh="请填写2–300字的核查情况。", en="Say what was found: 2 to 300 characters.")
    async with transaction():
        if not await mine.update(slot=str(warning_id), settled_at=now, settled_by=staff.id, note=note):
            raise NotFound
        await audit.record(
            "sticker.copy_settled", actor=staff.label, object_kind="sticker_copy_warning", object_id=warning_id,
            detail={}, at=now,
        )  # fmt: skip
