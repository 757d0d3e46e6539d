"""Read a list from a spreadsheet (xlsx, ods or csv): good rows, and what is wrong with the others by row and column."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import xlsxwriter

from xinyi_platform.identity.numbers import is_identity_number
from xinyi_platform.language import Text
from xinyi_platform.spreadsheets import FORMULA_STARTS, SheetUnreadable, column_places, read_cells, text_of

COLUMNS = ("姓名", "身份证号", "事迹")
MOST_ROWS = 100_000


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One person as the sheet gives her; `number` is the row as the spreadsheet program counts it."""

    number: int
    name: str
    identity_number: str
    deed: str


@dataclass(frozen=True, slots=True)
class RowError:
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


def read_sheet(content: bytes, filename: str, *, today: date) -> Sheet:
    """Read and check a sheet with the columns 姓名, 身份证号, 事迹. Raises SheetUnreadable (422)."""
    cells = read_cells(content, filename)
    places = _places(cells)
    rows, errors = [], []
    seen: dict[str, int] = {}
    for number, line in enumerate(cells[1:], 2):
        values = [text_of(line[place]) if place < len(line) else "" for place in places]
        if not any(values):
            continue
        row = SheetRow(number, values[0], values[1].upper(), values[2])
        wrong = _check(row, seen, today)
        errors += wrong
        if not wrong:
            rows.append(row)
    if not rows and not errors:
        raise SheetUnreadable(zh="没有数据行。", en="it has no rows.")
    return Sheet(rows, errors)


def _places(cells: Sequence[list[object]]) -> list[int]:
    if len(cells) > MOST_ROWS + 1:
        raise SheetUnreadable(zh=f"最多{MOST_ROWS}行。", en=f"at most {MOST_ROWS} rows.")
    return column_places(cells[0] if cells else [], COLUMNS)


def _check(row: SheetRow, seen: dict[str, int], today: date) -> list[RowError]:
    errors = []
    if not 2 <= len(row.name) <= 30 or row.name.startswith(FORMULA_STARTS):
        errors.append(RowError(row.number, "姓名", Text("姓名应为2–30个字符。", "A name has 2 to 30 characters.")))
    if not is_identity_number(row.identity_number, today=today):
        text = Text("身份证号有误(18位,含校验码)。", "The identity number is wrong (18 characters with check digit).")
        errors.append(RowError(row.number, "身份证号", text))
    elif row.identity_number in seen:
        first = seen[row.identity_number]
        errors.append(RowError(row.number, "身份证号", Text(f"与第{first}行重复。", f"The same as in row {first}.")))
    else:
        seen[row.identity_number] = row.number
    if not 1 <= len(row.deed) <= 200 or row.deed.startswith(FORMULA_STARTS):
        text = Text(
            "事迹应为1–200个字符,且不能以 = + - @ 开头。", "A deed has 1 to 200 characters and no leading = + - @."
        )
        errors.append(RowError(row.number, "事迹", text))
    return errors


def draw_template() -> bytes:
    """Return an empty sheet with the right columns, the identity numbers as text."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet("名单")
        text = book.add_format({"num_format": "@"})
        sheet.write_row(0, 0, COLUMNS, book.add_format({"bold": True}))
        sheet.set_column(0, 0, 12)
        sheet.set_column(1, 1, 24, text)
        sheet.set_column(2, 2, 60)
    return out.getvalue()
