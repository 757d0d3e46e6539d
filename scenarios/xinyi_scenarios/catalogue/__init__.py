"""The built-in scenes, one manifest a file, and the plug-in that brings them."""

from __future__ import annotations

from importlib.resources import files

from xinyi_scenarios.manifests.flows import BUILT_IN as FLOWS
from xinyi_scenarios.plugins.door import ScenePlugin
from xinyi_scenarios.requirements.built_in import BUILT_IN as TYPES


def plugin() -> ScenePlugin:
    """Return what comes along with the host."""
    there = sorted(files(__name__).iterdir(), key=lambda file: file.name)
    return ScenePlugin(
        name="xinyi",
        host=">=0.1",
        manifests=[file for file in there if file.name.endswith(".toml")],
        requirement_types=TYPES,
        flows=FLOWS,
    )
