"""The kit finds what it is for: each check fails on something that is wrong in just that way."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import msgspec
import pytest

from xinyi_platform.app import all_features
from xinyi_platform.language import Text
from xinyi_scenarios.conformance import Example, Outcome, checks_of
from xinyi_scenarios.conformance.scenes import SCENE_CHECKS
from xinyi_scenarios.conformance.types import TYPE_CHECKS
from xinyi_scenarios.plugins import ScenePlugin
from xinyi_scenarios.requirements import REGISTRY, Facts, Finding
from xinyi_scenarios.requirements.checking import Arguments

ELDER = files("xinyi_scenarios.catalogue").joinpath("elder-care.toml").read_text(encoding="utf-8")
HOST = '\n[host]\nversions = ">=0.1"\nreads = ["credit", "birth_date", "today", "care", "black_lists"]\n'


class StepArguments(Arguments, kw_only=True, frozen=True):
    at_least: int = 10


class LooseArguments(msgspec.Struct, frozen=True):
    at_least: int = 10


class Steps:
    """Steps walked today: a type that conforms."""

    name = "steps_for_the_kit"
    facts: tuple[str, ...] = ("steps",)
    arguments: type[Any] = StepArguments

    def check(self, facts: Facts, args: Any) -> Finding:
        steps = facts.get("steps")
        if steps is None:
            return self.found(Outcome.CANNOT_TELL, "步数未知", "unknown")
        return self.found(Outcome.MET if steps >= args.at_least else Outcome.NOT_MET, "步数", "steps")

    def found(self, outcome: Outcome, zh: str, en: str, compared: str = "") -> Finding:
        return Finding(self.name, outcome, Text(zh, en), compared)


EXAMPLES = [
    Example({"steps": 10}, Outcome.MET),
    Example({"steps": 9}, Outcome.NOT_MET),
    Example({}, Outcome.CANNOT_TELL),
]


class Unregistered(Steps):
    name = "age"


class Loose(Steps):
    arguments = LooseArguments


class Wordless(Steps):
    def found(self, outcome: Outcome, zh: str, en: str, compared: str = "") -> Finding:
        return super().found(outcome, zh, " ", compared)


class Counting(Steps):
    numbers = itertools.count()

    def found(self, outcome: Outcome, zh: str, en: str, compared: str = "") -> Finding:
        return super().found(outcome, zh, en, str(next(self.numbers)))


class Writing(Steps):
    def check(self, facts: Facts, args: Any) -> Finding:
        finding = super().check(facts, args)
        if isinstance(facts, dict):
            facts["seen"] = True
        return finding


class Curious(Steps):
    def check(self, facts: Facts, args: Any) -> Finding:
        facts.get("birth_date")
        return super().check(facts, args)


class Strict(Steps):
    def check(self, facts: Facts, args: Any) -> Finding:
        return super().check({"steps": facts.get("steps") or 0}, args)


class Telling(Steps):
    def found(self, outcome: Outcome, zh: str, en: str, compared: str = "") -> Finding:
        return super().found(outcome, zh, en, "41061119460305002X")


BROKEN_TYPES: dict[str, tuple[Steps, Sequence[Example]]] = {
    "is registered": (Unregistered(), EXAMPLES),
    "refuses unknown arguments": (Loose(), EXAMPLES),
    "has an example of each outcome": (Steps(), EXAMPLES[:2]),
    "says what its examples say": (Steps(), [*EXAMPLES, Example({"steps": 11}, Outcome.NOT_MET)]),
    "speaks both languages": (Wordless(), EXAMPLES),
    "is pure": (Counting(), EXAMPLES),
    "reads only its facts": (Curious(), EXAMPLES),
    "cannot tell without facts": (Strict(), EXAMPLES[:2]),
    "shows no personal number": (Telling(), EXAMPLES),
}


@pytest.fixture(autouse=True, scope="module")
def types() -> None:
    for feature in all_features():
        feature.register_types()


@pytest.fixture(autouse=True)
def steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(REGISTRY._types, Steps.name, Steps())


@pytest.mark.parametrize("check", TYPE_CHECKS)
def test_a_type_that_conforms_passes(check: str) -> None:
    TYPE_CHECKS[check](Steps(), EXAMPLES)


@pytest.mark.parametrize("check", TYPE_CHECKS)
def test_the_check_of_types_finds_what_it_is_for(check: str) -> None:
    kind, examples = BROKEN_TYPES[check]
    with pytest.raises(AssertionError):
        TYPE_CHECKS[check](kind, examples)


def test_a_check_that_changes_its_facts_is_found() -> None:
    with pytest.raises(AssertionError, match="changed the facts"):
        TYPE_CHECKS["is pure"](Writing(), [Example({"steps": 10}, Outcome.MET)])


@dataclass
class File:
    text: str
    name: str = "mine.toml"

    def read_text(self, encoding: str) -> str:
        return self.text


PLUGIN = ScenePlugin(name="mine", host=">=0.1")
GOOD = File(ELDER.replace("elder-care", "mine") + HOST)


@pytest.mark.parametrize("check", SCENE_CHECKS)
def test_a_scene_that_conforms_passes(check: str) -> None:
    SCENE_CHECKS[check](GOOD, PLUGIN)


def changed(old: str, new: str) -> File:
    assert old in GOOD.text
    return File(GOOD.text.replace(old, new, 1))


BROKEN_SCENES: dict[str, Callable[[], File]] = {
    "passes lint": lambda: changed("total = 2000", "total = 0"),
    "reads what it declares": lambda: changed('"credit", ', ""),
    "speaks both languages": lambda: changed('en = "Elder care"', 'en = "养老"'),
}


@pytest.mark.parametrize("check", BROKEN_SCENES)
def test_the_check_of_scenes_finds_what_it_is_for(check: str) -> None:
    with pytest.raises(Exception, match=r"mine\.toml|English"):
        SCENE_CHECKS[check](BROKEN_SCENES[check](), PLUGIN)


def test_every_type_and_scene_is_checked() -> None:
    plugin = ScenePlugin(name="mine", host=">=0.1", manifests=[GOOD], requirement_types=[Steps()])
    names = [check.name for check in checks_of(plugin, {Steps.name: EXAMPLES})]
    assert len(names) == 2 + len(TYPE_CHECKS) + len(SCENE_CHECKS)
    assert len(set(names)) == len(names)
