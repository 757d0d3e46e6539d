"""`xinyi serve` and `xinyi worker`: the two kinds of process of an instance."""

from __future__ import annotations

import asyncio
import os
import signal

import click
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels
from litestar import Litestar

from xinyi_platform.app import create_app
from xinyi_platform.commands.opening import features_in_force, models_in_force, open_runtime, settings_in_force
from xinyi_platform.database import connect_database
from xinyi_platform.jobs import JobRunner
from xinyi_platform.keys import KeyRing, KeyRingError
from xinyi_platform.migrations import applied_revision, head_revision
from xinyi_platform.observability import configure_logging
from xinyi_platform.profiles import UnsafeConfiguration, refuse_unsafe
from xinyi_platform.settings import Settings

DRAIN_SECONDS = 30


def application() -> Litestar:
    """Build the application in a server process, from the environment."""
    settings = Settings.from_environment()
    configure_logging(debug=settings.debug)
    return create_app(settings)


@click.command()
@click.option("--host", help="address to listen on")
@click.option("--port", type=int, help="port to listen on")
@click.option("--workers", type=int, help="server processes")
def serve(host: str | None, port: int | None, workers: int | None) -> None:
    """Serve people and machines until SIGTERM, which lets running requests finish."""
    for name, given in (("HOST", host), ("PORT", port), ("WORKERS", workers)):
        if given is not None:
            os.environ[f"XINYI_{name}"] = str(given)  # the server processes read it too
    settings = settings_in_force()
    check_start(settings)
    Granian(
        "xinyi_platform.commands.serving:application",
        factory=True,
        address=settings.host,
        port=settings.port,
        workers=settings.workers,
        interface=Interfaces.ASGI,
        log_level=LogLevels.warning,
        log_access=False,
        websockets=False,
        respawn_failed_workers=settings.workers > 1,
        workers_kill_timeout=DRAIN_SECONDS,
    ).serve()


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


def check_start(settings: Settings) -> None:
    """End the command with what is wrong where a server process could only die of it."""
    try:
        refuse_unsafe(settings)
        KeyRing.load(settings.secret_file)
    except (UnsafeConfiguration, KeyRingError) as error:
        raise click.ClickException(str(error)) from error
    features_in_force()
    applied, head = asyncio.run(_applied(settings)), head_revision()
    if applied != head:
        raise click.ClickException(
            f"the database's schema is at {applied or 'nothing'} and the program's at {head}: run `xinyi migrate`"
        )


async def _applied(settings: Settings) -> str | None:
    async with connect_database(settings.database_url, models_in_force()):
        return await applied_revision()
