"""Keep this process's catalogue in step with the changes that were approved anywhere.

Every process looks once in a while for the highest number of an approved change, which is one look into an index; only
when it has grown are the changes read. A stored version that this installation cannot read (a plug-in is gone) is
refused with its reason, as a foreign scene's file would be, and stops nothing.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

import msgspec
import structlog
from tortoise.functions import Max

from xinyi_platform.runtime import Runtime
from xinyi_scenarios.manifests import Catalogue, Manifest
from xinyi_scenarios.manifests.catalogue import Refused
from xinyi_scenarios.manifests.checking import faults_of
from xinyi_scenarios.manifests.loading import manifest_from
from xinyi_scenarios.requirements.checking import check_table
from xinyi_scenarios.scene_changes.models import SceneChange

EVERY_SECONDS = 0.8
log = structlog.get_logger(__name__)


async def highest_seq() -> int:
    """Return the number of the last approved change; 0 where there is none."""
    rows = await SceneChange.all().annotate(highest=Max("seq")).values("highest")
    return int(rows[0]["highest"] or 0) if rows else 0


def read_stored(values: dict[str, Any]) -> Manifest:
    """Return a stored version. Raises ValueError where it cannot be read here, or has a fault."""
    try:
        scene = manifest_from(values)
    except msgspec.ValidationError as error:
        raise ValueError(str(error)) from error
    for path, wrong, hint in faults_of(scene):
        raise ValueError(f"{path}: {wrong.en}; {hint.en}")
    for table in (*scene.requires, *scene.requires_at_use):
        check_table(table)
    return scene


class CatalogueFollower:
    """Follows the approved changes for one process. `seq` is the last one that its catalogue holds."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self.seq = 0
        self._stored: set[tuple[str, int]] = set()
        self._refused: list[Refused] = []
        self._task: asyncio.Task[None] | None = None
        self._lock = asyncio.Lock()

    async def start(self) -> None:
        """Read what is approved, and keep looking."""
        self.seq = 0
        await self._look()
        self._task = asyncio.get_running_loop().create_task(self._follow())

    async def stop(self) -> None:
        """Look no more."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    async def refresh(self) -> int:
        """Bring the catalogue to the last approved change and return its number. Raises what the database raises."""
        async with self._lock:
            highest = await highest_seq()
            if highest != self.seq:
                changes = await SceneChange.filter(
                    state="approved", kind__in=["switch", "manifest"], seq__lte=highest
                ).order_by("seq")
                self._apply(changes)
                self.seq = highest
            return self.seq

    async def _follow(self) -> None:
        while True:
            await asyncio.sleep(EVERY_SECONDS)
            await self._look()

    async def _look(self) -> None:
        """Refresh; where the database does not answer, keep what is there until it does."""
        try:
            await self.refresh()
        except Exception as error:
            log.warning("catalogue_not_refreshed", error=type(error).__name__)

    def _apply(self, changes: list[SceneChange]) -> None:
        catalogue = self._runtime.part(Catalogue)
        fresh, stored, refused = Catalogue(), set[tuple[str, int]](), list[Refused]()
        for scene in catalogue.everything():
            for version in catalogue.versions(scene.slug):
                if (version.slug, version.version) not in self._stored:
                    fresh.add(version)
        off: set[str] = set()
        for change in changes:
            if change.kind == "switch":
                (off.discard if change.proposal["on"] else off.add)(change.slug)
                continue
            try:
                values: Any = change.proposal["manifest"]
                fresh.add(read_stored({**values, "version": change.version}))
                stored.add((change.slug, int(change.version or 0)))
            except ValueError as error:
                refused.append(Refused(f"{change.slug} {change.version}", str(error)))
                log.warning("stored_scene_refused", scene=change.slug, version=change.version, reason=str(error))
        fresh.refused = [row for row in catalogue.refused if row not in self._refused] + refused
        fresh.switched_off = frozenset(off)
        self._stored, self._refused = stored, refused
        catalogue.take_over(fresh)
