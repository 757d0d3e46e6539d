"""Evaluate pages of residents in processes of their own, while the next page is being loaded."""

from __future__ import annotations

import multiprocessing
import pickle
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from xinyi_platform.app import all_features
from xinyi_scenarios.simulation.judging import Judge, Tally, tally
from xinyi_scenarios.simulation.loading import Page

PROCESSES = 2
_AHEAD = 2 * PROCESSES
# A scene's slug and its requirements: all that a process needs to know of a manifest.
Asked = tuple[str, Sequence[Mapping[str, Any]]]


@dataclass(slots=True)
class Counted:
    """The tally over all residents, and where the time went. `evaluating` is that of the busier process."""

    tally: Tally = field(default_factory=Counter)
    residents: int = 0
    loading_seconds: float = 0.0
    busy_seconds: dict[int, float] = field(default_factory=dict)

    @property
    def evaluating_seconds(self) -> float:
        return max(self.busy_seconds.values(), default=0.0)


_judges: dict[str, Judge] = {}


def _begin(old: Asked | None, new: Asked) -> None:
    """Set a process up: it registers the types as any other process of the platform does."""
    for feature in all_features():
        feature.register_types()
    _judges["new"] = Judge(*new)
    if old is not None:
        _judges["old"] = Judge(*old)


def _evaluate(pickled: bytes) -> tuple[Tally, int, float]:
    """Return the tally of a page, which process it was, and how long it was busy with it, unpacking included."""
    started = time.process_time()
    page: Page = pickle.loads(pickled)  # noqa: S301 -- from the parent process
    counted = tally(_judges.get("old"), _judges["new"], page)
    return counted, multiprocessing.current_process().pid or 0, time.process_time() - started


async def count(
    pages: AsyncIterator[Page], old: Asked | None, new: Asked, *, progress: Callable[[int], None]
) -> Counted:
    """Return what both manifests say of all residents. `progress` hears how many more were loaded."""
    counted = Counted()
    waiting: list[Future[tuple[Tally, int, float]]] = []
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(PROCESSES, mp_context=spawn, initializer=_begin, initargs=(old, new)) as pool:
        started = time.perf_counter()
        async for page in pages:
            waiting.append(pool.submit(_evaluate, pickle.dumps(page)))
            counted.residents += len(page.cells)
            counted.loading_seconds += time.perf_counter() - started
            progress(len(page.cells))
            while len(waiting) > _AHEAD:
                _take(counted, waiting.pop(0))
            started = time.perf_counter()
        for future in waiting:
            _take(counted, future)
    return counted


def _take(counted: Counted, future: Future[tuple[Tally, int, float]]) -> None:
    found, process, seconds = future.result()
    counted.tally.update(found)
    counted.busy_seconds[process] = counted.busy_seconds.get(process, 0.0) + seconds
