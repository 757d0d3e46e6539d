"""`xinyi sticker`: print a division's sheet; fetch a district's snapshot, and check stickers without network."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import click
import httpx

from xinyi_merchants.registry.fonts import FontFile, FontMissing, find_chinese_font
from xinyi_merchants.stickers.labels import AddressTooLong
from xinyi_merchants.stickers.offline import (
    REASONS,
    OfflineAnswer,
    Snapshot,
    SnapshotUnreadable,
    Verdict,
    read_snapshot,
    verify_offline,
)
from xinyi_merchants.stickers.sheets import SheetPlan, plan_sheet, record_sheet, write_sheets
from xinyi_platform.clock import SHANGHAI, SystemClock
from xinyi_platform.commands.environment import settings_in_force
from xinyi_platform.commands.opening import open_runtime
from xinyi_platform.divisions import is_division
from xinyi_platform.settings import Settings
from xinyi_platform.tenancy import whole_city

ACTOR = "command"


@click.group("sticker")
def sticker() -> None:
    """Stickers (码上见): sheets to print, and checks without network."""


@sticker.command("sheet")
@click.option("--division", required=True, help="code of the city, a district, a street or a community")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="the PDF to write")
@click.option("--processes", type=click.IntRange(1, 64), help="how many draw at once; without it one a core")
def sheet(division: str, out: Path, processes: int | None) -> None:
    """Write the live stickers of a division's open shops as A4 sheets of twelve, at 300 dots an inch."""
    settings = settings_in_force()
    if not is_division(division):
        raise click.ClickException(f"there is no division {division}")
    try:
        font = find_chinese_font(settings.label_font)
    except FontMissing as error:
        raise click.ClickException(error.explain("en")) from error
    plan = asyncio.run(_plan(settings, division))
    if plan.labels:
        _write(plan, out, font, processes or os.cpu_count() or 1)
    else:
        click.echo("no live sticker of an open shop in this division")
    if plan.void:
        click.echo(f"{plan.void} stickers left out: their key was retired; replace them")


async def _plan(settings: Settings, division: str) -> SheetPlan:
    async with open_runtime(settings) as (runtime, _):
        plan = await plan_sheet(runtime, whole_city().part(division))
        if plan.labels:
            await record_sheet(division, actor=ACTOR, labels=len(plan.labels), at=runtime.clock.now())
    return plan


def _write(plan: SheetPlan, out: Path, font: FontFile, processes: int) -> None:
    started = time.perf_counter()
    try:
        with click.progressbar(length=len(plan.labels), label="stickers") as bar:
            write_sheets(plan.labels, out, font, processes=min(processes, plan.sheets), tell=bar.update)
    except AddressTooLong as error:
        raise click.ClickException(error.explain("en")) from error
    seconds = time.perf_counter() - started
    click.echo(f"{len(plan.labels)} stickers on {plan.sheets} sheets in {seconds:.1f} s: {out}")


@sticker.command("fetch")
@click.argument("url")
@click.argument("district")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
def fetch(url: str, district: str, folder: Path) -> None:
    """Take a district's signed snapshot and the city's published keys along, into FOLDER."""
    with httpx.Client(base_url=url, timeout=60) as city:
        snapshot = _json(city.get(f"/api/v1/sticker-snapshots/{district}"))["snapshot"]
        jwks = _json(city.get("/.well-known/jwks.json"))
    try:
        taken = read_snapshot(jwks, snapshot)
    except SnapshotUnreadable as error:
        raise click.ClickException(str(error)) from error
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "keys.json").write_text(json.dumps(jwks), encoding="utf-8")
    (folder / "snapshot.jws").write_text(snapshot, encoding="utf-8")
    click.echo(f"{taken.district} as of {_local(taken.taken_at)}: {len(taken.live)} live, {len(taken.revoked)} revoked")


@sticker.command("verify")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
def verify(folder: Path) -> None:
    """Read one code or address a line, as a hand scanner types them, and say what it is. Needs no network.

    GENUINE, REVOKED, NOT OURS or CANNOT TELL, with the age of what is known and the reason.
    """
    check = _checker(folder)
    for line in sys.stdin:
        if line.strip():
            answer = check(line)
            known = "" if answer.age is None else f" (known as of {_age(answer.age)} ago)"
            click.echo(f"{answer.verdict.value}{known}: {REASONS[answer.reason].en}")


def _checker(folder: Path) -> Callable[[str], OfflineAnswer]:
    try:
        jwks = json.loads((folder / "keys.json").read_text(encoding="utf-8"))
        held: Snapshot = read_snapshot(jwks, (folder / "snapshot.jws").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return lambda _: OfflineAnswer(Verdict.CANNOT_TELL, "no_snapshot")
    except ValueError:  # also SnapshotUnreadable, and keys that are no JSON
        return lambda _: OfflineAnswer(Verdict.CANNOT_TELL, "signature")
    return lambda shown: verify_offline(held, shown, at=SystemClock().now())


def _age(age: timedelta) -> str:
    hours = int(age.total_seconds() // 3600)
    return f"{hours // 24} d {hours % 24} h"


def _local(at: datetime) -> str:
    return f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"


def _json(answer: httpx.Response) -> Any:
    if answer.is_error:
        raise click.ClickException(f"{answer.request.url.path}: {answer.status_code} {answer.text[:300]}")
    return answer.json()
