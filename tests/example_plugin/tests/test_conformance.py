"""The plug-in passes the kit of its host; the fixture comes with the host's wheel."""

from __future__ import annotations

from xinyi_birthdays import plugin as SCENE_PLUGIN  # noqa: N812

from xinyi_scenarios.conformance import Check, Example, Outcome

EXAMPLES = {
    "birthday_month": [
        Example({"birth_month": 12, "today": "2026-01-31"}, Outcome.MET, {"around": 1}),
        Example({"birth_month": 11, "today": "2026-01-31"}, Outcome.NOT_MET, {"around": 1}),
        Example({"birth_month": 1, "today": "2026-07-01"}, Outcome.MET, {"around": 6}),
    ]
}
__all__ = ["EXAMPLES", "SCENE_PLUGIN"]


def test_the_plug_in_conforms(conformance: Check) -> None:
    conformance()
