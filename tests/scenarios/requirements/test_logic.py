"""Three-valued logic: "cannot tell" is neither yes nor no, and a verdict never outruns what is known."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xinyi_platform.language import Text
from xinyi_scenarios.requirements import Facts, Finding, Outcome, Registry, Verdict, evaluate, verdict_of
from xinyi_scenarios.requirements.checking import Arguments, check_table

LETTERS = "abcd"


class LetterArguments(Arguments, kw_only=True, frozen=True):
    key: str


class LetterRequirement:
    """Met, not met or unknown as the fact of that letter is True, False or None."""

    name = "letter"
    facts = ()
    arguments = LetterArguments

    def check(self, facts: Facts, args: LetterArguments) -> Finding:
        outcome = {True: Outcome.MET, False: Outcome.NOT_MET, None: Outcome.CANNOT_TELL}[facts[args.key]]
        return Finding(self.name, outcome, Text(args.key, args.key))


REGISTRY = Registry()
REGISTRY.register(LetterRequirement())
Table = dict[str, Any]
leaves = st.sampled_from([{"type": "letter", "key": letter} for letter in LETTERS])


def groups(tables: st.SearchStrategy[Table]) -> st.SearchStrategy[Table]:
    several = st.builds(
        lambda kind, of: {"type": kind, "of": of},
        st.sampled_from(["any_of", "all_of"]),
        st.lists(tables, min_size=1, max_size=3),
    )
    return several | st.builds(lambda part: {"type": "not", "of": [part]}, tables)


trees = st.recursive(leaves, groups, max_leaves=8)
knowledge = st.fixed_dictionaries({letter: st.sampled_from([True, False, None]) for letter in LETTERS})


def completions(facts: Mapping[str, bool | None]) -> list[dict[str, bool | None]]:
    """Return everything that could turn out, once what is unknown is known."""
    unknown = [letter for letter, value in facts.items() if value is None]
    turns = product([True, False], repeat=len(unknown))
    return [{**facts, **dict(zip(unknown, turn, strict=True))} for turn in turns]


@given(trees, knowledge)
def test_no_answer_is_overturned_by_what_becomes_known_later(tree: Table, facts: dict[str, bool | None]) -> None:
    (now,) = evaluate([tree], facts, REGISTRY)
    later = {evaluate([tree], turn, REGISTRY)[0].outcome for turn in completions(facts)}
    assert Outcome.CANNOT_TELL not in later
    if now.outcome is not Outcome.CANNOT_TELL:
        assert later == {now.outcome}


@given(st.lists(trees, max_size=3), knowledge)
def test_no_verdict_refuses_or_grants_what_the_unknown_could_turn(
    tables: list[Table], facts: dict[str, bool | None]
) -> None:
    verdict = verdict_of(evaluate(tables, facts, REGISTRY))
    later = {verdict_of(evaluate(tables, turn, REGISTRY)) for turn in completions(facts)}
    assert verdict is Verdict.UNKNOWN or later == {verdict}


TRUTH: list[tuple[str, str, str]] = [
    ("any_of", "tt", "met"), ("any_of", "tf", "met"), ("any_of", "t?", "met"),
    ("any_of", "f?", "cannot_tell"), ("any_of", "??", "cannot_tell"), ("any_of", "ff", "not_met"),
    ("all_of", "tt", "met"), ("all_of", "tf", "not_met"), ("all_of", "t?", "cannot_tell"),
    ("all_of", "f?", "not_met"), ("all_of", "??", "cannot_tell"), ("all_of", "ff", "not_met"),
    ("not", "t", "not_met"), ("not", "f", "met"), ("not", "?", "cannot_tell"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "parts", "outcome"), TRUTH)
def test_the_truth_table(kind: str, parts: str, outcome: str) -> None:
    facts = {letter: {"t": True, "f": False, "?": None}[part] for letter, part in zip("ab", parts, strict=False)}
    table = {"type": kind, "of": [{"type": "letter", "key": letter} for letter in "ab"[: len(parts)]]}
    (finding,) = evaluate([table], facts, REGISTRY)
    assert finding.outcome == outcome
    assert [part.reason.zh for part in finding.parts] == list("ab"[: len(parts)])
    assert finding.reason.zh
    assert finding.reason.en


def test_without_requirements_everybody_is_eligible() -> None:
    assert verdict_of([]) is Verdict.ELIGIBLE


@pytest.mark.parametrize(
    "table",
    [
        {"type": "not", "of": []},
        {"type": "not", "of": [{"type": "letter", "key": "a"}] * 2},
        {"type": "any_of"},
        {"type": "any_of", "of": []},
        {"type": "any_of", "of": ["letter"]},
        {"type": "all_of", "of": "letter"},
        {"type": "all_of", "of": [{"type": "letter", "key": "a"}], "at_least": 1},
        {"type": "letter"},
        {"type": "letter", "key": 1},
        {"type": "letter", "key": "a", "more": 1},
        {"type": "word"},
        {},
    ],
)
def test_a_table_that_says_nothing_sensible_is_refused(table: Table) -> None:
    with pytest.raises(ValueError, match=r"takes `of`|requirement"):
        check_table(table, REGISTRY)


def test_two_kinds_of_one_name_are_a_loud_error() -> None:
    class Another(LetterRequirement):
        pass

    with pytest.raises(ValueError, match="registered twice"):
        REGISTRY.register(Another())
    REGISTRY.register(LetterRequirement())
