"""`xinyi scenario simulate`: a manifest, or a changed one, on the city's own residents."""

from __future__ import annotations

import asyncio
import sys
from datetime import date, datetime
from pathlib import Path

import click

from xinyi_platform.clock import local_date, start_of_local_day
from xinyi_platform.commands.environment import settings_in_force
from xinyi_platform.commands.opening import open_runtime
from xinyi_platform.errors import NotFound
from xinyi_platform.identity import count_residents
from xinyi_platform.runtime import Runtime
from xinyi_scenarios.manifests import Catalogue, Manifest, ManifestError, read_manifest
from xinyi_scenarios.requirements.checking import check_table
from xinyi_scenarios.simulation.counting import PROCESSES, Counted
from xinyi_scenarios.simulation.reporting import as_csv, as_table, make_report
from xinyi_scenarios.simulation.running import Question, simulate


@click.command("simulate")
@click.argument("what", metavar="FILE|SLUG")
@click.option("--against", metavar="SLUG", help="the scene that it is compared with; without it the one of its slug")
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="the day that is tried; without it today")
@click.option("--csv", "wants_csv", is_flag=True, help="print CSV")
def simulate_command(what: str, against: str | None, as_of: datetime | None, wants_csv: bool) -> None:
    """Say how many residents would gain, lose and keep a scene, and what it may cost; never who.

    Nobody outside is asked and no credit is read without consent. Numbers below 10 are hidden.
    """
    day = as_of.date() if as_of else None
    found, question = asyncio.run(_run(what, against, day))
    report = make_report(found.tally, question.new)
    click.echo(as_csv(report).rstrip() if wants_csv else as_table(report, question.new))
    click.echo(_pace(found), err=True)


def _pace(found: Counted) -> str:
    rate = found.residents / found.evaluating_seconds if found.evaluating_seconds else 0.0
    return (
        f"loading {found.residents} residents took {found.loading_seconds:.1f} s; "
        f"{PROCESSES} processes evaluated in {found.evaluating_seconds:.2f} s, {rate:,.0f} residents a second"
    )


async def _run(what: str, against: str | None, day: date | None) -> tuple[Counted, Question]:
    async with open_runtime(settings_in_force()) as (runtime, _):
        question = _question(runtime, what, against, day)
        with click.progressbar(length=await count_residents(), label=question.new.slug, file=sys.stderr) as bar:
            return await simulate(runtime, question, progress=bar.update), question


def _question(runtime: Runtime, what: str, against: str | None, day: date | None) -> Question:
    now = runtime.clock.now()
    as_of = now if day is None or day == local_date(now) else start_of_local_day(day)
    scenes = runtime.part(Catalogue)
    try:
        new = _read(Path(what)) if Path(what).is_file() else scenes.get(what)
        old = scenes.get(against) if against else scenes.scenes.get(new.slug)
    except NotFound as error:
        raise click.ClickException(f"{against or what} is neither a file nor a scene; see `scenario list`") from error
    return Question(new=new, old=None if old == new else old, as_of=as_of)


def _read(file: Path) -> Manifest:
    try:
        return read_manifest(file.read_text(encoding="utf-8"), file=file.name, check=check_table)
    except (ManifestError, UnicodeDecodeError) as error:
        raise click.ClickException(str(error)) from error
