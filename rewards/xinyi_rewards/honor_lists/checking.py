"""Check a red list's rows before anything is kept: against the registry, against this list and the black ones."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import date, datetime

from msgspec.structs import replace

from xinyi_merchants.registry.finding import merchants_by_uscc
from xinyi_platform import audit
from xinyi_platform.database.among import texts_among
from xinyi_platform.identity import called_otherwise
from xinyi_platform.keys import KeyRing
from xinyi_platform.language import Text
from xinyi_platform.principals import Staff
from xinyi_platform.tenancy import area_of, everywhere
from xinyi_rewards.deaths.recording import who_died
from xinyi_rewards.honor_lists.errors import BlackListNotHere, KindClosed, KindNotYours
from xinyi_rewards.honor_lists.kinds import ListKind, kind_of
from xinyi_rewards.honor_lists.models import HonorEntry
from xinyi_rewards.honor_lists.publishing import on_a_black_list
from xinyi_rewards.honor_lists.sheets import COLUMNS, RowError, Sheet, SheetRow, Subjects, check_rows, read_sheet
from xinyi_rewards.honor_lists.states import LIVE
from xinyi_rewards.honor_lists.subjects import identity_index

_CHUNK = 10_000
Progress = Callable[[str, int, int], Awaitable[None]]
"""Hears (step, rows done, all rows); `step` is `check` or `keep`."""
_TWICE = Text("已在同类名单中,或正在办理。", "On a list of this kind already, or about to be.")
_BARRED = Text("有在期失信记录,不能列入红名单。", "On a black list now, and so on no red one.")
_DEAD = Text("此人已登记死亡,不能列入名单。", "This person is known to have died.")
_UNKNOWN = Text("本辖区没有该信用代码的商户。", "No shop of your area has this credit code.")
_OTHER_NAME = Text("与登记的商户名称不符。", "The registered name is another one.")
_OTHER_PERSON = Text("与该证件号登记的姓名不符。", "The person with this number is called otherwise.")


async def no_progress(step: str, done: int, of: int) -> None:
    """Listen to nothing."""


def subjects_of(kind: ListKind) -> Subjects:
    """Return of whom a kind made here is a list."""
    return "merchant" if kind.subjects == "merchant" else "resident"


def kind_for(slug: str, maker: Staff, *, today: date) -> ListKind:
    """Return a kind that somebody may make on a day.

    Raises NotFound (404), BlackListNotHere and KindNotYours (403), and KindClosed (409).
    """
    kind = kind_of(slug)
    if kind.colour != "red":
        raise BlackListNotHere
    if not kind.may_make(maker.roles):
        raise KindNotYours
    if not kind.is_made_on(today):
        raise KindClosed
    return kind


async def check_sheet(
    keys: KeyRing,
    maker: Staff,
    *,
    kind: str,
    content: bytes,
    filename: str,
    today: date,
    at: datetime,
    progress: Progress = no_progress,
) -> Sheet:
    """Read a sheet and give every row its verdict; keeps nothing but that somebody asked, and about how many.

    Raises what `kind_for` raises and SheetUnreadable (422).
    """
    policy = kind_for(kind, maker, today=today)
    sheet = await asyncio.to_thread(read_sheet, content, filename, today=today, subjects=subjects_of(policy))
    return await _against_the_city(keys, maker, policy, sheet, at, progress)


async def check_one(keys: KeyRing, maker: Staff, *, kind: str, row: SheetRow, today: date, at: datetime) -> Sheet:
    """Give one row that was typed its verdict; raises what `kind_for` raises."""
    policy = kind_for(kind, maker, today=today)
    sheet = check_rows([row], today=today, subjects=subjects_of(policy))
    return await _against_the_city(keys, maker, policy, sheet, at)


async def _against_the_city(
    keys: KeyRing, maker: Staff, kind: ListKind, sheet: Sheet, at: datetime, progress: Progress = no_progress
) -> Sheet:
    """Compare with what the city knows; about how many is on the trail, for it is a look at people's standing."""
    if subjects_of(kind) == "merchant":
        sheet = await _in_registry(maker, sheet)
    checked = await _listed_already(keys, kind, sheet, at, progress)
    if subjects_of(kind) == "resident":
        checked = await _in_their_names(keys, checked)
    asked: dict[str, object] = {"kind": kind.slug, "asked": len(sheet.rows), "good": len(checked.rows)}
    await audit.record(
        "honor_list.check", actor=maker.label, object_kind="list_kind", object_id=kind.slug, detail=asked, at=at
    )
    return checked


async def _in_registry(maker: Staff, sheet: Sheet) -> Sheet:
    """Name the shop of each row; one that is unknown, elsewhere or called otherwise is wrong."""
    area, (name, number, _) = area_of(maker), COLUMNS["merchant"]
    found, errors = [], []
    for rows in _chunks(sheet.rows):
        shops = await merchants_by_uscc([row.identity_number for row in rows])
        for row in rows:
            shop = shops.get(row.identity_number)
            if shop is None or not area.covers(shop.division):
                errors.append(RowError(row.number, number, _UNKNOWN))
            elif shop.name != row.name:
                errors.append(RowError(row.number, name, _OTHER_NAME))
            else:
                found.append(replace(row, merchant_id=shop.id))
    return Sheet(found, sheet.errors).with_errors(errors)


async def _in_their_names(keys: KeyRing, sheet: Sheet) -> Sheet:
    """Whoever is a resident is listed under her own name; of whoever is not, the city knows none."""
    errors = []
    for rows in _chunks(sheet.rows):
        numbers = {row.index: row.number for row in rows}
        others = await called_otherwise(keys, {row.index: row.name for row in rows})
        errors += [RowError(numbers[index], COLUMNS["resident"][0], _OTHER_PERSON) for index in others]
    return sheet.with_errors(errors)


async def _listed_already(keys: KeyRing, kind: ListKind, sheet: Sheet, at: datetime, progress: Progress) -> Sheet:
    """Check against this list and the black ones, by blind index, which the good rows keep."""
    column = COLUMNS[subjects_of(kind)][1]
    known: list[SheetRow] = []
    errors: list[RowError] = []
    for rows in _chunks(sheet.rows):
        await progress("check", len(known), len(sheet.rows))
        rows = await asyncio.to_thread(_indexed, keys, rows)
        known += rows
        numbers = {row.index: row.number for row in rows}
        live = everywhere(HonorEntry).filter(state__in=LIVE, kind=kind.slug)
        for found, text in (
            (await who_died(numbers), _DEAD),
            (await on_a_black_list(numbers, at=at), _BARRED),
            (await texts_among(live, "identity_index", numbers), _TWICE),
        ):
            errors += [RowError(numbers[index], column, text) for index in found]
    return Sheet(known, sheet.errors).with_errors(errors)


def _indexed(keys: KeyRing, rows: Sequence[SheetRow]) -> list[SheetRow]:
    return [replace(row, index=identity_index(keys, row.identity_number)) for row in rows]


def _chunks(rows: Sequence[SheetRow]) -> list[Sequence[SheetRow]]:
    return [rows[start : start + _CHUNK] for start in range(0, len(rows), _CHUNK)]
