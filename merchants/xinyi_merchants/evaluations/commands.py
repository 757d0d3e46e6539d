"""`xinyi evaluation`: compute a round with a progress bar, and recompute a downloaded result without any database."""

from __future__ import annotations

import asyncio
from pathlib import Path
from uuid import UUID

import click
import msgspec

from xinyi_merchants.evaluations.computing import compute_round
from xinyi_merchants.evaluations.criteria import CRITERIA
from xinyi_merchants.evaluations.scoring import Sheet, differences
from xinyi_platform.commands.environment import settings_in_force
from xinyi_platform.commands.opening import open_runtime
from xinyi_platform.errors import DomainError


@click.group()
def evaluation() -> None:
    """The honest-merchant evaluation."""


@evaluation.command()
@click.argument("round_id", metavar="ROUND", type=click.UUID)
def compute(round_id: UUID) -> None:
    """Compute a round whose days are over. Goes on where it was stopped; each merchant is taken in once."""
    try:
        count = asyncio.run(_compute(round_id))
    except DomainError as error:
        raise click.ClickException(error.explain("en")) from error
    click.echo(f"computed: {count} merchants")


async def _compute(round_id: UUID) -> int:
    async with open_runtime(settings_in_force()) as (runtime, _):
        with click.progressbar(length=1, label="merchants", show_pos=True) as bar:

            def tell(done: int, total: int) -> None:
                bar.length = max(total, 1)
                bar.update(done - bar.pos)

            return await compute_round(runtime, round_id, actor="command", tell=tell)


@evaluation.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
def recompute(file: Path) -> None:
    """Score the inputs of a downloaded FILE again: SAME, or DIFFERENT and where (exit code 1)."""
    try:
        sheet = msgspec.json.decode(file.read_bytes(), type=Sheet)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise click.ClickException(f"this is no downloaded evaluation: {error}") from error
    found = differences(sheet, CRITERIA.get(sheet.criteria.version))
    if found:
        click.echo(f"DIFFERENT: {', '.join(found)}")
        raise click.exceptions.Exit(1)
    click.echo(f"SAME: {sheet.result.verdict}, {sheet.digest}")
