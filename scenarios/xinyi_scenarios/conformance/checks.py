"""The checks of a plug-in, each a function that raises AssertionError with what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from xinyi_scenarios.conformance.scenes import SCENE_CHECKS
from xinyi_scenarios.conformance.types import TYPE_CHECKS, examples_of
from xinyi_scenarios.plugins import ScenePlugin
from xinyi_scenarios.plugins.door import check_versions
from xinyi_scenarios.requirements.examples import Example
from xinyi_scenarios.requirements.gathering import GIVEN, PROVIDERS


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that must hold. Calling it raises AssertionError, or what the checked code raised."""

    name: str
    run: Callable[[], None]

    def __call__(self) -> None:
        self.run()


def checks_of(plugin: ScenePlugin, examples: Mapping[str, Sequence[Example]]) -> list[Check]:
    """Return every check of a plug-in whose types are registered. `examples` by the name of the type."""
    return list(_checks(plugin, examples))


def _checks(plugin: ScenePlugin, examples: Mapping[str, Sequence[Example]]) -> Iterator[Check]:
    yield Check("plug-in: fits this host", partial(check_versions, plugin.name, plugin.host))
    yield Check("plug-in: its facts are provided", partial(_facts_are_provided, plugin))
    manifests = list(plugin.manifests)
    for kind in plugin.requirement_types:
        found = [*examples.get(kind.name, ()), *examples_of(kind, manifests)]
        for name, check_type in TYPE_CHECKS.items():
            yield Check(f"type {kind.name}: {name}", partial(check_type, kind, found))
    for file in manifests:
        for name, check_scene in SCENE_CHECKS.items():
            yield Check(f"{file.name}: {name}", partial(check_scene, file, plugin))


def _facts_are_provided(plugin: ScenePlugin) -> None:
    missing = {fact for kind in plugin.requirement_types for fact in kind.facts} - set(PROVIDERS) - GIVEN
    assert not missing, f"nobody provides {', '.join(sorted(missing))}"
