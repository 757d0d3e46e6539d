"""`xinyi risk-class`: class everybody, and print the model."""

from __future__ import annotations

import asyncio
import time

import click

from xinyi_merchants.registry.models import Merchant
from xinyi_merchants.risk_classes.recomputing import recompute_everybody
from xinyi_merchants.risk_classes.rules import every_version
from xinyi_platform.commands.environment import settings_in_force
from xinyi_platform.commands.opening import open_runtime


@click.group("risk-class")
def risk_class() -> None:
    """Credit risk classes of merchants, for supervisors only."""


@risk_class.command("recompute")
def recompute_command() -> None:
    """Class every merchant that was not classed today; stopped and started again, it goes on."""
    asyncio.run(_recompute())


async def _recompute() -> None:
    async with open_runtime(settings_in_force()) as (runtime, _):
        started = time.perf_counter()
        with click.progressbar(length=await Merchant.all().count(), label="merchants") as bar:
            done = await recompute_everybody(runtime, bar.update)
        click.echo(f"{done} merchants classed in {time.perf_counter() - started:.1f} s")


@risk_class.command("model")
def model_command() -> None:
    """Print the versions of the model with their indicators and points."""
    for rules in every_version():
        limits = rules.thresholds
        click.echo(f"{rules.version} from {rules.first_day}: {rules.source}")
        click.echo(f"  green < {limits.yellow} <= yellow < {limits.orange} <= orange < {limits.red} <= red")
        for one in rules.indicator:
            bands = "; ".join(f"{band.zh} {band.points}" for band in one.bands)
            of = f" [{', '.join(one.trades)}]" if one.trades else ""
            click.echo(f"  {one.name.zh}{of}: {bands}; 无法得知 {one.unknown}")
