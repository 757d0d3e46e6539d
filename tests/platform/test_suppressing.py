"""Small numbers are hidden, and none of them follows from the ones that are shown."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from xinyi_platform.suppressing import SMALLEST_SHOWN, hidden_numbers

Cell = tuple[str, str]


def table(cells: Sequence[Sequence[int]]) -> tuple[dict[Cell, int], list[dict[Cell, int]]]:
    """A table with its totals, and what adds up in it."""
    numbers = {(f"r{r}", f"c{c}"): n for r, row in enumerate(cells) for c, n in enumerate(row)}
    rows, columns = sorted({r for r, _ in numbers}), sorted({c for _, c in numbers})
    for r in rows:
        numbers[r, "all"] = sum(numbers[r, c] for c in columns)
    for c in [*columns, "all"]:
        numbers["all", c] = sum(numbers[r, c] for r in rows)
    sums = [{**{(r, c): 1 for c in columns}, (r, "all"): -1} for r in [*rows, "all"]]
    sums += [{**{(r, c): 1 for r in rows}, ("all", c): -1} for c in [*columns, "all"]]
    return numbers, sums


def could_differ(cell: Cell, hidden: Sequence[Cell], sums: Sequence[Mapping[Cell, int]]) -> bool:
    """Tell whether a hidden number could be another one with everything shown as it is."""
    for change in itertools.product((-1, 0, 1), repeat=len(hidden)):
        by = dict(zip(hidden, change, strict=True))
        if by[cell] and all(sum(weight * by.get(name, 0) for name, weight in row.items()) == 0 for row in sums):
            return True
    return False


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.integers(0, 40), min_size=2, max_size=2), min_size=2, max_size=3))
def test_no_hidden_number_follows_from_the_others(cells: list[list[int]]) -> None:
    numbers, sums = table(cells)
    hidden = sorted(hidden_numbers(numbers, sums))
    small = {cell for cell, number in numbers.items() if 0 < number < SMALLEST_SHOWN}
    assert small <= set(hidden)
    if len(hidden) <= 9:
        assert all(could_differ(cell, hidden, sums) for cell in hidden)


def test_the_next_smallest_is_hidden_beside_a_small_one() -> None:
    numbers, sums = table([[3, 50, 90], [40, 60, 80]])
    hidden = hidden_numbers(numbers, sums)
    assert hidden == {("r0", "c0"), ("r0", "c1"), ("r1", "c0"), ("r1", "c1")}


def test_nothing_is_hidden_where_nothing_is_small() -> None:
    numbers, sums = table([[0, 10], [11, 12]])
    assert hidden_numbers(numbers, sums) == set()
