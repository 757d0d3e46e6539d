"""Read a list from a spreadsheet (xlsx or csv): good rows, and what is wrong with the others by row and column."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal
from uuid import UUID

import msgspec
import xlsxwriter

from xinyi_merchants.registry.uscc import fault_of_uscc
from xinyi_platform.identity.numbers import is_identity_number
from xinyi_platform.language import Text
from xinyi_platform.spreadsheets import FORMULA_STARTS, SheetUnreadable, column_places, read_cells, text_of
from xinyi_rewards.honor_lists.texts import has_controls

Subjects = Literal["resident", "merchant"]
COLUMNS: dict[Subjects, tuple[str, str, str]] = {
    "resident": ("姓名", "身份证号", "事迹"),
    "merchant": ("商户名称", "统一社会信用代码", "事迹"),
}
_MOST_NAME = {"resident": 30, "merchant": 80}
MOST_ROWS = 100_000
_UNFIT = Text("含有不可用的字符(如换行)。", "It holds characters that cannot be kept, such as a line break.")


class SheetRow(msgspec.Struct, frozen=True, gc=False):
    """One person or merchant as the sheet gives it; `number` is the row as the spreadsheet program counts it.

    `identity_number` is a merchant's credit code; `merchant_id` and the blind `index` are known once it was checked
    against the registry and the lists.
    """

    number: int
    name: str
    identity_number: str
    deed: str
    merchant_id: UUID | None = None
    index: str = ""


class RowError(msgspec.Struct, frozen=True):
    """What is wrong with one row, and in which column."""

    number: int
    column: str
    text: Text


@dataclass(frozen=True, slots=True)
class Sheet:
    """What was read: good rows, and the errors of the others."""

    rows: list[SheetRow]
    errors: list[RowError]

    def with_errors(self, more: Sequence[RowError]) -> Sheet:
        """Return the sheet with further errors, in the order of its rows; their rows are no longer good."""
        wrong = {error.number for error in more}
        errors = sorted([*self.errors, *more], key=lambda error: error.number)
        return Sheet([row for row in self.rows if row.number not in wrong], errors)


def read_sheet(content: bytes, filename: str, *, today: date, subjects: Subjects = "resident") -> Sheet:
    """Read and check a sheet of persons or merchants. Raises SheetUnreadable (422)."""
    cells = read_cells(content, filename)
    if len(cells) > MOST_ROWS + 1:
        raise SheetUnreadable(zh=f"最多{MOST_ROWS}行。", en=f"at most {MOST_ROWS} rows.")
    places = column_places(cells[0] if cells else [], COLUMNS[subjects])
    rows = []
    for number, line in enumerate(cells[1:], 2):
        values = [text_of(line[place]) if place < len(line) else "" for place in places]
        if any(values):
            rows.append(SheetRow(number, values[0], values[1].upper(), values[2]))
    if not rows:
        raise SheetUnreadable(zh="没有数据行。", en="it has no rows.")
    return check_rows(rows, today=today, subjects=subjects)


def check_rows(rows: Sequence[SheetRow], *, today: date, subjects: Subjects = "resident") -> Sheet:
    """Give each row its verdict by its own form, and by the rows before it."""
    good, errors = [], []
    seen: dict[str, int] = {}
    for row in rows:
        wrong = _check(row, seen, today, subjects)
        errors += wrong
        if not wrong:
            good.append(row)
    return Sheet(good, errors)


def _check(row: SheetRow, seen: dict[str, int], today: date, subjects: Subjects) -> list[RowError]:
    errors = []
    name, number, deed = COLUMNS[subjects]
    most = _MOST_NAME[subjects]
    if not 2 <= len(row.name) <= most or row.name.startswith(FORMULA_STARTS):
        errors.append(RowError(row.number, name, _name_fault(name, most)))
    elif has_controls(row.name):
        errors.append(RowError(row.number, name, _UNFIT))
    if fault := _fault_of(row.identity_number, today, subjects):
        errors.append(RowError(row.number, number, fault))
    elif row.identity_number in seen:
        first = seen[row.identity_number]
        errors.append(RowError(row.number, number, Text(f"与第{first}行重复。", f"The same as in row {first}.")))
    else:
        seen[row.identity_number] = row.number
    if not 1 <= len(row.deed) <= 200 or row.deed.startswith(FORMULA_STARTS):
        text = Text(
            "事迹应为1–200个字符,且不能以 = + - @ 开头。", "A deed has 1 to 200 characters and no leading = + - @."
        )
        errors.append(RowError(row.number, deed, text))
    elif has_controls(row.deed):
        errors.append(RowError(row.number, deed, _UNFIT))
    return errors


def _name_fault(column: str, most: int) -> Text:
    return Text(
        f"{column}应为2–{most}个字符,且不能以 = + - @ 开头。",
        f"A name has 2 to {most} characters and no leading = + - @.",
    )


def _fault_of(number: str, today: date, subjects: Subjects) -> Text | None:
    if subjects == "merchant":
        return fault_of_uscc(number)
    if is_identity_number(number, today=today):
        return None
    return Text("身份证号有误(18位,含校验码)。", "The identity number is wrong (18 characters with check digit).")


def draw_template(subjects: Subjects = "resident") -> bytes:
    """Return an empty sheet with the right columns, the numbers as text."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet("名单")
        text = book.add_format({"num_format": "@"})
        sheet.write_row(0, 0, COLUMNS[subjects], book.add_format({"bold": True}))
        sheet.set_column(0, 0, 12)
        sheet.set_column(1, 1, 24, text)
        sheet.set_column(2, 2, 60)
    return out.getvalue()
