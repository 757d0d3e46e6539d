"""`xinyi audit`: check the trail, and take signed checkpoints of it out of the house."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import click

from xinyi_platform.audit import Break, export_trail, verify_rows
from xinyi_platform.audit.verifying import sealed_rows, verify_export
from xinyi_platform.commands.environment import settings_in_force
from xinyi_platform.commands.opening import open_runtime


@click.group()
def audit() -> None:
    """The audit trail."""


@audit.command()
@click.option("--file", "exported", type=click.Path(path_type=Path, exists=True), help="an exported trail, offline")
@click.option("--keys", "key_set", type=click.Path(path_type=Path, exists=True), help="JWKS file of trusted keys")
def verify(exported: Path | None, key_set: Path | None) -> None:
    """Check the chain: in the database, or in an exported file with no server."""
    if exported is None:
        count, broken = asyncio.run(_verify_database())
    else:
        document = json.loads(exported.read_text())
        trusted = json.loads(key_set.read_text())["keys"] if key_set else None
        count, broken = len(document["rows"]), verify_export(document, trusted)
    if broken:
        raise click.ClickException(f"the trail breaks at row {broken.sequence}: {broken.what}")
    click.echo(f"the trail is whole: {count} rows")


async def _verify_database() -> tuple[int, Break | None]:
    async with open_runtime(settings_in_force()):
        rows = await sealed_rows()
        return len(rows), verify_rows(rows)


@audit.command()
@click.argument("target", type=click.Path(path_type=Path))
def checkpoint(target: Path) -> None:
    """Write the sealed trail with a signed checkpoint to a file; keep it away from the database."""
    document = asyncio.run(_export())
    target.write_text(json.dumps(document, ensure_ascii=False, indent=1))
    click.echo(f"wrote {target}: {document['checkpoint']['count']} rows up to {document['checkpoint']['digest'][:16]}…")


async def _export() -> dict[str, Any]:
    async with open_runtime(settings_in_force()) as (runtime, _):
        return await export_trail(runtime.keys, at=runtime.clock.now())
