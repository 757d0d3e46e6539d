"""Read a registry sheet row by row: each wrong cell is told by row and column, the first one as soon as it is met."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from xinyi_merchants.registry.checking import Value, check_dates, read_field
from xinyi_platform.errors import InvalidField
from xinyi_platform.language import Text
from xinyi_platform.spreadsheets import SheetUnreadable, column_places, text_of

COLUMNS: dict[str, str] = {
    "统一社会信用代码": "uscc",
    "名称": "name",
    "行业": "trade",
    "区划代码": "division",
    "地址": "address",
    "联系电话": "phone",
    "发照日期": "licence_date",
}
OPTIONAL: dict[str, str] = {"开业日期": "opened_on"}
NAMES = {field_name: column for column, field_name in (COLUMNS | OPTIONAL).items()}
MOST_ROWS = 200_000
_TELL_EVERY = 2_000


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One shop as the sheet gives it; `number` is the row as the spreadsheet program counts it."""

    number: int
    values: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class RowError:
    """What is wrong with one cell."""

    number: int
    column: str
    text: Text

    @property
    def sentence(self) -> Text:
        return Text(
            f"第{self.number}行“{self.column}”:{self.text.zh}", f"Row {self.number}, {self.column}: {self.text.en}"
        )


@dataclass(slots=True)
class Sheet:
    """What could be read, and what could not."""

    rows: list[SheetRow] = field(default_factory=list)
    errors: list[RowError] = field(default_factory=list)


def read_sheet(
    cells: Sequence[Sequence[object]],
    *,
    today: date,
    is_ours: Callable[[str], bool],
    on_error: Callable[[RowError], None],
    progress: Callable[[int], None],
) -> Sheet:
    """Read all rows below the header; `is_ours` tells whether a community lies in the reader's area.

    Raises SheetUnreadable (422) for a sheet without the columns, without rows, or with more than can be taken.
    """
    if not 2 <= len(cells) <= MOST_ROWS + 1:
        raise SheetUnreadable(zh=f"应有1–{MOST_ROWS}行。", en=f"it needs 1 to {MOST_ROWS} rows.")
    sheet, seen = Sheet(), dict[str, int]()
    places = _places(list(cells[0]))
    for number, line in enumerate(cells[1:], 2):
        texts = {name: text_of(line[place]) if place < len(line) else "" for name, place in places.items()}
        if any(texts.values()):
            for found in _read_row(number, texts, seen, today, is_ours):
                if isinstance(found, SheetRow):
                    sheet.rows.append(found)
                else:
                    sheet.errors.append(found)
                    on_error(found)
        if number % _TELL_EVERY == 0:
            progress(_TELL_EVERY)
    progress((len(cells)) % _TELL_EVERY)
    return sheet


def _places(header: list[object]) -> dict[str, int]:
    found = dict(zip(COLUMNS.values(), column_places(header, tuple(COLUMNS)), strict=True))
    names = [text_of(cell) for cell in header]
    return found | {name: names.index(column) for column, name in OPTIONAL.items() if column in names}


def _read_row(
    number: int, texts: Mapping[str, str], seen: dict[str, int], today: date, is_ours: Callable[[str], bool]
) -> Iterator[SheetRow | RowError]:
    """Yield the row, or each of its errors."""
    values: dict[str, Value] = {}
    errors = []
    for name, text in texts.items():
        try:
            values[name] = read_field(name, text, today=today)
        except InvalidField as error:
            errors.append(error_of(number, error))
    errors += _between(number, values, seen, is_ours)
    if errors:
        yield from errors
    else:
        yield SheetRow(number, values)


def _between(
    number: int, values: Mapping[str, Value], seen: dict[str, int], is_ours: Callable[[str], bool]
) -> Iterator[RowError]:
    """Yield what is wrong between cells and between rows."""
    code, place = values.get("uscc"), values.get("division")
    if isinstance(code, str):
        first = seen.setdefault(code, number)
        if first != number:
            zh, en = f"与第{first}行重复。", f"the same as row {first}."
            yield RowError(number, NAMES["uscc"], Text(zh, en))
    if isinstance(place, str) and not is_ours(place):
        yield RowError(number, NAMES["division"], Text("不在您的辖区。", "outside your area."))
    try:
        check_dates(values.get("licence_date"), values.get("opened_on"))
    except InvalidField as error:
        yield error_of(number, error)


def error_of(number: int, error: InvalidField) -> RowError:
    """Return a field's fault as one of a row."""
    column = NAMES[str(error.values["field"])]
    return RowError(number, column, Text(str(error.values["zh"]), str(error.values["en"])))
