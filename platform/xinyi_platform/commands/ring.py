"""`xinyi keys`: make, list, rotate and retire the secrets of an instance."""

from __future__ import annotations

import click

from xinyi_platform.clock import SystemClock
from xinyi_platform.commands.environment import settings_in_force
from xinyi_platform.keys import PURPOSES, KeyRing, KeyRingError


@click.group()
def keys() -> None:
    """The key ring: every secret of an instance, in one file."""


@keys.command()
def init() -> None:
    """Make a ring with one key for each purpose. An existing ring is left alone."""
    path = settings_in_force().secret_file
    if path.exists():
        raise click.ClickException(f"there is a key ring at {path}; it is not overwritten")
    KeyRing.generate(SystemClock().now()).save(path)
    click.echo(f"made {path}: keep a copy where the database's backups are not")


@keys.command("list")
def list_keys() -> None:
    """Show purposes, key ids and ages, never a secret."""
    ring = _load()
    for purpose, algorithm in PURPOSES.items():
        live = ring.live(purpose)
        for key in live:
            use = "in use" if key is live[-1] else "verifies only"
            click.echo(f"{purpose:12} {algorithm:8} {key.kid:24} {key.created_at[:19]}  {use}")


@keys.command()
@click.argument("purpose", type=click.Choice(list(PURPOSES)))
def rotate(purpose: str) -> None:
    """Add a fresh key for a purpose; the older ones still verify. Servers take it up when they are restarted."""
    if purpose == "index":
        raise click.ClickException("index keys do not rotate: every stored index would stop being found")
    ring = _load()
    key = ring.rotate(purpose, SystemClock().now())
    ring.save(settings_in_force().secret_file)
    click.echo(f"{key.kid} is in use for {purpose}")


@keys.command()
@click.argument("kid")
def retire(kid: str) -> None:
    """Stop accepting an old key. What only it can verify or decrypt is lost."""
    ring = _load()
    try:
        ring.retire(kid)
    except KeyRingError as error:
        raise click.ClickException(str(error)) from error
    ring.save(settings_in_force().secret_file)
    click.echo(f"{kid} is no longer accepted")


def _load() -> KeyRing:
    try:
        return KeyRing.load(settings_in_force().secret_file)
    except KeyRingError as error:
        raise click.ClickException(str(error)) from error
