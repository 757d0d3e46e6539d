"""Scenes that are evaluated together get what each would get by itself, and what they share is evaluated once."""

from __future__ import annotations

import pytest

from xinyi_platform.language import Text
from xinyi_platform.runtime import Runtime
from xinyi_scenarios.decisions.deciding import facts_of
from xinyi_scenarios.manifests import Catalogue
from xinyi_scenarios.requirements import Finding, ManyTables, Outcome, Registry, evaluate
from xinyi_scenarios.requirements.checking import Arguments, Facts

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("standing", ["good", "general", None])
async def test_together_is_as_each_alone(runtime: Runtime, standing: str | None) -> None:
    scenes = runtime.part(Catalogue).all()
    assert len(scenes) > 30
    credit = (
        {"standing": standing, "black_listed": False} if standing else {"unknown": "x", "zh": "不知", "en": "unknown"}
    )
    facts: dict[str, object] = dict.fromkeys(facts_of(scenes))
    facts |= {"today": "2026-11-23", "birth_date": "1950-01-01", "overdue_orders": 1, "credit": credit}
    together = ManyTables({scene.slug: scene.requires for scene in scenes}).evaluate(facts)
    assert together == {scene.slug: evaluate(scene.requires, {**facts, "scene": scene.slug}) for scene in scenes}


class Counting:
    """A requirement that counts how often it is looked at."""

    arguments = Arguments

    def __init__(self, name: str, *facts: str) -> None:
        self.name, self.facts, self.looks = name, facts, 0

    def check(self, facts: Facts, args: Arguments) -> Finding:
        self.looks += 1
        return Finding(self.name, Outcome.MET, Text("好", "good"), str(facts.get("scene", "")))


async def test_what_scenes_share_is_looked_at_once_unless_it_asks_which_scene_it_is() -> None:
    registry, anywhere, here = Registry(), Counting("anywhere"), Counting("here", "scene")
    registry.register(anywhere)
    registry.register(here)
    tables = [{"type": "anywhere"}, {"type": "here"}]
    found = ManyTables({"one": tables, "two": tables[::-1]}, registry).evaluate({})
    assert (anywhere.looks, here.looks) == (1, 2)
    assert [finding.compared for finding in found["one"]] == ["", "one"]
    assert [finding.compared for finding in found["two"]] == ["two", ""]
