"""Make a list from a sheet, checked against itself and against the black ones."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from xinyi_platform import audit
from xinyi_platform.database import transaction
from xinyi_platform.database.bulk import bulk_insert
from xinyi_platform.errors import InvalidField, NotFound
from xinyi_platform.ids import new_id
from xinyi_platform.keys import KeyRing
from xinyi_platform.language import Text
from xinyi_platform.masking import mask_identity_number, mask_name
from xinyi_platform.principals import Staff
from xinyi_platform.tenancy import area_of, everywhere
from xinyi_rewards.honor_lists.area_terms import kind_in
from xinyi_rewards.honor_lists.errors import BlackListNotHere, ListChanged, RowsRefused
from xinyi_rewards.honor_lists.kinds import kind_of, list_kinds
from xinyi_rewards.honor_lists.models import HonorEntry, HonorList
from xinyi_rewards.honor_lists.sheets import RowError, Sheet, SheetRow, read_sheet
from xinyi_rewards.honor_lists.states import LIVE

NAME_FIELD, IDENTITY_FIELD = "honor_entry.name", "honor_entry.identity"
INDEX_FIELD = "identity"
MOST_ERRORS = 1_000
_CHUNK = 2_000
Keep = Literal["all", "good"]
"""What becomes of a sheet with wrong rows: nothing is kept, or its good rows."""


def search_index(keys: KeyRing, *, name: str, last_four: str) -> str:
    """Return the blind index under which the public finds an entry: exact name and last four characters."""
    return keys.blind_index(f"{name}\0{last_four.upper()}", field="honor_entry.search")


def title_of(text: str) -> str:
    """Return a list's title as it is kept. Raises InvalidField (422) where it is too short or too long."""
    if not 2 <= len(text.strip()) <= 80:
        raise InvalidField(field="title", zh="标题应为2–80个字符。", en="A title has 2 to 80 characters.")
    return text.strip()


async def check_sheet(keys: KeyRing, *, kind: str, content: bytes, filename: str, today: date) -> Sheet:
    """Read a sheet and give every row its verdict, also against this list and the black ones; keeps nothing.

    Raises BlackListNotHere (403) and SheetUnreadable (422).
    """
    if kind_of(kind).colour != "red":
        raise BlackListNotHere
    sheet = await asyncio.to_thread(read_sheet, content, filename, today=today)
    return sheet.with_errors(await _listed_already(keys, kind, sheet))


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
) -> HonorList:
    """Make a draft from a spreadsheet: all rows or nothing, or with `keep` good those rows that are right.

    Raises BlackListNotHere (403), SheetUnreadable and RowsRefused (422, with the first 1,000 errors).
    """
    sheet = await check_sheet(keys, kind=kind, content=content, filename=filename, today=today)
    if sheet.errors and (keep == "all" or not sheet.rows):
        rows = [error_row(error) for error in sheet.errors[:MOST_ERRORS]]
        raise RowsRefused(count=len(sheet.errors), rows=rows)
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
        for start in range(0, len(sheet.rows), _CHUNK):
            chunk = sheet.rows[start : start + _CHUNK]
            rows_in = await asyncio.to_thread(_entry_rows, keys, made, chunk, at)
            if len(await bulk_insert(HonorEntry, rows_in, skip_conflicts=True)) < len(rows_in):
                raise ListChanged
        left_out = len({error.number for error in sheet.errors})
        await _record(
            made, "make", maker, at, detail={"kind": kind, "entries": len(sheet.rows), "rows_left_out": left_out}
        )
    return made


def _entry_rows(keys: KeyRing, made: HonorList, rows: Sequence[SheetRow], at: datetime) -> list[dict[str, object]]:
    return [entry_row(keys, made, row, at=at) for row in rows]


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom an entry is about: a person by identity number, or a merchant by credit code."""

    name: str
    number: str
    merchant_id: UUID | None = None


def subject_columns(keys: KeyRing, subject: Subject) -> dict[str, object]:
    """Return an entry's columns about its subject; a person is masked, a merchant is not."""
    index = keys.blind_index(subject.number, field=INDEX_FIELD)
    is_person = subject.merchant_id is None
    return {
        "slot": index,
        "merchant_id": subject.merchant_id,
        "name_cipher": keys.encrypt(subject.name, field=NAME_FIELD),
        "identity_cipher": keys.encrypt(subject.number, field=IDENTITY_FIELD),
        "identity_index": index,
        "search_index": search_index(keys, name=subject.name, last_four=subject.number[-4:]),
        "name_masked": mask_name(subject.name) if is_person else subject.name[:40],
        "identity_masked": mask_identity_number(subject.number) if is_person else subject.number,
    }


def entry_row(keys: KeyRing, made: HonorList, row: SheetRow, *, at: datetime) -> dict[str, object]:
    """Return one person of a sheet as a draft entry."""
    return {
        **subject_columns(keys, Subject(row.name, row.identity_number)),
        "id": new_id(),
        "honor_list_id": made.id,
        "kind": made.kind,
        "state": "draft",
        "display_suspended": False,
        "deed": row.deed,
        "authority": "",
        "document_no": "",
        "source": "made",
        "grade": "",
        "legal_basis": kind_of(made.kind).legal_basis,
        "created_at": at,
        "end_reason": "",
    }


async def _listed_already(keys: KeyRing, kind: str, sheet: Sheet) -> list[RowError]:
    """Check a red list against itself and against the black ones, by blind index."""
    black = [k.slug for k in list_kinds().values() if k.colour == "black"]
    twice = Text("此人已在该名单中。", "This person is already on this list.")
    barred = Text("此人有在期失信记录,不能列入红名单。", "This person is on a black list now.")
    errors = []
    for start in range(0, len(sheet.rows), _CHUNK):
        rows = sheet.rows[start : start + _CHUNK]
        numbers = {keys.blind_index(row.identity_number, field=INDEX_FIELD): row.number for row in rows}
        listed = everywhere(HonorEntry).filter(identity_index__in=[*numbers], state__in=LIVE, kind__in=[kind, *black])
        for index, where in await listed.values_list("identity_index", "kind"):
            errors.append(RowError(numbers[index], "身份证号", barred if where in black else twice))
    return errors


def error_row(error: RowError) -> dict[str, object]:
    """Return an error as it is told: row, column and what is wrong in both languages."""
    return {"row": error.number, "column": error.column, "zh": error.text.zh, "en": error.text.en}


async def find_list(list_id: UUID, staff: Staff) -> HonorList:
    """Return a list of the area that a member of staff serves. Raises NotFound (404) for any other."""
    found = await area_of(staff).bind(HonorList.filter(id=list_id)).first()
    if found is None:
        raise NotFound
    return found


async def _record(
    made: HonorList, act: str, who: Staff, at: datetime, *, detail: dict[str, object] | None = None
) -> None:
    await audit.record(
        f"honor_list.{act}", actor=who.label, object_kind="honor_list", object_id=made.id, detail=detail or {}, at=at
    )
