"""A workbook of a few kilobytes that would be a table of gigabytes is refused before it is read."""

from __future__ import annotations

import io
import zipfile

import pytest
import xlsxwriter

from xinyi_platform.spreadsheets import MOST_ROWS, MOST_UNPACKED_BYTES, SheetUnreadable, read_cells


def workbook(row: int, column: int) -> bytes:
    """A workbook with a header and one cell far away."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_string(0, 0, "姓名")
        sheet.write_string(row, column, "远")
    return out.getvalue()


def rewritten(content: bytes, old: bytes, new: bytes) -> bytes:
    """The same workbook with other words in its sheet."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as parts, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name in parts.namelist():
            part = parts.read(name)
            made.writestr(name, part.replace(old, new) if name.startswith("xl/worksheets/") else part)
    return out.getvalue()


@pytest.mark.parametrize(("row", "column"), [(1_048_575, 16_383), (1_048_575, 1), (10, 700), (10, 26), (MOST_ROWS, 1)])
def test_a_cell_far_away_is_refused(row: int, column: int) -> None:
    with pytest.raises(SheetUnreadable) as refused:
        read_cells(workbook(row, column), "a.xlsx")
    assert "26" in refused.value.values["en"]  # type: ignore[operator]


@pytest.mark.parametrize(("row", "column"), [(10, 25), (MOST_ROWS - 1, 1), (99_999, 3)])
def test_what_a_list_can_be_is_read(row: int, column: int) -> None:
    cells = read_cells(workbook(row, column), "a.xlsx")
    assert (len(cells), cells[row][column]) == (row + 1, "远")


@pytest.mark.parametrize("words", [b"r='XFD1048576'", b'r = "XFD1048576"', b'r\n=\t"A1048576"'])
def test_it_is_refused_however_the_place_is_written(words: bytes) -> None:
    sheet = rewritten(workbook(10, 25), b'r="Z11"', words)
    with pytest.raises(SheetUnreadable):
        read_cells(sheet, "a.xlsx")


def test_what_unpacks_to_too_much_is_refused() -> None:
    out = io.BytesIO(workbook(1, 1))
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as made:
        made.writestr("xl/media/zeros", bytes(MOST_UNPACKED_BYTES))
    with pytest.raises(SheetUnreadable):
        read_cells(out.getvalue(), "a.xlsx")


def test_a_text_of_too_many_rows_is_refused() -> None:
    with pytest.raises(SheetUnreadable):
        read_cells(b"a\n" * (MOST_ROWS + 1), "a.csv")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"])
def test_what_is_no_workbook_is_refused(content: bytes) -> None:
    with pytest.raises(SheetUnreadable):
        read_cells(content, "a.xlsx")
