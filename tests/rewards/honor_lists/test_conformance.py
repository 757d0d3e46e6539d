"""The requirement types on lists pass the kit."""

from __future__ import annotations

from xinyi_rewards.honor_lists.requirements import NotOnListRequirement, OnListRequirement
from xinyi_scenarios.conformance import Check, Example, Outcome
from xinyi_scenarios.plugins import ScenePlugin

RED = {"colour": "red"}
LISTED = {"red_lists": ["good_neighbour"], "black_lists": []}
NOWHERE: dict[str, object] = {"red_lists": [], "black_lists": []}
EXAMPLES = {
    "on_list": [
        Example(LISTED, Outcome.MET, RED),
        Example(NOWHERE, Outcome.NOT_MET, RED),
        Example({"red_lists": None, "black_lists": []}, Outcome.CANNOT_TELL, RED),
    ],
    "not_on_list": [
        Example(LISTED, Outcome.NOT_MET, RED),
        Example(NOWHERE, Outcome.MET, {"colour": "black"}),
        Example({}, Outcome.CANNOT_TELL, {"colour": "black"}),
    ],
}


def SCENE_PLUGIN() -> ScenePlugin:  # noqa: N802
    types = (OnListRequirement(), NotOnListRequirement())
    return ScenePlugin(name="lists", host=">=0.1", requirement_types=types)


def test_the_lists_conform(conformance: Check) -> None:
    conformance()
