"""`xinyi worker`: the job sweeps in a process of their own."""

from __future__ import annotations

import asyncio
import signal

import click

from xinyi_platform.commands.environment import settings_in_force
from xinyi_platform.commands.opening import open_runtime
from xinyi_platform.commands.serving import check_start
from xinyi_platform.jobs import JobRunner
from xinyi_platform.observability import configure_logging
from xinyi_platform.settings import Settings


@click.command()
def worker() -> None:
    """Run the job sweeps until SIGTERM. Any number may run: leases keep them off each other's work."""
    settings = settings_in_force()
    check_start(settings)
    configure_logging(debug=settings.debug)
    asyncio.run(_work(settings))


async def _work(settings: Settings) -> None:
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    async with open_runtime(settings) as (runtime, features):
        jobs = JobRunner(runtime, [job for feature in features for job in feature.jobs])
        jobs.start()
        await stopped.wait()
        await jobs.stop()
