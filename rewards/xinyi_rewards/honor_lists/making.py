"""Make a red list: from a sheet or by hand, and change its draft entry by entry, each change on record."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from tortoise.exceptions import IntegrityError

from xinyi_platform import audit
from xinyi_platform.database import transaction
from xinyi_platform.database.bulk import bulk_insert, copy_in
from xinyi_platform.errors import InvalidField, NotFound
from xinyi_platform.ids import new_id
from xinyi_platform.keys import KeyRing
from xinyi_platform.principals import Staff
from xinyi_platform.tenancy import area_of
from xinyi_rewards.honor_lists.area_terms import kind_in
from xinyi_rewards.honor_lists.checking import Progress, check_one, check_sheet, no_progress
from xinyi_rewards.honor_lists.errors import ListChanged, OnlyItsMaker, RowsRefused
from xinyi_rewards.honor_lists.kinds import kind_of
from xinyi_rewards.honor_lists.models import HonorEntry, HonorList
from xinyi_rewards.honor_lists.noting import note
from xinyi_rewards.honor_lists.sheets import RowError, Sheet, SheetRow
from xinyi_rewards.honor_lists.subjects import Subject, subject_columns

MOST_ERRORS = 1_000
_CHUNK = 2_000
Keep = Literal["all", "good"]
"""What becomes of a sheet with wrong rows: nothing is kept, or its good rows."""


def title_of(text: str) -> str:
    """Return a list's title as it is kept. Raises InvalidField (400) where it is too short or too long."""
    if not 2 <= len(text.strip()) <= 80:
        raise InvalidField(field="title", zh="标题应为2–80个字符。", en="A title has 2 to 80 characters.")
    return text.strip()


def typed_row(*, name: str, number: str, deed: str) -> SheetRow:
    """Return what was typed in a form as the one row of a sheet."""
    return SheetRow(1, name.strip(), number.strip().upper(), deed.strip())


async def make_list(
    keys: KeyRing,
    maker: Staff,
    *,
    kind: str,
    title: str,
    content: bytes,
    filename: str,
    at: datetime,
    today: date,
    keep: Keep = "all",
    progress: Progress = no_progress,
) -> HonorList:
    """Make a draft from a spreadsheet: all rows or nothing, or with `keep` good those rows that are right.

    Raises what `check_sheet` raises, and RowsRefused (422, with the first 1,000 errors).
    """
    sheet = await check_sheet(keys, maker, kind=kind, content=content, filename=filename, today=today, at=at)
    return await keep_sheet(
        keys, maker, sheet, kind=kind, title=title, at=at, today=today, keep=keep, progress=progress
    )


async def make_list_of_one(
    keys: KeyRing, maker: Staff, *, kind: str, title: str, row: SheetRow, at: datetime, today: date
) -> HonorList:
    """Make a draft with one entry that was typed. Raises what `check_one` raises, and RowsRefused (422)."""
    sheet = await check_one(keys, maker, kind=kind, row=row, today=today, at=at)
    return await keep_sheet(keys, maker, sheet, kind=kind, title=title, at=at, today=today)


async def keep_sheet(
    keys: KeyRing,
    maker: Staff,
    sheet: Sheet,
    *,
    kind: str,
    title: str,
    at: datetime,
    today: date,
    keep: Keep = "all",
    progress: Progress = no_progress,
) -> HonorList:
    """Make a draft of a sheet that was checked, in one transaction. Raises RowsRefused (422), ListChanged (409)."""
    if sheet.errors and (keep == "all" or not sheet.rows):
        raise _refused(sheet.errors)
    terms = await kind_in(kind_of(kind), maker.division, on=today)
    async with transaction():
        made = await HonorList.create(
            id=new_id(),
            kind=kind,
            title=title,
            division=maker.division,
            state="draft",
            maker_id=maker.id,
            maker_person=maker.person,
            turn=0,
            reviews_needed=terms.reviews,
            created_at=at,
        )
        await _insert_all(keys, made, sheet.rows, at, progress)
        left_out = len({error.number for error in sheet.errors})
        detail: dict[str, object] = {"kind": kind, "entries": len(sheet.rows), "rows_left_out": left_out}
        await record(made, "make", maker, at, detail=detail)
    return made


def _refused(errors: Sequence[RowError]) -> RowsRefused:
    return RowsRefused(count=len(errors), rows=[error_row(error) for error in errors[:MOST_ERRORS]])


