"""Hide small numbers in tables with totals, so that nobody can be found in them nor worked out from the rest.

A number from 1 to 9 is hidden. Where a hidden one would follow from the sums, the smallest shown one of those sums is
hidden too, a total only where nothing else is left, until none follows: the sums are a system of linear equations,
and a hidden number follows exactly where the reduced system has a row of its own for it.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from fractions import Fraction
from typing import TypeVar

SMALLEST_SHOWN = 10
Name = TypeVar("Name", bound=Hashable)


def hidden_numbers(numbers: Mapping[Name, int], sums: Sequence[Mapping[Name, int]]) -> set[Name]:
    """Return which numbers to hide. Each of `sums` has weights by which numbers add up to zero, the total's below 0."""
    hidden = {name for name, number in numbers.items() if 0 < number < SMALLEST_SHOWN}
    totals = {name for row in sums for name, weight in row.items() if weight < 0}
    while (found := _determined(hidden, sums)) is not None:
        alone = [row for row in sums if sum(1 for name in row if name in hidden) == 1]
        beside = {name for row in alone or [row for row in sums if found in row] for name in row} - hidden
        candidates = beside or set(numbers) - hidden
        if not candidates:
            return hidden
        hidden.add(min(candidates, key=lambda name: (name in totals, numbers[name] == 0, numbers[name], str(name))))
    return hidden


def _determined(hidden: set[Name], sums: Sequence[Mapping[Name, int]]) -> Name | None:
    """Return a hidden number that follows from those shown, or None."""
    names = sorted(hidden, key=str)
    rows = [[Fraction(row.get(name, 0)) for name in names] for row in sums]
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
    for row in rows[:rank]:
        alone = [name for name, value in zip(names, row, strict=True) if value]
        if len(alone) == 1:
            return alone[0]
    return None
