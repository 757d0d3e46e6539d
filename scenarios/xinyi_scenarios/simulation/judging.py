"""Decide many residents fast: a requirement is evaluated once for every distinct set of the facts that it reads.

What is remembered is the evaluator's own word, so that a simulation cannot disagree with a page or a claim.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any

from xinyi_platform.language import Text
from xinyi_scenarios.requirements import Finding, Outcome, Verdict, verdict_of
from xinyi_scenarios.requirements.checking import compile_tables
from xinyi_scenarios.requirements.gathering import GIVEN
from xinyi_scenarios.simulation.loading import Page

Table = Mapping[str, Any]
Columns = Mapping[str, Sequence[Any]]
# District and age band of residents, with what the old and the new manifest say of them.
Tally = Counter[tuple[tuple[str, str], str, str]]
MOST_REMEMBERED = 500_000


class Judge:
    """A manifest's requirements, with what each of them came to for the facts that were met before."""

    def __init__(self, slug: str, tables: Sequence[Table]) -> None:
        self._parts = [_Part(slug, table) for table in tables]
        self._verdicts: dict[tuple[Outcome, ...], str] = {}

    def verdicts(self, columns: Columns, number: int) -> list[str]:
        """Return the verdict on each of `number` residents."""
        if not self._parts:
            return [verdict_of(()).value] * number
        rows = zip(*(part.outcomes(columns, number) for part in self._parts), strict=True)
        found = []
        for row in rows:
            verdict = self._verdicts.get(row)
            if verdict is None:
                verdict = self._verdicts[row] = _verdict(row)
            found.append(verdict)
        return found


def _verdict(outcomes: Sequence[Outcome]) -> str:
    return verdict_of([Finding("", outcome, Text("", "")) for outcome in outcomes]).value


class _Part:
    """One requirement of a manifest, a group taken as one."""

    def __init__(self, slug: str, table: Table) -> None:
        (self._node,) = compile_tables([table])
        self._given = {"scene": slug, "merchant": None}
        self._facts = sorted(self._node.facts - GIVEN)
        self._known: dict[tuple[Hashable, ...], Outcome] = {}

    def outcomes(self, columns: Columns, number: int) -> list[Outcome]:
        """Return what the requirement comes to for each resident."""
        if not self._facts:
            return [self._evaluate(())] * number
        read = [columns[fact] for fact in self._facts]
        keys = zip(*(_hashable(column) for column in read), strict=True)
        return _looked_up(self._known, keys, read, self._evaluate)

    def _evaluate(self, row: tuple[Any, ...]) -> Outcome:
        return self._node.evaluate({**self._given, **dict(zip(self._facts, row, strict=True))}).outcome


def _looked_up(
    known: dict[tuple[Hashable, ...], Outcome],
    keys: zip[tuple[Hashable, ...]],
    read: Sequence[Sequence[Any]],
    evaluate_row: Callable[[tuple[Any, ...]], Outcome],
) -> list[Outcome]:
    if len(known) > MOST_REMEMBERED:
        known.clear()
    found = []
    for place, key in enumerate(keys):
        outcome = known.get(key)
        if outcome is None:
            outcome = known[key] = evaluate_row(tuple(column[place] for column in read))
        found.append(outcome)
    return found


def _hashable(column: Sequence[Any]) -> Sequence[Hashable]:
    """Return a column's values in a form that can be looked up; documents are frozen once each."""
    if not any(isinstance(value, (dict, list)) for value in column):
        return column
    frozen: dict[int, Hashable] = {}
    return [
        frozen[id(value)] if id(value) in frozen else frozen.setdefault(id(value), _frozen(value)) for value in column
    ]


def _frozen(value: Any) -> Hashable:
    if isinstance(value, Mapping):
        return tuple((key, _frozen(inner)) for key, inner in value.items())
    if isinstance(value, (list, tuple)):
        return tuple(_frozen(inner) for inner in value)
    return value if isinstance(value, Hashable) else repr(value)


def tally(old: Judge | None, new: Judge, page: Page) -> Tally:
    """Count what both manifests say of a page's residents; without an old one nobody was eligible."""
    number = len(page.cells)
    before = [Verdict.NOT_ELIGIBLE.value] * number if old is None else old.verdicts(page.columns, number)
    return Counter(zip(page.cells, before, new.verdicts(page.columns, number), strict=True))
