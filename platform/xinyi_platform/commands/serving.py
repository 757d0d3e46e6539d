"""`xinyi serve`: watch over the server processes. What they need is loaded in them, not here."""

from __future__ import annotations

import asyncio
import os
from importlib import import_module

import click
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from xinyi_platform.commands.environment import settings_in_force
from xinyi_platform.database import connect_database
from xinyi_platform.database.revisions import applied_revision, head_revision
from xinyi_platform.keys import KeyRing, KeyRingError
from xinyi_platform.plugin_groups import has_foreign_parts
from xinyi_platform.profiles import UnsafeConfiguration, refuse_unsafe
from xinyi_platform.settings import Settings

DRAIN_SECONDS = 30


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
        "xinyi_platform.asgi:application",
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


def check_start(settings: Settings) -> None:
    """End the command with what is wrong where a server process could only die of it."""
    try:
        refuse_unsafe(settings)
        KeyRing.load(settings.secret_file)
    except (UnsafeConfiguration, KeyRingError) as error:
        raise click.ClickException(str(error)) from error
    applied, head = asyncio.run(_applied(settings)), head_revision()
    if applied != head:
        raise click.ClickException(
            f"the database's schema is at {applied or 'nothing'} and the program's at {head}: run `xinyi migrate`"
        )
    if has_foreign_parts():  # what comes along needs no such look, which would cost each start a second
        import_module("xinyi_platform.commands.opening").check_foreign_parts()


async def _applied(settings: Settings) -> str | None:
    async with connect_database(settings.database_url, ["xinyi_platform.jobs.models"]):
        return await applied_revision()
