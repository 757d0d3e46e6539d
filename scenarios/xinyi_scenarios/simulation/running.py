"""Run a simulation on the city's own residents. Nothing is stored but that it was run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from xinyi_platform import audit
from xinyi_platform.database import transaction
from xinyi_platform.runtime import Runtime
from xinyi_scenarios.decisions.deciding import facts_of
from xinyi_scenarios.manifests.schema import Manifest
from xinyi_scenarios.simulation.counting import Counted, count
from xinyi_scenarios.simulation.loading import pages


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What would change if `new` held in the place of `old` (None: of nothing), on the day of `as_of`."""

    new: Manifest
    old: Manifest | None
    as_of: datetime


async def simulate(runtime: Runtime, question: Question, *, progress: Callable[[int], None]) -> Counted:
    """Return what both manifests say of all residents, and put it on the trail that this was asked."""
    scenes = [scene for scene in (question.old, question.new) if scene is not None]
    now = runtime.clock.now()
    await _record(question, scenes, now)
    loaded = pages(runtime, facts_of(scenes), as_of=question.as_of, now=now)
    old = (question.old.slug, question.old.requires) if question.old else None
    return await count(loaded, old, (question.new.slug, question.new.requires), progress=progress)


async def _record(question: Question, scenes: Sequence[Manifest], now: datetime) -> None:
    async with transaction():
        await audit.record(
            "scenario.simulated",
            actor="command:scenario simulate",
            object_kind="scenario",
            object_id=question.new.slug,
            detail={
                "versions": [f"{scene.slug} v{scene.version}" for scene in scenes],
                "as_of": question.as_of.isoformat(),
            },
            at=now,
        )
