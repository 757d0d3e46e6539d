"""Small numbers are hidden, and none of them follows from the ones that are shown."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xinyi_platform.suppressing import LEAST_VALUES, SMALLEST_SHOWN, hidden_numbers

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


def possible(
    hidden: Sequence[Cell], numbers: Mapping[Cell, int], sums: Sequence[Mapping[Cell, int]], *, most: int
) -> dict[Cell, set[int]]:
    """Return what each hidden number could be for somebody who knows which are hidden for being small."""
    values: dict[Cell, set[int]] = {cell: set() for cell in hidden}
    small = [cell for cell in hidden if numbers[cell] < SMALLEST_SHOWN and numbers[cell]]
    inner = [cell for cell in hidden if "all" not in cell]
    for chosen in itertools.product(*(range(1, 10) if cell in small else range(most) for cell in inner)):
        guess = {**numbers, **dict.fromkeys(hidden, -1), **dict(zip(inner, chosen, strict=True))}
        for row in (*sums, *sums):  # a total of totals comes after them
            _complete(guess, row)
        fits = all(sum(weight * guess[name] for name, weight in row.items()) == 0 for row in sums)
        if fits and all(0 < guess[cell] < SMALLEST_SHOWN for cell in small):
            for cell in hidden:
                values[cell].add(guess[cell])
    return values


def _complete(guess: dict[Cell, int], row: Mapping[Cell, int]) -> None:
    total = next(name for name, weight in row.items() if weight < 0)
    if guess[total] < 0 and all(guess[name] >= 0 for name in row if name != total):
        guess[total] = sum(guess[name] for name in row if name != total)


counts = st.one_of(st.just(0), st.integers(1, 9), st.integers(10, 14))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(counts, min_size=2, max_size=2), min_size=2, max_size=2), st.booleans())
def test_every_hidden_number_could_be_several(cells: list[list[int]], keep_totals: bool) -> None:
    """By brute force: all tables with the same shown numbers, for somebody who knows that small ones are 1 to 9."""
    numbers, sums = table(cells)
    hidden = sorted(hidden_numbers(numbers, sums, keep_totals=keep_totals))
    assert all(cell in hidden for cell, number in numbers.items() if 0 < number < SMALLEST_SHOWN)
    if len(hidden) == len(numbers):
        return
    found = possible(hidden, numbers, sums, most=16)
    assert all(len(values) >= 2 for values in found.values()), (numbers, found)


@pytest.mark.parametrize("row", [[9, 9, 0], [1, 1, 0], [9, 2, 0], [9, 9, 9], [1, 1, 1], [9, 8, 12]])
@pytest.mark.parametrize("keep_totals", [True, False])
def test_bounds_alone_pin_nothing_down(row: list[int], keep_totals: bool) -> None:
    """A total of 18 over two numbers that are small says that both are nine."""
    numbers = {(str(place), "n"): number for place, number in enumerate(row)}
    sums = [{**dict.fromkeys(numbers, 1), ("all", "n"): -1}]
    numbers["all", "n"] = sum(row)
    hidden = sorted(hidden_numbers(numbers, sums, keep_totals=keep_totals))
    if len(hidden) < len(numbers):
        found = possible(hidden, numbers, sums, most=40)
        assert all(len(values) >= LEAST_VALUES for values in found.values()), found


def test_a_total_of_something_hidden_is_given_up_where_totals_are_not_kept() -> None:
    numbers, sums = table([[3, 50, 90], [40, 60, 80]])
    hidden = hidden_numbers(numbers, sums, keep_totals=False)
    assert hidden == {("r0", "c0"), ("r0", "all"), ("all", "c0"), ("all", "all")}


def test_the_next_smallest_is_hidden_beside_a_small_one() -> None:
    numbers, sums = table([[3, 50, 90], [40, 60, 80]])
    hidden = hidden_numbers(numbers, sums)
    assert hidden == {("r0", "c0"), ("r0", "c1"), ("r1", "c0"), ("r1", "c1")}


def test_nothing_is_hidden_where_nothing_is_small() -> None:
    numbers, sums = table([[0, 10], [11, 12]])
    assert hidden_numbers(numbers, sums) == set()
