"""`xinyi merchant import | export`: the whole city's registry as a spreadsheet."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import get_args

import click

from xinyi_merchants.registry.models import Merchant
from xinyi_merchants.sheets.exporting import Kind, export_sheet
from xinyi_merchants.sheets.importing import Imported, Importer, Mode, SheetRefused, import_sheet
from xinyi_merchants.sheets.reading import RowError
from xinyi_platform.commands.environment import settings_in_force
from xinyi_platform.commands.opening import open_runtime
from xinyi_platform.errors import DomainError
from xinyi_platform.tenancy import whole_city

COMMAND = Importer("command", "", whole_city())
_MOST_PRINTED = 50


@click.group()
def merchant() -> None:
    """The registry of merchants as spreadsheets."""


@merchant.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--rows",
    type=click.Choice(get_args(Mode)),
    default="all",
    show_default=True,
    help="All or none, or the good ones only.",
)
def import_command(file: Path, rows: Mode) -> None:
    """Bring an xlsx or csv sheet in; a known credit code is changed, with its history. Safe to repeat."""
    asyncio.run(_import(file, rows))


async def _import(file: Path, mode: Mode) -> None:
    told, started = _Told(), time.perf_counter()
    content = await asyncio.to_thread(file.read_bytes)
    async with open_runtime(settings_in_force()) as (runtime, _):
        try:
            done = await import_sheet(
                runtime,
                content,
                file.name,
                COMMAND,
                mode=mode,
                now=runtime.clock.now(),
                on_error=told.error,
                progress=told.progress,
            )
        except SheetRefused as error:
            told.finish()
            raise click.ClickException(f"{error.values['errors']} errors; nothing was imported") from error
        except DomainError as error:
            raise click.ClickException(error.explain("en")) from error
    told.finish()
    click.echo(_summary(done, time.perf_counter() - started))


def _summary(done: Imported, seconds: float) -> str:
    parts = f"{done.added} added, {done.changed} changed, {done.unchanged} as they were, {len(done.errors)} errors"
    return f"{parts}, in {seconds:.1f} s"


class _Told:
    """Prints errors as they are met, the first one at once, and one progress bar a step."""

    def __init__(self) -> None:
        self._errors = 0
        self._step, self._done = "", 0

    def error(self, error: RowError) -> None:
        self._errors += 1
        if self._errors <= _MOST_PRINTED:
            click.echo(("\n" if self._done else "") + error.sentence.zh, err=True)
        elif self._errors == _MOST_PRINTED + 1:
            click.echo("…", err=True)

    def progress(self, step: str, more: int, total: int) -> None:
        if step != self._step:
            self.finish()
            self._step, self._done = step, 0
        self._done += more
        width = 30
        filled = width * self._done // max(total, 1)
        click.echo(f"\r  {step:5} [{'#' * filled:{width}}] {self._done}/{total}", nl=False, err=True)

    def finish(self) -> None:
        if self._done:
            click.echo("", err=True)
            self._done = 0


@merchant.command("export")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def export_command(file: Path) -> None:
    """Write the whole registry to FILE, whose name ends in .xlsx or .csv."""
    kind = file.suffix.removeprefix(".").lower()
    if kind not in get_args(Kind):
        raise click.ClickException("the file's name must end in .xlsx or .csv")
    asyncio.run(_export(file, "csv" if kind == "csv" else "xlsx"))


async def _export(file: Path, kind: Kind) -> None:
    told, count = _Told(), 0
    fresh = file.with_suffix(f"{file.suffix}.new")
    async with open_runtime(settings_in_force()) as (runtime, _):
        total = await Merchant.all().count()
        with fresh.open("wb") as out:
            async for more in export_sheet(out, kind, COMMAND, now=runtime.clock.now()):
                count += more
                told.progress("write", more, total)
    fresh.replace(file)
    told.finish()
    click.echo(f"{count} merchants written to {file}")