async def add_entry(keys: KeyRing, list_id: UUID, maker: Staff, row: SheetRow, *, at: datetime, today: date) -> UUID:
    """Add one entry to a draft of one's own; its reviewers see that it was added. Returns its id.

    Raises NotFound (404), OnlyItsMaker (403), ListChanged (409), RowsRefused (422) and what `check_one` raises.
    """
    made = await _draft_of(list_id, maker)
    sheet = await check_one(keys, maker, kind=made.kind, row=row, today=today, at=at)
    if sheet.errors:
        raise _refused(sheet.errors)
    async with transaction():
        await _lock_draft(made)
        (entry_id,) = await _insert(keys, made, sheet.rows, at)
        entry = await HonorEntry.get(id=entry_id)
        await note(made, "added", maker, _words(entry), at=at)
        await record(made, "add_entry", maker, at, detail={"entry": str(entry_id)})
    return entry_id


async def remove_entry(list_id: UUID, entry_id: UUID, maker: Staff, *, at: datetime) -> None:
    """Take one entry out of a draft of one's own; nobody outside has seen it, and it leaves no more than a note.

    Raises NotFound (404), OnlyItsMaker (403) and ListChanged (409).
    """
    made = await _draft_of(list_id, maker)
    async with transaction():
        await _lock_draft(made)
        entry = await HonorEntry.get_or_none(id=entry_id, honor_list_id=made.id)
        if entry is None:
            raise NotFound
        await HonorEntry.filter(id=entry.id, state="draft").delete()
        await note(made, "removed", maker, _words(entry), at=at)
        await record(made, "remove_entry", maker, at, detail={"entry": str(entry_id)})


async def _draft_of(list_id: UUID, maker: Staff) -> HonorList:
    made = await find_list(list_id, maker)
    if made.maker_person != maker.person:
        raise OnlyItsMaker
    if made.state != "draft" or kind_of(made.kind).colour != "red":
        raise ListChanged
    return made


async def _lock_draft(made: HonorList) -> None:
    """Hold the list's row, so that it is not handed in meanwhile."""
    if not await HonorList.filter(id=made.id, state="draft").update(state="draft"):
        raise ListChanged


def _words(entry: HonorEntry) -> str:
    return f"{entry.name_masked} {entry.identity_masked} {entry.deed}"


async def _insert(keys: KeyRing, made: HonorList, rows: Sequence[SheetRow], at: datetime) -> set[UUID]:
    rows_in = await asyncio.to_thread(lambda: [entry_row(keys, made, row, at=at) for row in rows])
    inserted = await bulk_insert(HonorEntry, rows_in, skip_conflicts=True)
    if len(inserted) < len(rows_in):
        raise ListChanged
    return inserted


async def _insert_all(
    keys: KeyRing, made: HonorList, rows: Sequence[SheetRow], at: datetime, progress: Progress
) -> None:
    """Keep a whole sheet: while one piece travels to the database, a thread encrypts the next."""
    names = [*entry_row(keys, made, rows[0], at=at)]

    def prepare(start: int) -> list[tuple[object, ...]]:
        return [tuple(entry_row(keys, made, row, at=at).values()) for row in rows[start : start + _CHUNK]]

    async def batches() -> AsyncIterator[list[tuple[object, ...]]]:
        loop = asyncio.get_running_loop()
        coming = loop.run_in_executor(None, prepare, 0)
        for start in range(0, len(rows), _CHUNK):
            batch, coming = await coming, loop.run_in_executor(None, prepare, start + _CHUNK)
            await progress("keep", start, len(rows))
            yield batch
        await coming

    try:
        await copy_in(HonorEntry, names, batches())
    except IntegrityError as error:
        raise ListChanged from error


def entry_row(keys: KeyRing, made: HonorList, row: SheetRow, *, at: datetime) -> dict[str, object]:
    """Return one person or merchant of a sheet as a draft entry."""
    return {
        **subject_columns(keys, Subject(row.name, row.identity_number, row.merchant_id), index=row.index),
        "id": new_id(),
        "honor_list_id": made.id,
        "kind": made.kind,
        "state": "draft",
        "display_suspended": False,
        "display_holds": 0,
        "deed": row.deed,
        "authority": "",
        "document_no": "",
        "source": "made",
        "grade": "",
        "legal_basis": kind_of(made.kind).legal_basis,
        "name_form": "masked",
        "created_at": at,
        "end_reason": "",
    }


def error_row(error: RowError) -> dict[str, object]:
    """Return an error as it is told: row, column and what is wrong in both languages."""
    return {"row": error.number, "column": error.column, "zh": error.text.zh, "en": error.text.en}


async def find_list(list_id: UUID, staff: Staff) -> HonorList:
    """Return a list of the area that a member of staff serves. Raises NotFound (404) for any other."""
    found = await area_of(staff).bind(HonorList.filter(id=list_id)).first()
    if found is None:
        raise NotFound
    return found


async def record(
    made: HonorList, act: str, who: Staff, at: datetime, *, detail: dict[str, object] | None = None
) -> None:
    """Put an act on a list on the trail; joins the caller's transaction."""
    await audit.record(
        f"honor_list.{act}", actor=who.label, object_kind="honor_list", object_id=made.id, detail=detail or {}, at=at
    )
