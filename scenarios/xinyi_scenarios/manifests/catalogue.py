"""The scenes of this instance: every version that there is, and which of them holds today."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from xinyi_platform.errors import NotFound
from xinyi_scenarios.manifests.schema import Manifest


@dataclass(frozen=True, slots=True)
class Refused:
    """A foreign scene that was not loaded, and why."""

    source: str
    reason: str


class Catalogue:
    """The scenes by slug and version. A version holds from the day on which it opens until the next one opens.

    `today` tells the city's calendar day; without it, the newest versions hold. Switched off are scenes that this
    city does not run: they are not offered, and what was given under them stays.
    """

    def __init__(self, today: Callable[[], date] | None = None) -> None:
        self.refused: list[Refused] = []
        self.switched_off: frozenset[str] = frozenset()
        self._today = today or (lambda: date.max)
        self._versions: dict[str, dict[int, Manifest]] = {}
        self._held: tuple[date, dict[str, Manifest]] | None = None

    def add(self, manifest: Manifest) -> None:
        """Add one version. Raises ValueError where it is there already, or opens before a lower version."""
        versions = self._versions.setdefault(manifest.slug, {})
        if manifest.version in versions:
            raise ValueError(f"the slug {manifest.slug} is taken, with version {manifest.version}")
        for other in versions.values():
            if (other.version < manifest.version) != (other.opens_on <= manifest.opens_on):
                raise ValueError(f"version {manifest.version} of {manifest.slug} opens out of order")
        versions[manifest.version] = manifest
        self._held = None

    def take_over(self, other: Catalogue) -> None:
        """Hold what another catalogue holds, from now on and at once."""
        self.refused, self.switched_off = other.refused, other.switched_off
        self._versions, self._held = other._versions, None

    @property
    def scenes(self) -> Mapping[str, Manifest]:
        """The version of each scene that holds today, or the first one to come."""
        today = self._today()
        if self._held is None or self._held[0] != today:
            self._held = (today, {slug: _in_force(versions, today) for slug, versions in self._versions.items()})
        return self._held[1]

    def get(self, slug: str) -> Manifest:
        """Return the version of a scene that holds today. Raises NotFound (404)."""
        scene = self.scenes.get(slug)
        if scene is None:
            raise NotFound
        return scene

    def version(self, slug: str, version: int) -> Manifest:
        """Return one version of a scene. Raises NotFound (404)."""
        scene = self._versions.get(slug, {}).get(version)
        if scene is None:
            raise NotFound
        return scene

    def promised(self, slug: str, version: int) -> Manifest | None:
        """Return the version under which something was given, else the one of today; None for a scene that is gone."""
        return self._versions.get(slug, {}).get(version) or self.scenes.get(slug)

    def versions(self, slug: str) -> list[Manifest]:
        """Return every version of a scene, the oldest first."""
        return sorted(self._versions.get(slug, {}).values(), key=lambda scene: scene.version)

    def is_on(self, slug: str) -> bool:
        """Tell whether this city runs a scene."""
        return slug in self._versions and slug not in self.switched_off

    def all(self) -> list[Manifest]:
        """Return the scenes that are switched on, in the catalogue's order."""
        return [scene for slug, scene in self.scenes.items() if slug not in self.switched_off]

    def everything(self) -> list[Manifest]:
        """Return all scenes, also those that are switched off."""
        return list(self.scenes.values())


def _in_force(versions: Mapping[int, Manifest], today: date) -> Manifest:
    begun = [scene for scene in versions.values() if scene.opens_on <= today]
    if begun:
        return max(begun, key=lambda scene: scene.version)
    return min(versions.values(), key=lambda scene: scene.version)
