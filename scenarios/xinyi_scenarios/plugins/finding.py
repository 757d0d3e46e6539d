"""Find the plug-ins that are installed; the built-in catalogue is the first of them and comes by the same call."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points

from xinyi_platform.plugin_groups import SCENES_GROUP
from xinyi_scenarios.plugins.door import Misfit, ScenePlugin, check_versions

BUILT_IN = EntryPoint("xinyi", "xinyi_scenarios.catalogue:plugin", SCENES_GROUP)


@dataclass(frozen=True, slots=True)
class Found:
    """A plug-in, where it came from, and why it cannot be used where it cannot."""

    source: str
    plugin: ScenePlugin | None
    reason: str = ""

    @property
    def is_built_in(self) -> bool:
        return self.source == BUILT_IN.value


def find_plugins() -> list[Found]:
    """Return the built-in plug-in and the installed ones, in the order of their names.

    One that cannot be loaded comes with its reason. Raises Misfit for one that does not fit this host, and what
    the built-in one raises.
    """
    return list(_find())


def _find() -> Iterator[Found]:
    foreign = sorted(entry_points(group=SCENES_GROUP), key=lambda point: point.name)
    for point in (BUILT_IN, *foreign):
        try:
            plugin = point.load()()
            if not isinstance(plugin, ScenePlugin):
                raise TypeError(f"{point.value} returned {type(plugin).__name__}, not a ScenePlugin")
        except Exception as error:
            if point is BUILT_IN:
                raise
            yield Found(point.value, None, f"{type(error).__name__}: {error}")
            continue
        check_versions(f"plug-in {plugin.name}", plugin.host)
        yield Found(point.value, plugin)


def registered_twice(plugin: ScenePlugin, error: ValueError) -> Misfit:
    """Return what stops the start where two plug-ins want the same name."""
    return Misfit(f"plug-in {plugin.name}: {error}; choose another name for it, or uninstall one of the two")
