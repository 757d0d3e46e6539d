"""`xinyi bureau simulate`: the bureau for demo and tests, on a real port."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import click
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels
from litestar import Litestar

from xinyi_platform.bureau.simulator import pin_keys, simulator_from_files
from xinyi_platform.clock import SystemClock
from xinyi_platform.commands.environment import settings_in_force
from xinyi_platform.keys import KeyRing
from xinyi_platform.settings import Settings


@click.group()
def bureau() -> None:
    """The public credit bureau."""


@bureau.command()
def simulate() -> None:
    """Serve a bureau that knows only synthetic people, at XINYI_BUREAU_URL. Refused in production."""
    settings = settings_in_force()
    if settings.is_production:
        raise click.ClickException("the simulator knows only invented people; production asks the city's bureau")
    prepare_simulator(settings)
    address = urlsplit(settings.bureau_url)
    Granian(
        "xinyi_platform.commands.simulating:application",
        factory=True,
        address=address.hostname or "127.0.0.1",
        port=address.port or 80,
        interface=Interfaces.ASGINL,
        log_level=LogLevels.warning,
        websockets=False,
        workers_kill_timeout=5,
    ).serve()


def prepare_simulator(settings: Settings) -> None:
    """Give the simulator its own key ring, and let the two sides know each other's public keys."""
    own = simulator_keys(settings)
    if not own.exists():
        KeyRing.generate(SystemClock().now()).save(own)
    pin_keys(KeyRing.load(own), settings.bureau_key_file)
    pin_keys(KeyRing.load(settings.secret_file), askers(settings))


def simulator_keys(settings: Settings) -> Path:
    return settings.bureau_key_file.with_name("bureau-private.json")


def askers(settings: Settings) -> Path:
    return settings.bureau_key_file.with_name("bureau-askers.json")


def application() -> Litestar:
    """Build the simulator in its server process."""
    settings = Settings.from_environment()
    return simulator_from_files(simulator_keys(settings), askers(settings)).app()
