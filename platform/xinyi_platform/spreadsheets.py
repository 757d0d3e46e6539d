"""Spreadsheets that people upload (xlsx, ods, csv): cells as text, and what a formula would begin with."""

from __future__ import annotations

import csv
import io

from python_calamine import CalamineError, CalamineWorkbook

from xinyi_platform.errors import Unprocessable
from xinyi_platform.language import Text

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
"""A cell that begins so could be run by the program that opens an export of it."""


class SheetUnreadable(Unprocessable):
    """The file is no spreadsheet, is empty, or lacks a column. Values: `zh`, `en`."""

    code = "sheet_unreadable"
    text = Text("无法读取表格:{zh}", "The spreadsheet cannot be read: {en}")


def read_cells(content: bytes, filename: str) -> list[list[object]]:
    """Return the rows of the first sheet. Raises SheetUnreadable (422)."""
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
            return [[*row] for row in csv.reader(io.StringIO(content.decode(encoding)))]
        except (UnicodeDecodeError, csv.Error):
            continue
    raise SheetUnreadable(zh="文字编码无法识别。", en="its text encoding is unknown.")


def _workbook_cells(content: bytes) -> list[list[object]]:
    try:
        sheet = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0)
        return [[*row] for row in sheet.to_python()]
    except (CalamineError, OSError, ValueError, IndexError) as error:
        raise SheetUnreadable(zh="请上传 xlsx、ods 或 csv 文件。", en="upload an xlsx, ods or csv file.") from error
