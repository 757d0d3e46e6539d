"""A broken manifest is refused with its file, the line to look at and what to do."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from xinyi_platform.app import all_features
from xinyi_platform.cli import main
from xinyi_scenarios.manifests import ManifestError, read_manifest
from xinyi_scenarios.requirements.checking import MOST_NESTED, check_table

GOOD = files("xinyi_scenarios.catalogue").joinpath("elder-care.toml").read_text(encoding="utf-8")
LINES = GOOD.splitlines()

# What is replaced by what, the text that the named line then holds, and a word of the message.
BROKEN: dict[str, tuple[str, str, str, str]] = {
    "no TOML": ("version = 1", "version = = 1", "version = = 1", "not TOML"),
    "slug in capitals": ('slug = "elder-care"', 'slug = "Elder"', 'slug = "Elder"', "^[a-z]"),
    "version of nothing": ("version = 1", "version = 0", "version = 0", ">= 1"),
    "date as text": ("opens_on = 2026-01-01", 'opens_on = "soon"', 'opens_on = "soon"', "date"),
    "flow unknown": ('flow = "voucher"', 'flow = "gift"', 'flow = "gift"', "gift"),
    "money as text": ("value_fen = 5000", 'value_fen = "50"', 'value_fen = "50"', "int"),
    "money below zero": ("value_fen = 5000", "value_fen = -1", "value_fen = -1", ">= 0"),
    "misspelt field": ("validity_days = 60", "validity_day = 60", "validity_day = 60", "validity_day"),
    "one language": ('en = "Elder care"', "", "[name]", "en"),
    "trade unknown": ("value_fen = 5000", 'trades = ["景区"]', 'trades = ["景区"]', "attraction"),
    "period unknown": ('period = "month"', 'period = "week"', 'period = "week"', "week"),
    "quota of nothing": ("total = 2000", "total = 0", "total = 0", ">= 1"),
    "no basis": ('basis = "', 'bases = "', 'bases = "', "bases"),
    "type unknown": ('type = "credit_status"', 'type = "karma"', "[[requires]]", "credit_status"),
    "argument misspelt": ('allowed = ["good"', 'alowed = ["good"', "[[requires]]", "alowed"),
    "standing unknown": ('"minor"]', '"fair"]', "[[requires]]", "fair"),
    "type missing": ('type = "any_of"', "", "[[requires]]", "unknown requirement type"),
    "group misspelt": ('type = "any_of"', 'type = "anyof"', "[[requires]]", "anyof"),
    "part unknown": ('type = "guardian"', 'type = "guardians"', "[[requires]]", "guardians"),
    "group with more": ('type = "any_of"', 'type = "any_of"\nat_least = 2', "[[requires]]", "nothing else"),
}  # fmt: skip


@pytest.fixture(autouse=True, scope="module")
def types() -> None:
    for feature in all_features():
        feature.register_types()


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_manifest_names_file_line_and_hint(name: str) -> None:
    old, new, on_line, word = BROKEN[name]
    assert GOOD.count(old) >= 1
    text = GOOD.replace(old, new, 1)
    with pytest.raises(ManifestError) as refused:
        read_manifest(text, file="mine.toml", check=check_table)
    message = str(refused.value)
    found = re.match(r"mine\.toml:(\d+): (.+); (.+)$", message, re.DOTALL)
    assert found, message
    assert int(found[1]) == refused.value.line
    assert on_line in text.splitlines()[refused.value.line - 1], message
    assert word in message


def nested(depth: int, *, leaf: str = 'type = "age", at_least = 60') -> str:
    """The good manifest with its second requirement inside so many groups."""
    head, _, rest = GOOD.partition('[[requires]]\ntype = "any_of"')
    table = f"{{ {leaf} }}"
    for _ in range(depth - 1):
        table = f'{{ type = "all_of", of = [{table}] }}'
    return f'{head}[[requires]]\ntype = "all_of"\nof = [{table}]\n\n[quota]{rest.partition("[quota]")[2]}'


@pytest.mark.parametrize("depth", [MOST_NESTED + 1, 60, 3_000])
def test_groups_inside_each_other_have_a_sane_depth(depth: int) -> None:
    read_manifest(nested(MOST_NESTED), file="mine.toml", check=check_table)
    text = nested(depth)
    with pytest.raises(ManifestError, match="nested deeper") as refused:
        read_manifest(text, file="mine.toml", check=check_table)
    assert text.splitlines()[refused.value.line - 1] == "[[requires]]"


def test_the_second_requirement_is_the_one_that_is_named() -> None:
    text = GOOD.replace('type = "any_of"', 'type = "none_of"')
    with pytest.raises(ManifestError) as refused:
        read_manifest(text, file="mine.toml", check=check_table)
    assert refused.value.line == [n for n, line in enumerate(LINES, 1) if line == "[[requires]]"][1]


def test_the_linter_exits_1_with_the_same_words(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(GOOD.replace("value_fen = 5000", 'trades = ["circus"]'), encoding="utf-8")
    printed = CliRunner().invoke(main, ["scenario", "lint", str(tmp_path / "mine.toml")])
    assert printed.exit_code == 1
    assert re.match(r"Error: mine\.toml:\d+: unknown trade 'circus'; there are ", printed.output)


def test_the_linter_says_so_where_a_file_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_bytes(b"slug = \xff\xfe")
    printed = CliRunner().invoke(main, ["scenario", "lint", str(tmp_path / "mine.toml")])
    assert printed.exit_code == 1
    assert printed.output.startswith("Error: ")


@given(st.integers(0, len(LINES) - 1), st.text(max_size=30))
def test_whatever_a_line_is_changed_to_it_is_read_or_refused_with_a_line_of_the_file(place: int, line: str) -> None:
    text = "\n".join([*LINES[:place], line, *LINES[place + 1 :]])
    refused = None
    try:
        read_manifest(text, file="mine.toml", check=check_table)
    except ManifestError as error:
        refused = error
    if refused:
        assert 1 <= refused.line <= len(text.splitlines()) + 1
        assert str(refused).startswith(f"mine.toml:{refused.line}: ")
