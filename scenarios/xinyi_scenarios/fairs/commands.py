"""`xinyi gate`: a gate of a fair on any laptop. Fetch the day's snapshot, admit without network, settle later."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO

import click
import httpx

from xinyi_platform.clock import SHANGHAI, SystemClock
from xinyi_platform.ids import new_id
from xinyi_scenarios.fairs.gate import SnapshotUnreadable, Verdict, read_snapshot, verify_at_gate

BATCH = 500
SECRET = "XINYI_PARTNER_SECRET"  # noqa: S105 -- the variable's name


@click.group("gate")
def gate() -> None:
    """Keep a gate of a fair: fetch, admit without network, settle."""


@gate.command("fetch")
@click.argument("url")
@click.argument("scene")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--client", required=True, help="the partner's client id; its secret is read from XINYI_PARTNER_SECRET")
@click.option("--day", type=click.DateTime(["%Y-%m-%d"]), help="the fair's day; without it today")
def fetch(url: str, scene: str, folder: Path, client: str, day: datetime | None) -> None:
    """Take the day's signed tickets and the city's published keys along, into FOLDER."""
    with _connected(url, client) as city:
        params = {"day": day.date().isoformat()} if day else {}
        snapshot = _json(city.get(f"/partner/v1/fairs/{scene}/snapshot", params=params))["snapshot"]
        jwks = _json(city.get("/.well-known/jwks.json"))
    taken = read_snapshot(jwks, snapshot)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "keys.json").write_text(json.dumps(jwks), encoding="utf-8")
    (folder / "snapshot.jws").write_text(snapshot, encoding="utf-8")
    click.echo(f"{taken.scenario} {taken.day}: {len(taken.tickets)} tickets")


@gate.command("admit")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--gate", "name", required=True, help="the gate's key in the scene's manifest")
def admit(folder: Path, name: str) -> None:
    """Read one code a line, as a hand scanner types them, and say whether to let its holder in. Needs no network.

    Who is let in is written to scans.jsonl before it is said. CANNOT TELL: the ticket may be younger than the
    snapshot; who is let in all the same is entered with a `+` before the code.
    """
    try:
        jwks = json.loads((folder / "keys.json").read_text(encoding="utf-8"))
        snapshot = read_snapshot(jwks, (folder / "snapshot.jws").read_text(encoding="utf-8"))
    except (OSError, ValueError, SnapshotUnreadable) as error:
        raise click.ClickException(f"no snapshot that can be used in {folder}: {error}") from error
    admitted = {row["code"] for row in _rows(folder)}
    with (folder / "scans.jsonl").open("a", encoding="utf-8") as file:
        for line in sys.stdin:
            at = SystemClock().now()
            answer = verify_at_gate(snapshot, jwks, line.strip().lstrip("+"), at=at, admitted=admitted)
            waved_in = answer.verdict is Verdict.CANNOT_TELL and line.startswith("+")
            if answer.verdict in (Verdict.ADMIT, Verdict.DUPLICATE) or waved_in:
                _keep(file, {"id": str(new_id()), "gate": name, "code": answer.code, "scanned_at": at.isoformat()})
                admitted.add(answer.code)
            click.echo(f"{answer.verdict.value} {answer.code}".rstrip())


@gate.command("settle")
@click.argument("url")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--client", required=True, help="the partner's client id; its secret is read from XINYI_PARTNER_SECRET")
def settle(url: str, folder: Path, client: str) -> None:
    """Hand in what was scanned. It may be done again at any time: each scan counts once."""
    jwks = json.loads((folder / "keys.json").read_text(encoding="utf-8"))
    snapshot = read_snapshot(jwks, (folder / "snapshot.jws").read_text(encoding="utf-8"))
    rows = list(_rows(folder))
    with _connected(url, client) as city:
        for start in range(0, len(rows), BATCH):
            batch = rows[start : start + BATCH]
            key = {"Idempotency-Key": f"gate-{batch[0]['id']}-{batch[-1]['id']}"}
            path = f"/partner/v1/fairs/{snapshot.scenario}/scans"
            for scan in _json(city.post(path, json={"scans": batch}, headers=key)):
                if scan["outcome"] != "admitted":
                    at = datetime.fromisoformat(scan["scanned_at"]).astimezone(SHANGHAI)
                    click.echo(f"{scan['outcome']} {scan['code']} {scan['gate']} {at:%H:%M:%S}")
    click.echo(f"{len(rows)} scans settled")


def _connected(url: str, client: str) -> httpx.Client:
    secret = os.environ.get(SECRET, "")
    if not secret:
        raise click.ClickException(f"set {SECRET} to the partner's secret")
    token = _json(httpx.post(f"{url}/partner/v1/token", auth=(client, secret), timeout=30))["access_token"]
    return httpx.Client(base_url=url, timeout=30, headers={"Authorization": f"Bearer {token}"})


def _json(answer: httpx.Response) -> Any:
    if answer.is_error:
        raise click.ClickException(f"{answer.request.url.path}: {answer.status_code} {answer.text[:300]}")
    return answer.json()


def _rows(folder: Path) -> Iterator[dict[str, str]]:
    path = folder / "scans.jsonl"
    if path.exists():
        for line in path.read_text(encoding="utf-8").splitlines():
            yield json.loads(line)


def _keep(file: TextIO, row: dict[str, str]) -> None:
    """Write a line down for good, so that a laptop that dies loses nobody."""
    file.write(json.dumps(row) + "\n")
    file.flush()
    os.fsync(file.fileno())
