"""Commands of the scenarios: list, begin, check, test and simulate manifests, replay decisions."""

from __future__ import annotations

import asyncio
from pathlib import Path
from uuid import UUID

import click

from xinyi_platform.app import model_modules
from xinyi_platform.clock import SystemClock, local_date
from xinyi_platform.commands.opening import registered_features
from xinyi_platform.database import connect_database
from xinyi_platform.features import FeatureError
from xinyi_platform.settings import Settings
from xinyi_scenarios.decisions import replay_decision
from xinyi_scenarios.decisions.explaining import finding_of
from xinyi_scenarios.decisions.models import Decision
from xinyi_scenarios.fairs.commands import gate
from xinyi_scenarios.manifests import ManifestError, load_catalogue, read_manifest
from xinyi_scenarios.manifests.skeletons import SKELETONS, draw_manifest
from xinyi_scenarios.plugins import find_plugins
from xinyi_scenarios.requirements import Finding
from xinyi_scenarios.requirements.checking import check_table
from xinyi_scenarios.requirements.gathering import PROVIDERS
from xinyi_scenarios.simulation.command import simulate_command
from xinyi_scenarios.trials.command import test_command
from xinyi_scenarios.trials.drawing import NEW_CASES


@click.group()
def scenario() -> None:
    """Scenes: list them; begin, check, test and simulate one."""


@scenario.command("list")
def list_scenes() -> None:
    """Print the scenes, and the foreign ones that were refused with their reason."""
    registered_features()
    try:
        catalogue = load_catalogue(check_table, provided=PROVIDERS)
    except FeatureError as error:
        raise click.ClickException(str(error)) from error
    for scene in catalogue.all():
        click.echo(f"{scene.slug:16} v{scene.version}  {scene.flow:10} {scene.name.zh}")
    for found in find_plugins():
        if found.plugin and not found.is_built_in:
            click.echo(f"with plug-in {found.plugin.name} ({found.source})", err=True)
    for refused in catalogue.refused:
        click.echo(f"refused {refused.source}: {refused.reason}", err=True)


@scenario.command("lint")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def lint(file: Path) -> None:
    """Check one manifest; exit 1 with file, line and hint when it is wrong."""
    registered_features()
    try:
        read_manifest(file.read_text(encoding="utf-8"), file=file.name, check=check_table)
    except (ManifestError, UnicodeDecodeError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{file.name}: ok")


@scenario.command("new")
@click.argument("slug")
@click.option("--flow", type=click.Choice(SKELETONS), default="voucher", show_default=True)
def new(slug: str, flow: str) -> None:
    """Write SLUG.toml and SLUG.cases.toml, which pass lint and test, to be filled in. Never overwrites a file."""
    registered_features()
    target, cases = Path(f"{slug}.toml"), Path(f"{slug}.cases.toml")
    text = draw_manifest(slug, flow, opens_on=local_date(SystemClock().now()))
    try:
        read_manifest(text, file=target.name, check=check_table)
        for path, content in ((target, text), (cases, NEW_CASES)):
            with path.open("x", encoding="utf-8") as file:
                file.write(content)
    except ManifestError as error:
        raise click.ClickException(str(error)) from error
    except FileExistsError as error:
        raise click.ClickException(f"{error.filename} is there already; choose another slug, or move it") from error
    click.echo(
        f"wrote {target} and {cases}: fill them in, then `xinyi scenario lint` and `xinyi scenario test {target}`"
    )


@click.group()
def decision() -> None:
    """Decisions that were stored."""


@decision.command("replay")
@click.argument("decision_id", type=click.UUID)
def replay(decision_id: UUID) -> None:
    """Evaluate a stored decision again from what it saw; exit 1 when the result differs."""
    features = registered_features()

    async def run() -> bool:
        settings = Settings.from_environment()
        async with connect_database(settings.database_url, model_modules(features)):
            stored, same = await replay_decision(decision_id)
        click.echo(
            f"{stored.scenario} v{stored.version}: {stored.verdict}; replayed: {'same' if same else 'DIFFERENT'}"
        )
        for finding in stored.trace:
            click.echo(f"  {finding['outcome']:12} {finding['zh']}")
        return same

    if not asyncio.run(run()):
        raise SystemExit(1)


@decision.command("explain")
@click.argument("decision_id", type=click.UUID)
def explain(decision_id: UUID) -> None:
    """Print a stored decision as the tree of reasons that was told, with what would change each."""

    async def run() -> Decision | None:
        settings = Settings.from_environment()
        async with connect_database(settings.database_url, model_modules(registered_features())):
            return await Decision.get_or_none(id=decision_id)

    stored = asyncio.run(run())
    if stored is None:
        raise click.ClickException("there is no such decision")
    click.echo(f"{stored.scenario} v{stored.version}: {stored.verdict} ({stored.purpose}, {stored.at.isoformat()})")
    for row in stored.trace:
        _print_finding(finding_of(row), 1)


def _print_finding(finding: Finding, depth: int) -> None:
    change = f" → {finding.would_change.zh}" if finding.would_change else ""
    click.echo(f"{'  ' * depth}{finding.outcome.value:12} {finding.type}: {finding.reason.zh}{change}")
    for part in finding.parts:
        _print_finding(part, depth + 1)


scenario.add_command(test_command)
scenario.add_command(simulate_command)
COMMANDS: tuple[click.Command, ...] = (scenario, decision, gate)
