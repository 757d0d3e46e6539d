"""Bring a sheet into the registry: new codes are entered, known ones changed with their history, in one transaction."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from xinyi_merchants.registry.checking import FIELDS, check_dates, values_of
from xinyi_merchants.registry.finding import MerchantsChanged
from xinyi_merchants.registry.history import Maker, change_row, differences
from xinyi_merchants.registry.models import Merchant, MerchantChange
from xinyi_merchants.sheets.reading import NAMES, RowError, Sheet, SheetRow, error_of, read_sheet
from xinyi_platform import audit
from xinyi_platform.clock import local_date
from xinyi_platform.database import transaction
from xinyi_platform.database.bulk import bulk_insert
from xinyi_platform.errors import InvalidField, Unprocessable
from xinyi_platform.ids import new_id, new_public_code
from xinyi_platform.language import Text
from xinyi_platform.runtime import Runtime
from xinyi_platform.spreadsheets import read_cells
from xinyi_platform.tenancy import Area, everywhere

Mode = Literal["all", "good"]
Hears = Callable[[RowError], None]
Progress = Callable[[str, int, int], None]
BATCH = 1_000
MOST_SHOWN = 100
_UPDATED_AT_ONCE = 100


class SheetRefused(Unprocessable):
    """Rows are wrong, and nothing was imported. Values: `zh`, `en` (the first), `errors` (how many)."""

    code = "merchant_sheet_refused"
    text = Text("有{errors}处错误,未导入任何一行。{zh}", "{errors} errors; nothing was imported. {en}")

    def __init__(self, errors: Sequence[RowError]) -> None:
        first = errors[0].sentence
        super().__init__(zh=first.zh, en=first.en, errors=len(errors))
        self.rows = list(errors[:MOST_SHOWN])


@dataclass(frozen=True, slots=True)
class Importer:
    """Who imports, and the area whose shops she may bring in."""

    label: str
    person: str
    area: Area


@dataclass(slots=True)
class Imported:
    """What became of a sheet."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    errors: list[RowError] = field(default_factory=list)


async def import_sheet(
    runtime: Runtime,
    content: bytes,
    filename: str,
    who: Importer,
    *,
    mode: Mode,
    now: datetime,
    on_error: Hears = lambda _: None,
    progress: Progress = lambda *_: None,
) -> Imported:
    """Import a sheet: all of its rows or none (`all`), or those that are right (`good`). Safe to repeat.

    `on_error` hears each error as soon as it is met; `progress` hears (step, more rows, all rows).
    Raises SheetUnreadable and SheetRefused (422).
    """
    sheet = await asyncio.to_thread(_read, content, filename, who.area, local_date(now), on_error, progress)
    if mode == "all" and sheet.errors:
        raise SheetRefused(sheet.errors)
    done = Imported(errors=sheet.errors)
    rows = sorted(sheet.rows, key=lambda row: str(row.values["uscc"]))  # one order, so that two imports never deadlock
    async with transaction():
        for start in range(0, len(rows), BATCH):
            batch = rows[start : start + BATCH]
            for error in await _enter(runtime, batch, who, done, now):
                done.errors.append(error)
                on_error(error)
            progress("enter", len(batch), len(rows))
        if mode == "all" and done.errors:
            raise SheetRefused(done.errors)
        await _record(content, who, done, now)
    done.errors.sort(key=lambda error: error.number)
    return done


def _read(content: bytes, filename: str, area: Area, today: date, on_error: Hears, progress: Progress) -> Sheet:
    """Read the whole sheet, in a thread: parsing a city takes seconds, in which the event loop serves others."""
    cells = read_cells(content, filename)
    return read_sheet(
        cells,
        today=today,
        is_ours=area.covers,
        on_error=on_error,
        progress=lambda more: progress("read", more, len(cells) - 1),
    )


async def _enter(
    runtime: Runtime, batch: Sequence[SheetRow], who: Importer, done: Imported, now: datetime
) -> list[RowError]:
    """Enter the shops that are not there yet, and change the others; also those that somebody entered just now."""
    known = await _held(batch)
    fresh = {str(row.values["uscc"]): _shop_row(row, now) for row in batch if row.values["uscc"] not in known}
    inserted = await bulk_insert(Merchant, list(fresh.values()), skip_conflicts=True)
    entered = [Merchant(**row) for row in fresh.values() if row["id"] in inserted]
    await bulk_insert(MerchantChange, [_entry(shop, who, now) for shop in entered])
    done.added += len(entered)
    if len(entered) < len(fresh):
        late = await _held([row for row in batch if row.values["uscc"] in fresh])
        known |= {code: shop for code, shop in late.items() if shop.id not in inserted}
    there = [(row, known[row.values["uscc"]]) for row in batch if row.values["uscc"] in known]
    return await _change(runtime, there, who, done, now)


async def _held(rows: Sequence[SheetRow]) -> dict[object, Merchant]:
    """Return the shops that are there by their codes, held until the transaction ends."""
    codes = [row.values["uscc"] for row in rows]
    return {
        shop.uscc: shop
        for shop in await everywhere(Merchant).filter(uscc__in=codes).order_by("uscc").select_for_update()
    }


def _shop_row(row: SheetRow, now: datetime) -> dict[str, object]:
    return {
        "opened_on": None, **row.values, "id": new_id(), "code": new_public_code(), "status": "open",
        "status_reason": "", "created_at": now, "changed_at": now,
    }  # fmt: skip


def _entry(shop: Merchant, who: Importer, now: datetime) -> dict[str, object]:
    after = {name: value for name, value in values_of(shop).items() if value is not None}
    return change_row(shop, {}, after, Maker("sheet", who.label, who.person), at=now)


async def _change(
    runtime: Runtime, rows: Sequence[tuple[SheetRow, Merchant]], who: Importer, done: Imported, now: datetime
) -> list[RowError]:
    errors, changed, history, touched = [], list[Merchant](), list[dict[str, object]](), set[str]()
    for row, shop in rows:
        fault = _fault_of(row, shop, who)
        before, after = differences(shop, row.values, FIELDS)
        if fault:
            errors.append(fault)
        elif after:
            history.append(change_row(shop, before, after, Maker("sheet", who.label, who.person), at=now))
            shop.update_from_dict({**after, "changed_at": now})
            changed.append(shop)
            touched |= set(after)
        else:
            done.unchanged += 1
    if changed:
        await Merchant.bulk_update(changed, [*sorted(touched), "changed_at"], batch_size=_UPDATED_AT_ONCE)
        await bulk_insert(MerchantChange, history)
        await runtime.events.publish(MerchantsChanged(tuple(shop.id for shop in changed)))
    done.changed += len(changed)
    return errors


def _fault_of(row: SheetRow, shop: Merchant, who: Importer) -> RowError | None:
    if not who.area.covers(shop.division):
        said = Text("该商户登记在其他辖区。", "this shop is registered in another area.")
        return RowError(row.number, NAMES["uscc"], said)
    try:
        check_dates(row.values["licence_date"], row.values.get("opened_on", shop.opened_on))
    except InvalidField as error:
        return error_of(row.number, error)
    return None


async def _record(content: bytes, who: Importer, done: Imported, now: datetime) -> None:
    """Write the import down with the digest of its file; each shop's change stands in its history."""
    counts = {"added": done.added, "changed": done.changed, "unchanged": done.unchanged, "errors": len(done.errors)}
    await audit.record(
        "merchant.sheet_imported",
        actor=who.label,
        object_kind="division",
        object_id=who.area.code,
        detail={**counts, "sha256": hashlib.sha256(content).hexdigest()},
        at=now,
    )
