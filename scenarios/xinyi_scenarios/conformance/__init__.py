"""The conformance kit: what every scene and requirement type must pass, built in or foreign.

A plug-in's tests name the plug-in and use the fixture `conformance`; there is a test for each check then:

    from my_plugin import plugin as SCENE_PLUGIN

    EXAMPLES = {"my_type": [Example({"my_fact": 3}, Outcome.MET, {"at_least": 3}), …]}

    def test_the_plugin_conforms(conformance): conformance()
"""

from __future__ import annotations

from xinyi_scenarios.conformance.checks import Check, checks_of
from xinyi_scenarios.requirements import Outcome
from xinyi_scenarios.requirements.examples import Example

__all__ = ["Check", "Example", "Outcome", "checks_of"]
