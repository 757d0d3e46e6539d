"""Hide small numbers in tables with totals, so that nobody can be found in them nor worked out from the rest.

A number from 1 to 9 is hidden. Whoever reads a table knows what adds up in it, and that a number hidden for being small
lies between 1 and 9; so each hidden number must keep several whole numbers that it could be. While one does not, more
is hidden. The sums are a system of linear equations: it is reduced, and the bounds of what is hidden are narrowed by
its rows, the given ones and the reduced ones, until nothing moves.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from fractions import Fraction
from math import lcm
from typing import TypeVar

SMALLEST_SHOWN = 10
LEAST_VALUES = 3
"""How many whole numbers a hidden one could be, at the least."""
_PASSES = 40
Name = TypeVar("Name", bound=Hashable)
_Row = tuple[dict[Name, int], int]
"""Weights of hidden numbers and what the shown ones add up to; all together make zero."""


def hidden_numbers(
    numbers: Mapping[Name, int], sums: Sequence[Mapping[Name, int]], *, keep_totals: bool = True
) -> set[Name]:
    """Return which numbers to hide. Each of `sums` has weights by which numbers add up to zero, the total's below 0.

    With `keep_totals` the smallest number beside a small one is hidden, a total only where nothing else is left.
    Without, a total of something hidden is hidden too, and where that is not enough the other addends of a sum are all
    hidden at once: what is hidden then hardly depends on how large it is, so that the choice itself gives nothing away.
    """
    hidden = {name for name, number in numbers.items() if 0 < number < SMALLEST_SHOWN}
    totals = {name for row in sums for name, weight in row.items() if weight < 0}
    while True:
        if not keep_totals:
            _hide_totals(hidden, sums)
        found = _narrow(hidden, numbers, sums, totals if not keep_totals else set())
        candidates = _beside(found, hidden, sums) or set(numbers) - hidden if found is not None else set()
        if not candidates:
            return hidden
        if keep_totals:
            candidates = {min(candidates, key=lambda name: _cost(name, numbers, totals))}
        hidden |= candidates


def _cost(name: Name, numbers: Mapping[Name, int], totals: set[Name]) -> tuple[bool, bool, int, str]:
    return name in totals, numbers[name] == 0, numbers[name], str(name)


def _hide_totals(hidden: set[Name], sums: Sequence[Mapping[Name, int]]) -> None:
    size = -1
    while size != len(hidden):
        size = len(hidden)
        for row in sums:
            if any(name in hidden for name, weight in row.items() if weight > 0):
                hidden |= {name for name, weight in row.items() if weight < 0}


def _beside(found: Name, hidden: set[Name], sums: Sequence[Mapping[Name, int]]) -> set[Name]:
    """Return what is shown in the sums that tell the most: those with one number hidden, or those of the found one."""
    alone = [row for row in sums if sum(name in hidden for name in row) == 1]
    return {name for row in alone or [row for row in sums if found in row] for name in row} - hidden


def _narrow(
    hidden: set[Name], numbers: Mapping[Name, int], sums: Sequence[Mapping[Name, int]], totals: set[Name]
) -> Name | None:
    """Return a hidden number that could be too few others, or None. `totals` may be hidden whatever they are."""
    most = 2 * sum(numbers.values()) + 10 * SMALLEST_SHOWN
    bounds = {
        name: (1, SMALLEST_SHOWN - 1) if 0 < numbers[name] < SMALLEST_SHOWN and name not in totals else (0, most)
        for name in hidden
    }
    given = [_split(row, hidden, numbers) for row in sums]
    rows = [row for row in (*given, *_reduced(given, sorted(hidden, key=str))) if row[0]]
    for _ in range(_PASSES):
        before = dict(bounds)
        for row in rows:
            bounds.update(_tightened(row, bounds))
        if bounds == before:
            break
    tight = (name for name, (low, high) in bounds.items() if high - low + 1 < LEAST_VALUES)
    return min(tight, key=str, default=None)


def _split(row: Mapping[Name, int], hidden: set[Name], numbers: Mapping[Name, int]) -> _Row[Name]:
    shown = sum(weight * numbers[name] for name, weight in row.items() if name not in hidden)
    return {name: weight for name, weight in row.items() if name in hidden}, shown


def _tightened(row: _Row[Name], bounds: Mapping[Name, tuple[int, int]]) -> Iterator[tuple[Name, tuple[int, int]]]:
    """Yield what a row leaves to each of its numbers, given what it leaves to the others."""
    weights, shown = row
    ends = {name: sorted((weight * bounds[name][0], weight * bounds[name][1])) for name, weight in weights.items()}
    least, most = shown + sum(low for low, _ in ends.values()), shown + sum(high for _, high in ends.values())
    for name, weight in weights.items():
        low, high = ends[name]
        from_, to = -(most - high), -(least - low)
        if weight < 0:
            from_, to, weight = -to, -from_, -weight
        yield name, (max(bounds[name][0], -(-from_ // weight)), min(bounds[name][1], to // weight))


def _reduced(given: Sequence[_Row[Name]], names: Sequence[Name]) -> list[_Row[Name]]:
    """Return the rows of the reduced system, in whole numbers."""
    rows = [[Fraction(row.get(name, 0)) for name in names] + [Fraction(shown)] for row, shown in given if row]
    rank = 0
    for column in range(len(names)):
        pivot = next((place for place in range(rank, len(rows)) if rows[place][column]), None)
        if pivot is None:
            continue
        rows[rank], rows[pivot] = rows[pivot], rows[rank]
        head = rows[rank][column]
        rows[rank] = [value / head for value in rows[rank]]
        for place, row in enumerate(rows):
            if place != rank and row[column]:
                factor = row[column]
                rows[place] = [value - factor * pivoted for value, pivoted in zip(row, rows[rank], strict=True)]
        rank += 1
    return [_whole(row, names) for row in rows[:rank]]


def _whole(row: Sequence[Fraction], names: Sequence[Name]) -> _Row[Name]:
    scale = lcm(*(value.denominator for value in row))
    found = [int(value * scale) for value in row]
    return {name: weight for name, weight in zip(names, found[:-1], strict=True) if weight}, found[-1]
