"""What a simulation says: gain, lose, keep, out, cannot tell, by district and by age, with what it may cost."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from xinyi_platform.divisions import division_name
from xinyi_platform.suppressing import hidden_numbers
from xinyi_scenarios.manifests.schema import Manifest
from xinyi_scenarios.requirements import Verdict
from xinyi_scenarios.simulation.judging import Tally

KINDS = ("gain", "lose", "keep", "out", "cannot_tell")
HEADS = (*KINDS, "all")
TOTAL = "all"
HIDDEN = "*"
Cell = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Report:
    """The numbers by (table, row, column), None where hidden, and the bounds of takers and of the cost in fen."""

    numbers: Mapping[Cell, int | None]
    takers: tuple[int, int] | None
    cost_fen: tuple[int, int] | None

    def rows(self) -> Iterator[tuple[str, str, list[str]]]:
        """Yield table, row and its numbers as text; the total over all first."""
        keys = list(dict.fromkeys((table, row) for table, row, _ in self.numbers))
        for table, row in keys:
            found = [self.numbers[table, row, head] for head in HEADS]
            yield table, row, [HIDDEN if number is None else str(number) for number in found]


def kind_of(old: str, new: str) -> str:
    """Return what a change of manifests means for those of whom they say this."""
    if Verdict.UNKNOWN.value in (old, new):
        return "cannot_tell"
    was, is_ = old == Verdict.ELIGIBLE.value, new == Verdict.ELIGIBLE.value
    return {(False, True): "gain", (True, False): "lose", (True, True): "keep", (False, False): "out"}[was, is_]


def make_report(tally: Tally, scene: Manifest) -> Report:
    """Return the report on a tally, with small numbers hidden."""
    numbers = _numbers(tally)
    hidden = hidden_numbers(numbers, list(_sums(numbers)))
    shown = {cell: None if cell in hidden else number for cell, number in numbers.items()}
    if any(shown[TOTAL, TOTAL, kind] is None for kind in ("gain", "keep", "cannot_tell")):
        return Report(shown, None, None)
    sure = numbers[TOTAL, TOTAL, "gain"] + numbers[TOTAL, TOTAL, "keep"]
    takers = (_most(scene, sure), _most(scene, sure + numbers[TOTAL, TOTAL, "cannot_tell"]))
    return Report(shown, takers, _cost(scene, takers))


def _numbers(tally: Tally) -> dict[Cell, int]:
    counts: Counter[Cell] = Counter()
    rows = {(TOTAL, TOTAL)}
    for ((district, band), old, new), number in tally.items():
        for table, row in ((TOTAL, TOTAL), ("district", district), ("age", band)):
            rows.add((table, row))
            counts[table, row, kind_of(old, new)] += number
            counts[table, row, TOTAL] += number
    order = sorted(rows, key=lambda key: ((TOTAL, "district", "age").index(key[0]), _row_order(key)))
    return {(table, row, head): counts[table, row, head] for table, row in order for head in HEADS}


def _row_order(key: tuple[str, str]) -> tuple[int, str]:
    begins = key[1].rstrip("+").partition("-")[0]
    return (int(begins) if begins.isdigit() else 0, key[1])


def _sums(numbers: Mapping[Cell, int]) -> Iterator[dict[Cell, int]]:
    """Yield what adds up: the kinds to each row's total, and each table's rows to the total over all."""
    rows = dict.fromkeys((table, row) for table, row, _ in numbers)
    for table, row in rows:
        yield {**{(table, row, kind): 1 for kind in KINDS}, (table, row, TOTAL): -1}
    for of in ("district", "age"):
        for head in HEADS:
            yield {**{(table, row, head): 1 for table, row in rows if table == of}, (TOTAL, TOTAL, head): -1}


def _most(scene: Manifest, people: int) -> int:
    return min(people * scene.quota.per_resident, scene.quota.total)


def _cost(scene: Manifest, takers: tuple[int, int]) -> tuple[int, int] | None:
    worst = scene.gives.worst_fen
    if worst is None:
        return None
    ends = [takers[0] * worst, takers[1] * worst]
    if scene.budget is not None and scene.budget.period == scene.quota.period:
        ends = [min(end, scene.budget.total_fen) for end in ends]
    return ends[0], ends[1]


def as_csv(report: Report) -> str:
    """Return the report as CSV; `*` stands for a number that is hidden."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["table", "row", *HEADS])
    for table, row, numbers in report.rows():
        writer.writerow([table, row, *numbers])
    for name, bounds in (("takers", report.takers), ("cost_fen", report.cost_fen)):
        writer.writerow([name, "", *(bounds or (HIDDEN, HIDDEN))])
    return text.getvalue()


def as_table(report: Report, scene: Manifest) -> str:
    """Return the report for a terminal."""
    lines = [f"{'':32}" + "".join(f"{head.replace('_', ' '):>13}" for head in HEADS)]
    previous = TOTAL
    for table, row, numbers in report.rows():
        if table != previous:
            lines.append(f"by {table}")
            previous = table
        lines.append(f"{_NAMES.get(table, str)(row):32}" + "".join(f"{number:>13}" for number in numbers))
    lines.append(f"{HIDDEN}: fewer than 10, or they would follow from the sums")
    if report.takers is not None:
        period = "for ever" if scene.quota.period == "ever" else f"in a {scene.quota.period}"
        lines.append(f"claims {period}: {report.takers[0]} to {report.takers[1]} of {scene.quota.total}")
        cost = report.cost_fen
        money = f"{cost[0] / 100:,.2f} to {cost[1] / 100:,.2f} yuan at most" if cost else "without a bound"
        lines.append(f"cost {period}: {money}")
    return "\n".join(lines)


_NAMES: dict[str, Callable[[str], str]] = {"district": lambda code: f"{code} {division_name(code).en}"}
