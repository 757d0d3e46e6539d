"""`xinyi scenario test`: the author's cases, and both sides of each argument."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from xinyi_platform.cli import main

ELDER = files("xinyi_scenarios.catalogue").joinpath("fitness.toml")
MANIFEST = """
[[requires]]
type = "any_of"

[[requires.of]]
type = "age"
at_least = 65

[[requires.of]]
type = "residence"
within = ["410611"]

[opening]
weekdays = [1, 2, 3, 4, 5]
opens = "09:00"
closes = "17:00"
"""
CASES = """
[people.anna]
age = 67
credit = "good"
division = "410621001001"

[people.ben]
birth_date = 1990-05-01
credit = {standing = "good", black_listed = true}
division = "410611001001"

[[cases]]
who = "anna"
at = 2026-11-23T10:00:00
expect = "eligible"

[[cases]]
who = "ben"
at = 2026-11-23T10:00:00
expect = "not_eligible"
decides = "credit_status"

[[cases]]
who = "anna"
at = 2026-11-23T17:00:00
expect = "closed"
"""


@pytest.fixture(autouse=True)
def museum(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    assert run("new", "museum").exit_code == 0
    text = Path("museum.toml").read_text(encoding="utf-8").replace('reads = ["credit"]', "reads = []")
    text = text.replace('[[requires]]\ntype = "credit_status"', MANIFEST + '\n[[requires]]\ntype = "credit_status"')
    text = text.replace("opens_on = ", "opens_on = 2026-01-01 # ")
    Path("museum.toml").write_text(text, encoding="utf-8")
    write(CASES)
    return Path("museum.toml")


def run(*words: str) -> Result:
    return CliRunner().invoke(main, ["scenario", *words])


def write(cases: str) -> None:
    Path("museum.cases.toml").write_text(cases, encoding="utf-8")


def line_of(printed: Result, begin: str) -> str:
    (line,) = [line for line in printed.stdout.splitlines() if line.startswith(begin)]
    return line


def test_cases_that_come_out_as_expected_pass_with_a_table() -> None:
    printed = run("test", "museum.toml")
    assert printed.exit_code == 0, printed.output
    assert "credit_status" in line_of(printed, "ben")
    assert "closed" in line_of(printed, "anna, 2026-11-23 17:00")
    assert "16 of 16 as expected (museum.cases.toml: 3 cases, the others drawn)" in printed.stdout
    assert "WRONG" not in printed.stdout


def test_both_sides_of_every_argument_are_tried_also_inside_groups() -> None:
    printed = run("test", "museum.toml")
    assert " met " in line_of(printed, "age: turned 65 today")
    assert " not_met " in line_of(printed, "age: turns 65 tomorrow")
    assert " cannot_tell " in line_of(printed, "age: age not known")
    assert " met " in line_of(printed, "residence: lives in 410611")
    assert " cannot_tell " in line_of(printed, "residence: residence not known")
    assert " met " in line_of(printed, "credit_status: minor")
    assert " not_met " in line_of(printed, "credit_status: black-listed")


WRONG = {
    "another verdict": ('expect = "not_eligible"\ndecides = "credit_status"', 'expect = "eligible"', "another verdict"),
    "another reason": ('decides = "credit_status"', 'decides = "age"', "age does not decide it"),
    "hours": ("T17:00:00", "T16:59:59", "another verdict"),
    "open when it is closed": ("T10:00:00", "T08:59:59", "takes no claims then"),
    "a day when it is closed": ("2026-11-23T10", "2026-11-22T10", "takes no claims then"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_case_that_comes_out_otherwise_exits_1_and_says_how(case: str) -> None:
    old, new, said = WRONG[case]
    write(CASES.replace(old, new))
    printed = run("test", "museum.toml")
    assert printed.exit_code == 1
    assert f"WRONG: {said}" in printed.stdout


BROKEN = {
    "a misspelt fact": ("age = 67", "aeg = 67", "anna has a fact 'aeg' that nobody provides"),
    "somebody unknown": ('who = "anna"', 'who = "anne"', "a case is about 'anne'; there are anna, ben"),
    "no verdict": ('expect = "eligible"', 'expect = "yes"', "yes"),
    "no TOML": ("[[cases]]", "[[cases", "museum.cases.toml:"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_file_of_cases_is_told(case: str) -> None:
    old, new, said = BROKEN[case]
    write(CASES.replace(old, new, 1))
    printed = run("test", "museum.toml")
    assert printed.exit_code == 1
    assert said in printed.output
    assert printed.output.startswith("Error: museum.cases.toml: ")


def test_cases_may_lie_elsewhere_or_be_missing(tmp_path: Path) -> None:
    Path("museum.cases.toml").rename("mine.toml")
    printed = run("test", "museum.toml", "--cases", "mine.toml")
    assert (printed.exit_code, "mine.toml: 3 cases" in printed.stdout) == (0, True)
    printed = run("test", "museum.toml")
    assert (printed.exit_code, "museum.cases.toml is missing" in printed.stdout) == (0, True)


@pytest.mark.parametrize("flow", ["voucher", "waiver", "fast_track", "commitment", "referral"])
def test_a_new_scene_of_every_flow_passes_its_new_cases(flow: str) -> None:
    slug = f"new-{flow.replace('_', '-')}"
    assert run("new", slug, "--flow", flow).exit_code == 0
    printed = run("test", f"{slug}.toml")
    assert printed.exit_code == 0, printed.output
    assert f"{slug}.cases.toml: 3 cases" in printed.stdout
