"""Figures as a table: parts of an area by months, one column a measure; what is published of it hides small numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from xinyi_platform.divisions import division_name, divisions, is_within, parent_of
from xinyi_platform.language import Text
from xinyi_platform.suppressing import hidden_numbers
from xinyi_platform.tenancy import Area
from xinyi_rewards.figures.counting import MEASURES, Counts, Measure
from xinyi_rewards.figures.months import Month

TOTAL = "total"
Cell = tuple[str, str]
"""A part's code and a month; `total` stands for all of either."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What was counted in an area: by measure, the number of each part and month."""

    area: str
    parts: Sequence[str]
    months: Sequence[str]
    counts: dict[str, Counts]

    def name_of(self, part: str) -> Text:
        """Return a part's name; what the area itself did, and none of its parts, bears the area's."""
        return division_name(part)

    def by_month(self, measure: str) -> list[int]:
        return [sum(self.counts[measure][part, month] for part in self.parts) for month in self.months]

    def by_part(self, measure: str) -> list[int]:
        return [sum(self.counts[measure][part, month] for month in self.months) for part in self.parts]


async def figures_of(area: Area, months: Sequence[Month], measures: Iterable[Measure] = MEASURES) -> Figures:
    """Count in an area; nothing outside is looked at."""
    parts = parts_of(area.code)
    counts = {measure.key: _folded(area.code, await measure.load(area, months)) for measure in measures}
    return Figures(area.code, parts, [month.name for month in months], counts)


def parts_of(code: str) -> list[str]:
    """Return the divisions directly below one, and itself for what is done at its own level."""
    below = [other for other in divisions() if parent_of(other) == code]
    return [*below, code]


def _folded(area: str, counts: Counts) -> Counts:
    folded: Counts = Counter()
    below = [part for part in parts_of(area) if part != area]
    for (division, month), number in counts.items():
        part = next((one for one in below if is_within(division, one)), area)
        folded[part, month] += number
    return folded


def lines_of(figures: Figures, measures: Sequence[Measure]) -> Iterator[tuple[str, ...]]:
    """Return the rows of a spreadsheet: a heading, then one row a part and month."""
    yield ("区划代码", "区划", "月份", *(measure.text.zh for measure in measures))
    for part in figures.parts:
        for month in figures.months:
            numbers = (str(figures.counts[measure.key][part, month]) for measure in measures)
            yield (part, figures.name_of(part).zh, month, *numbers)


def published(figures: Figures, measure: str) -> dict[Cell, int | None]:
    """Return a measure's cells with their totals, as anybody may see them: None where a number is hidden.

    Numbers from 1 to 9 are hidden, and as many others that none of them follows from the totals.
    """
    cells: dict[Cell, int] = {}
    for part in figures.parts:
        for month in figures.months:
            cells[part, month] = figures.counts[measure][part, month]
        cells[part, TOTAL] = sum(cells[part, month] for month in figures.months)
    for month in (*figures.months, TOTAL):
        cells[TOTAL, month] = sum(cells[part, month] for part in figures.parts)
    sums: list[dict[Cell, int]] = []
    for part in (*figures.parts, TOTAL):
        sums.append({(part, month): 1 for month in figures.months} | {(part, TOTAL): -1})
    for month in (*figures.months, TOTAL):
        sums.append({(part, month): 1 for part in figures.parts} | {(TOTAL, month): -1})
    hidden = hidden_numbers(cells, sums)
    return {cell: None if cell in hidden else number for cell, number in cells.items()}


def full_months(today: date, count: int = 12) -> tuple[str, str]:
    """Return the first and the last of so many months that are over: what is published of them changes no more."""
    number = today.year * 12 + today.month - 1
    return tuple(f"{n // 12:04d}-{n % 12 + 1:02d}" for n in (number - count, number - 1))  # type: ignore[return-value]
