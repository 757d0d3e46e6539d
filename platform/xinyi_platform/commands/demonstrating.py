"""`xinyi demo`: a whole synthetic city from one command, and the same one again the next time."""

from __future__ import annotations

import asyncio
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType
from urllib.parse import urlsplit

import click
import httpx

from xinyi_platform import migrations
from xinyi_platform.clock import SystemClock
from xinyi_platform.commands.environment import settings_in_force
from xinyi_platform.commands.opening import models_in_force
from xinyi_platform.commands.seeding import MERCHANTS, RESIDENTS, is_seeded, logins_file, seed_city, show_logins
from xinyi_platform.keys import KeyRing
from xinyi_platform.settings import Settings

START_SECONDS = 60


@click.command()
@click.option("--reset", is_flag=True, help="throw the city away and make it anew")
@click.option("--residents", type=click.IntRange(20), default=RESIDENTS, show_default=True)
@click.option("--merchants", type=click.IntRange(10), default=MERCHANTS, show_default=True)
def demo(reset: bool, residents: int, merchants: int) -> None:
    """Make keys, schema and city where they are missing, then serve until Ctrl-C. Refused in production."""
    settings = settings_in_force()
    if settings.is_production:
        raise click.ClickException("the demo is no production; see the README on how to run it for a city")
    for address in (settings.public_url, settings.bureau_url):
        _require_free(address)
    if reset:
        _reset(settings)
    signal.signal(signal.SIGTERM, _interrupt)
    children: list[subprocess.Popen[bytes]] = []
    try:
        _prepare(settings, children, residents=residents, merchants=merchants)
        children.append(_start("serve"))
        _wait_until_ready(settings, children)
        _announce(settings)
        _watch(children)
    except KeyboardInterrupt:
        click.echo("\nstopping")
    finally:
        _stop(children)


def _prepare(settings: Settings, children: list[subprocess.Popen[bytes]], *, residents: int, merchants: int) -> None:
    if not settings.secret_file.exists():
        KeyRing.generate(SystemClock().now()).save(settings.secret_file)
        click.echo("made a key ring")
    children.append(_start("bureau", "simulate"))
    _migrate(settings)
    if logins_file(settings).exists():
        return
    if asyncio.run(is_seeded(settings)):
        click.echo("the city was left half made; making it anew")
        _empty_database(settings)
        _migrate(settings)
    click.echo(f"making a city of {residents} residents and {merchants} merchants")
    seed_city(settings, residents=residents, merchants=merchants)


def _migrate(settings: Settings) -> None:
    migrations.upgrade(settings.database_url, models_in_force())


def _reset(settings: Settings) -> None:
    _empty_database(settings)
    logins_file(settings).unlink(missing_ok=True)
    shutil.rmtree(settings.files_dir, ignore_errors=True)


def _empty_database(settings: Settings) -> None:
    """Remove SQLite's files; lay PostgreSQL's schema down."""
    if not settings.is_sqlite:
        migrations.downgrade(settings.database_url, models_in_force(), to="base")
        return
    path = Path(settings.database_url.removeprefix("sqlite://"))
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def _require_free(address: str) -> None:
    parts = urlsplit(address)
    with socket.socket() as probe:
        if probe.connect_ex((parts.hostname or "127.0.0.1", parts.port or 80)) == 0:
            raise click.ClickException(
                f"{address} is in use already; stop what runs there, or set XINYI_PORT with XINYI_PUBLIC_URL "
                "and XINYI_BUREAU_URL"
            )


def _start(*command: str) -> subprocess.Popen[bytes]:
    """Start a child in a session of its own, so that Ctrl-C reaches it once, through its parent."""
    arguments = [sys.executable, "-m", "xinyi_platform.cli", *command]
    return subprocess.Popen(arguments, start_new_session=True)  # noqa: S603 -- our own program


def _wait_until_ready(settings: Settings, children: list[subprocess.Popen[bytes]]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        _require_alive(children)
        try:
            if httpx.get(f"http://{settings.host}:{settings.port}/health/ready", timeout=2).status_code == 200:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.1)
    raise click.ClickException(f"the server was not ready after {START_SECONDS} seconds")


def _announce(settings: Settings) -> None:
    address = settings.public_url
    click.echo(f"\n信易+ Xinyi+ is at {address}")
    click.echo(f"  app {address}/app   portal {address}/portal   console {address}/console")
    click.echo(f"  API {address}/schema   bureau's simulator {settings.bureau_url}\n")
    show_logins(settings)
    click.echo("\nOne-time codes of this moment: `xinyi logins`. Ctrl-C stops.")


def _watch(children: list[subprocess.Popen[bytes]]) -> None:
    while True:
        _require_alive(children)
        time.sleep(0.5)


def _require_alive(children: list[subprocess.Popen[bytes]]) -> None:
    for child in children:
        if child.poll() is not None:
            raise click.ClickException("a part of the demo stopped by itself; its last words are above")


def _stop(children: list[subprocess.Popen[bytes]]) -> None:
    for child in children:
        child.terminate()
    for child in children:
        try:
            child.wait(timeout=40)
        except subprocess.TimeoutExpired:
            child.kill()


def _interrupt(_: int, __: FrameType | None) -> None:
    raise KeyboardInterrupt
