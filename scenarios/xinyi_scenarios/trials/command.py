"""`xinyi scenario test`: a manifest's own cases, and both sides of each of its arguments, as a table."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from xinyi_platform.commands.opening import registered_features
from xinyi_scenarios.manifests import ManifestError, read_manifest
from xinyi_scenarios.requirements.checking import check_table
from xinyi_scenarios.requirements.gathering import PROVIDERS
from xinyi_scenarios.trials.cases import CaseError, read_cases
from xinyi_scenarios.trials.running import Trial, try_boundaries, try_cases

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("test")
@click.argument("file", type=_FILE)
@click.option("--cases", type=_FILE, help="the cases; without it NAME.cases.toml beside the manifest")
def test_command(file: Path, cases: Path | None) -> None:
    """Try a manifest on its cases and on both sides of each argument; exit 1 where something came out otherwise."""
    registered_features()
    cases = cases or file.with_name(f"{file.stem}.cases.toml")
    try:
        scene = read_manifest(file.read_text(encoding="utf-8"), file=file.name, check=check_table)
        own = []
        if cases.exists():
            found = read_cases(cases.read_text(encoding="utf-8"), file=cases.name, facts=PROVIDERS)
            own = try_cases(scene, found, facts=PROVIDERS)
    except (ManifestError, CaseError, UnicodeDecodeError) as error:
        raise click.ClickException(str(error)) from error
    trials = [*own, *try_boundaries(scene, facts=PROVIDERS)]
    _print(trials)
    wrong = sum(1 for trial in trials if trial.wrong)
    kept = f"{cases.name}: {len(own)} cases" if cases.exists() else f"{cases.name} is missing"
    click.echo(f"{file.name}: {len(trials) - wrong} of {len(trials)} as expected ({kept}, the others drawn)")
    if wrong:
        raise SystemExit(1)


def _print(trials: Sequence[Trial]) -> None:
    rows = [(t.name, t.expected, t.came_out, t.decided_by, t.wrong and f"WRONG: {t.wrong}") for t in trials]
    rows = [("case", "expected", "came out", "decided by", ""), *rows]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    for row in rows:
        line = "  ".join(text.ljust(width) for text, width in zip(row, [*widths, 0], strict=True))
        click.echo(line.rstrip())
