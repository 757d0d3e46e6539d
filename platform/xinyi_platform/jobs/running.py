"""Drive the sweeps with APScheduler; a lease in the database keeps two processes off the same one."""

from __future__ import annotations

import asyncio
import os
import secrets
import socket
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from xinyi_platform.database.bulk import bulk_insert
from xinyi_platform.features import Job
from xinyi_platform.ids import new_id
from xinyi_platform.jobs.models import JobLease

if TYPE_CHECKING:
    from xinyi_platform.runtime import Runtime

LEASE = timedelta(minutes=5)
log = structlog.get_logger(__name__)


class JobRunner:
    """Runs jobs on their beat in this process, each under its lease."""

    def __init__(self, runtime: Runtime, jobs: Sequence[Job]) -> None:
        self._runtime = runtime
        self._jobs = {job.name: job for job in jobs}
        self._holder = f"{socket.gethostname()[:40]}:{os.getpid()}:{secrets.token_hex(4)}"
        self._scheduler: AsyncIOScheduler | None = None
        self._running: set[asyncio.Task[int | None]] = set()

    def start(self) -> None:
        """Start the beat; needs a running event loop."""
        self._scheduler = AsyncIOScheduler(timezone="UTC")
        for job in self._jobs.values():
            self._scheduler.add_job(
                self._beat, "interval", seconds=job.every_seconds, jitter=job.every_seconds / 10, args=[job.name],
                max_instances=1, coalesce=True,
            )  # fmt: skip
        self._scheduler.start()

    async def stop(self) -> None:
        """Stop the beat and wait for what runs."""
        if self._scheduler is not None:
            self._scheduler.shutdown(wait=False)
        if self._running:
            await asyncio.wait(self._running)

    async def run_once(self, name: str) -> int | None:
        """Run one job now if its lease is free; returns its count, or None when another process holds the lease."""
        job = self._jobs[name]
        if not await self._take_lease(name):
            return None
        count, error = 0, ""
        try:
            count = await job.run(self._runtime)
        except Exception as failure:
            error = type(failure).__name__
            log.error("job_failed", job=name, exc_info=failure)
        now = self._runtime.clock.now()
        await JobLease.filter(name=name, holder=self._holder).update(
            until=now, last_run_at=now, last_count=count, last_error=error
        )
        return count

    async def _beat(self, name: str) -> None:
        task = asyncio.get_running_loop().create_task(self.run_once(name))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        await asyncio.shield(task)  # the scheduler cancels its own futures when it stops; `stop` waits for ours

    async def _take_lease(self, name: str) -> bool:
        now = self._runtime.clock.now()
        row = {"id": new_id(), "name": name, "holder": "", "until": now, "last_count": 0, "last_error": ""}
        await bulk_insert(JobLease, [row], skip_conflicts=True)
        taken = await JobLease.filter(name=name, until__lte=now).update(holder=self._holder, until=now + LEASE)
        return taken == 1
