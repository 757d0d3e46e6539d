"""The score: a table of cases, what must hold whatever the inputs, and the recomputation of what was downloaded."""

from __future__ import annotations

import random
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from xinyi_merchants.evaluations.criteria import ADVICE, CRITERIA, LATEST, PARTS, VETOES, reason_text
from xinyi_merchants.evaluations.scoring import FORMAT, Inputs, Sheet, canonical, differences, digest_of, score
from xinyi_platform.cli import main

RULE = CRITERIA[LATEST]
small = st.integers(0, 500)
some_inputs = st.builds(
    Inputs,
    standing=st.sampled_from([None, "good", "minor", "general", "serious"]),
    black_listed=st.booleans(),
    answered_in_time=small,
    answered_late=small,
    satisfied=small,
    dissatisfied=small,
    inspections=st.integers(10, 20),
    inspections_passed=st.integers(0, 10),
    redemptions=st.none() | small,
    answers=st.just(50),
    survey=st.permutations([0, 5, 10, 15, 20]) | st.just([]),
    agency=st.none() | st.integers(0, 1_000),
    vetoes=st.lists(st.sampled_from(RULE.vetoes), max_size=3),
)


def sheet_for(inputs: Inputs) -> Sheet:
    result = score(inputs, RULE)
    return Sheet(
        format=FORMAT, merchant="M", round="R", criteria=RULE, inputs=inputs, result=result, digest=digest_of(result)
    )


@pytest.mark.parametrize("version", CRITERIA)
def test_a_version_adds_up_and_has_words_for_everything(version: str) -> None:
    rule = CRITERIA[version]
    assert sum(rule.weights.values()) == 1_000
    assert set(rule.weights) == set(PARTS) == set(ADVICE)
    assert set(rule.vetoes) == set(VETOES)


@pytest.mark.parametrize(
    ("inputs", "verdict", "total", "told"),
    [
        (Inputs(), "cannot_tell", None, 0),
        (Inputs(agency=1_000), "cannot_tell", None, 100),
        (Inputs(standing="good"), "passed", 1_000, 300),
        (Inputs(standing="minor"), "below", 700, 300),
        (Inputs(standing="serious", agency=1_000), "veto", 250, 400),
        (Inputs(standing="good", black_listed=True), "veto", 1_000, 300),
        (Inputs(standing="good", vetoes=["wages_owed"]), "veto", 1_000, 300),
        (Inputs(answered_in_time=3, answered_late=1), "below", 750, 200),
        (Inputs(answered_in_time=4, answered_late=1), "passed", 800, 200),
        (Inputs(answered_in_time=799, answered_late=201), "below", 799, 200),
        (Inputs(standing="good", answers=4), "passed", 1_000, 300),
        (Inputs(standing="good", answers=5, survey=[5, 0, 0, 0, 0]), "below", 666, 450),
        (Inputs(standing="good", answers=6, survey=[0, 0, 0, 0, 6]), "passed", 1_000, 450),
        (Inputs(answers=8, survey=[1, 1, 2, 1, 3], agency=1_000), "below", 775, 250),
        (Inputs(standing="good", redemptions=0), "passed", 857, 350),
        (Inputs(standing="good", redemptions=250), "passed", 1_000, 350),
        (Inputs(standing="good", inspections=2, inspections_passed=0), "below", 750, 400),
    ],
)
def test_the_table(inputs: Inputs, verdict: str, total: int | None, told: int) -> None:
    result = score(inputs, RULE)
    assert (result.verdict, result.total, result.told) == (verdict, total, told)
    assert all(part.reason for part in result.parts)


def test_too_few_answers_say_so() -> None:
    part = next(part for part in score(Inputs(answers=2), RULE).parts if part.key == "survey")
    assert (part.value, part.reason) == (None, "too_few:2/5")


@given(some_inputs)
def test_every_reason_has_words(inputs: Inputs) -> None:
    for part in score(inputs, RULE).parts:
        told = reason_text(part.reason)
        assert told.zh
        assert "_" not in told.zh + told.en
        assert ":" not in told.zh + told.en


@given(some_inputs, st.randoms())
def test_the_order_of_vetoes_makes_no_difference(inputs: Inputs, rng: random.Random) -> None:
    shuffled = msgspec.structs.replace(inputs, vetoes=rng.sample(inputs.vetoes, len(inputs.vetoes)))
    assert canonical(score(shuffled, RULE)) == canonical(score(inputs, RULE))


@given(some_inputs, st.integers(1, 300))
def test_more_complaints_answered_in_time_never_lower_a_total(inputs: Inputs, more: int) -> None:
    better = msgspec.structs.replace(inputs, answered_in_time=inputs.answered_in_time + more)
    before, after = score(inputs, RULE).total, score(better, RULE).total
    if before is not None:
        assert after is not None
        assert after >= before


@given(some_inputs)
def test_a_total_is_within_its_bounds_and_a_veto_always_wins(inputs: Inputs) -> None:
    result = score(inputs, RULE)
    assert result.total is None or 0 <= result.total <= 1_000
    if inputs.vetoes or inputs.black_listed or inputs.standing == "serious":
        assert result.verdict == "veto"


@given(some_inputs)
def test_what_was_downloaded_is_recomputed_bit_for_bit(inputs: Inputs) -> None:
    read = msgspec.json.decode(canonical(sheet_for(inputs)), type=Sheet)
    assert canonical(score(read.inputs, read.criteria)) == canonical(read.result)
    assert differences(read, RULE) == []


def test_the_command_says_same_or_different_and_where(tmp_path: Path) -> None:
    honest = sheet_for(Inputs(standing="minor", agency=900))
    forged = msgspec.structs.replace(honest, result=msgspec.structs.replace(honest.result, total=999))
    bent = msgspec.structs.replace(honest, criteria=msgspec.structs.replace(RULE, pass_mark=1))
    expected = {
        "same": (honest, 0, ["SAME", honest.digest]),
        "forged": (forged, 1, ["DIFFERENT", "result.total"]),
        "bent": (bent, 1, ["DIFFERENT", "criteria"]),
        "digest": (msgspec.structs.replace(honest, digest="0" * 64), 1, ["DIFFERENT", "digest"]),
    }
    for name, (sheet, code, words) in expected.items():
        path = tmp_path / name
        path.write_bytes(canonical(sheet))
        said = CliRunner().invoke(main, ["evaluation", "recompute", str(path)])
        assert said.exit_code == code, said.output
        assert all(word in said.output for word in words), said.output


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff", b'{"format":"x"}', b"[1]"])
def test_what_is_no_download_is_refused_with_a_sentence(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    said = CliRunner().invoke(main, ["evaluation", "recompute", str(path)])
    assert said.exit_code == 1
    assert "no downloaded evaluation" in said.output
