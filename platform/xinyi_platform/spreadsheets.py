"""Spreadsheets that people upload or take home (xlsx, csv): cells as text, never as a formula.

The reading library lays a sheet out from its first to its last cell, so that one cell far away is a file of 5 KB and a
table of a terabyte: what would be large is refused before it is read.
"""

from __future__ import annotations

import csv
import io
import re
import string
import zlib
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import BinaryIO, Self
from zipfile import BadZipFile, ZipFile

import xlsxwriter
from python_calamine import CalamineError, CalamineWorkbook

from xinyi_platform.errors import Unprocessable
from xinyi_platform.language import Text

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
"""A cell that begins so could be run by the program that opens an export of it."""
MOST_ROWS = 200_000
_LETTERS = string.ascii_letters.encode()
MOST_UNPACKED_BYTES = 200_000_000
_FAR = re.compile(rb"""[\s]r\s*=\s*["']([A-Za-z]{2,}(?=[0-9])|[A-Za-z]?[0-9]{6,})""")
"""Where a cell or row says that it stands beyond column Z, or beyond row 99,999."""


class SheetUnreadable(Unprocessable):
    """The file is no spreadsheet, is empty, or lacks a column. Values: `zh`, `en`."""

    code = "sheet_unreadable"
    text = Text("无法读取表格:{zh}", "The spreadsheet cannot be read: {en}")


def read_cells(content: bytes, filename: str) -> list[list[object]]:
    """Return the rows of the first sheet. Raises SheetUnreadable (422), also for what is too large to be a list."""
    return _csv_cells(content) if filename.lower().endswith(".csv") else _workbook_cells(content)


def column_places(header: list[object], columns: tuple[str, ...]) -> list[int]:
    """Return where the columns stand. Raises SheetUnreadable (422), naming those that are missing."""
    names = [text_of(cell) for cell in header]
    missing = [column for column in columns if column not in names]
    if missing:
        raise SheetUnreadable(zh=f"缺少列:{'、'.join(missing)}。", en=f"missing columns: {', '.join(missing)}.")
    return [names.index(column) for column in columns]


def text_of(cell: object) -> str:
    """Return a cell as text: a whole number without its point, no spaces around."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell if cell is not None else "").strip()


def _csv_cells(content: bytes) -> list[list[object]]:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            rows = csv.reader(io.StringIO(content.decode(encoding), newline=""))
            cells: list[list[object]] = [[*row] for row in islice(rows, MOST_ROWS + 1)]
        except (UnicodeDecodeError, csv.Error):
            continue
        if len(cells) > MOST_ROWS:
            raise _too_large()
        return cells
    raise SheetUnreadable(zh="文字编码无法识别。", en="its text encoding is unknown.")


def _workbook_cells(content: bytes) -> list[list[object]]:
    try:
        _refuse_large(content)
        sheet = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0)
        return [[*row] for row in sheet.to_python()]
    except (CalamineError, OSError, ValueError, IndexError, EOFError, BadZipFile, zlib.error) as error:
        raise SheetUnreadable(zh="请上传 xlsx 或 csv 文件。", en="upload an xlsx or csv file.") from error


def _refuse_large(content: bytes) -> None:
    """Refuse a workbook that unpacks to too much, or has a cell outside the first rows and 26 columns."""
    with ZipFile(io.BytesIO(content)) as parts:
        if "xl/workbook.xml" not in parts.namelist():
            raise BadZipFile
        if sum(part.file_size for part in parts.infolist()) > MOST_UNPACKED_BYTES:
            raise _too_large()
        for name in parts.namelist():
            if not name.startswith("xl/worksheets/") or not name.endswith(".xml"):
                continue
            if any(_is_too_far(place) for place in _FAR.findall(parts.read(name))):
                raise _too_large()


def _is_too_far(place: bytes) -> bool:
    digits = place.lstrip(_LETTERS)
    return not digits or int(digits) > MOST_ROWS


def _too_large() -> SheetUnreadable:
    return SheetUnreadable(
        zh=f"表格过大(最多{MOST_ROWS}行、26列)。", en=f"it is too large (at most {MOST_ROWS} rows and 26 columns)."
    )


def inert(text: str) -> str:
    """Return a text that no spreadsheet program runs: an apostrophe before what a formula would begin with."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def csv_text(rows: Iterable[Sequence[str]], *, first: bool) -> str:
    """Return rows as CSV, each cell inert; the first piece carries the mark by which programs know UTF-8."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows([inert(cell) for cell in row] for row in rows)
    return ("\ufeff" if first else "") + out.getvalue()


class WorkbookWriter:
    """Writes an xlsx row by row in constant memory, every cell as text. Use as a context: its end closes the file."""

    def __init__(self, out: BinaryIO) -> None:
        self._book = xlsxwriter.Workbook(out, {"constant_memory": True})
        self._sheet = self._book.add_worksheet()
        self._next = 0

    def add(self, rows: Iterable[Sequence[str]]) -> None:
        """Write rows below those written before."""
        for row in rows:
            for place, cell in enumerate(row):
                self._sheet.write_string(self._next, place, inert(cell))
            self._next += 1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._book.close()
