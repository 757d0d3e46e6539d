"""Figures as a table: parts of an area by months, one column a measure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from xinyi_platform.divisions import division_name, divisions, is_within, parent_of
from xinyi_platform.language import Language, Text
from xinyi_platform.tenancy import Area
from xinyi_rewards.figures.counting import MEASURES, Counts, Measure
from xinyi_rewards.figures.months import Month

_HEADS = (Text("区划代码", "Code"), Text("区划", "Division"), Text("月份", "Month"))


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

    def label_of(self, part: str) -> Text:
        """Return a part's own name, without those above it."""
        return divisions()[part].name if part in divisions() else Text(part, part)

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


def lines_of(figures: Figures, measures: Sequence[Measure], language: Language) -> Iterator[tuple[str, ...]]:
    """Return the rows of a spreadsheet in the reader's language: a heading, then one row a part and month."""
    heads = (measure.text.read(language) for measure in measures)
    yield (*(head.read(language) for head in _HEADS), *heads)
    for part in figures.parts:
        for month in figures.months:
            numbers = (str(figures.counts[measure.key][part, month]) for measure in measures)
            yield (part, figures.name_of(part).read(language), month, *numbers)
