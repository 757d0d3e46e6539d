"""`xinyi seed`: make the synthetic city, step by step, and keep its logins."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import click
import pyotp

from xinyi_platform.commands.environment import settings_in_force
from xinyi_platform.commands.opening import open_runtime
from xinyi_platform.features import CityPlan
from xinyi_platform.identity.models import ResidentAccount
from xinyi_platform.settings import Settings

RESIDENTS, MERCHANTS = 2_000, 1_200


class ProgressLines:
    """Shows (label, done, total) as one line a step: rewritten in a terminal, once at its end elsewhere."""

    def __init__(self) -> None:
        self._redraws = sys.stdout.isatty()

    def __call__(self, label: str, done: int, total: int) -> None:
        finished = done >= total
        if self._redraws:
            click.echo(f"\r\033[K  {label}  {done}/{total}", nl=finished)
        elif finished:
            click.echo(f"  {label}  {total}")


@click.command()
@click.option("--residents", type=click.IntRange(20), default=RESIDENTS, show_default=True)
@click.option("--merchants", type=click.IntRange(10), default=MERCHANTS, show_default=True)
def seed(residents: int, merchants: int) -> None:
    """Make a synthetic city in an empty database. Nobody in it is real. Refused in production."""
    settings = settings_in_force()
    if settings.is_production:
        raise click.ClickException("invented people do not belong into a production database")
    if asyncio.run(is_seeded(settings)):
        raise click.ClickException("the database has residents already; seeding needs an empty one")
    seed_city(settings, residents=residents, merchants=merchants)


def seed_city(settings: Settings, *, residents: int, merchants: int) -> None:
    """Run every feature's seeders in their order, then keep the logins for `xinyi logins`."""
    plan = CityPlan(residents=residents, merchants=merchants, shared={"logins": []})
    asyncio.run(_run_seeders(settings, plan))
    path = logins_file(settings)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(plan.shared["logins"], ensure_ascii=False, indent=1))


async def _run_seeders(settings: Settings, plan: CityPlan) -> None:
    progress = ProgressLines()
    async with open_runtime(settings) as (runtime, features):
        steps = [step for feature in features for step in feature.seeders]
        for step in sorted(steps, key=lambda step: step.order):
            await step.run(runtime, plan, progress)


async def is_seeded(settings: Settings) -> bool:
    """Tell whether the database has residents."""
    async with open_runtime(settings):
        return await ResidentAccount.exists()


def logins_file(settings: Settings) -> Path:
    """Return where the synthetic city's logins are kept: beside its key ring."""
    return settings.secret_file.with_name("logins.json")


@click.command()
def logins() -> None:
    """Show who may sign in to the synthetic city, with the one-time codes of this moment."""
    show_logins(settings_in_force())


def show_logins(settings: Settings) -> None:
    """Print the synthetic city's logins."""
    path = logins_file(settings)
    if not path.exists():
        raise click.ClickException("there is no synthetic city here; make one with `xinyi seed` or `xinyi demo`")
    for row in json.loads(path.read_text()):
        click.echo(_login_line(row, settings.public_url))


def _login_line(row: dict[str, Any], address: str) -> str:
    line = f"  {row['who']}: {address}{row['where']}  {row['name']}  {row['secret']}"
    if row.get("totp"):
        line += f"  TOTP {row['totp']} (now {pyotp.TOTP(row['totp']).now()})"
    return line
