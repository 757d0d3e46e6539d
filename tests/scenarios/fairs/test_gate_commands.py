"""`xinyi gate` as a helper at the gate uses it: with the network of the morning, without it, and with it again."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from click.testing import CliRunner
from support.fairs import BEGINS, Fairground
from support.instance import Instance

from xinyi_platform.identity.seeding import DEMO_PARTNER_SECRET
from xinyi_platform.ids import new_public_code
from xinyi_scenarios.fairs.commands import gate


@pytest.mark.anyio
async def test_a_laptop_without_network_admits_once_and_settles_later(fair: Fairground, tmp_path: Path) -> None:
    held, later = await fair.ticket(), await fair.ticket(2, "afternoon")
    snapshot = (await fair.get(f"snapshot?day={BEGINS.date()}"))["snapshot"]
    (tmp_path / "snapshot.jws").write_text(snapshot)
    (tmp_path / "keys.json").write_text((await fair.client.get("/.well-known/jwks.json")).text)
    young = await fair.ticket(3)
    shown = [held["code"], held["code"], later["code"], young["code"], "+" + young["code"], "hello"]
    with time_machine.travel(BEGINS + timedelta(minutes=1), tick=False):
        said = CliRunner().invoke(gate, ["admit", str(tmp_path), "--gate", "east"], input="\n".join(shown))
        again = CliRunner().invoke(gate, ["admit", str(tmp_path), "--gate", "east"], input=held["code"])
    verdicts = [line.rsplit(" ", 1)[0] for line in said.output.splitlines()[:-1]]
    assert verdicts == ["ADMIT", "DUPLICATE", "NOT NOW", "CANNOT TELL", "CANNOT TELL"]
    assert said.output.splitlines()[-1] == "NOT OURS"
    assert again.output.startswith("DUPLICATE"), "what was let in outlives the program"
    fair.move_to(BEGINS + timedelta(hours=1))
    kept = [json.loads(line) for line in (tmp_path / "scans.jsonl").read_text().splitlines()]
    assert sorted(await fair.settle(*kept)) == ["admitted", "admitted", "duplicate", "duplicate"]


@pytest.mark.anyio
async def test_a_gate_does_not_open_on_a_snapshot_of_nobody(fair: Fairground, tmp_path: Path) -> None:
    (tmp_path / "snapshot.jws").write_text("a.b.c")
    (tmp_path / "keys.json").write_text((await fair.client.get("/.well-known/jwks.json")).text)
    refused = CliRunner().invoke(gate, ["admit", str(tmp_path), "--gate", "east"])
    assert (refused.exit_code, "signature" in refused.output) == (1, True)


def test_fetch_and_settle_speak_to_a_real_server(tmp_path: Path) -> None:
    folder = tmp_path / "gate"
    with Instance(tmp_path, f"sqlite://{tmp_path}/city.sqlite3") as city:
        city.run("migrate")
        city.run("seed", "--residents", "20", "--merchants", "10")
        city.start()
        runner = CliRunner(env={"XINYI_PARTNER_SECRET": DEMO_PARTNER_SECRET})
        wrong = CliRunner(env={"XINYI_PARTNER_SECRET": "wrong"})
        fetch = ["fetch", city.url, "park-fair", str(folder), "--client", "hebi-park"]
        assert "401" in wrong.invoke(gate, fetch).output
        fetched = runner.invoke(gate, fetch)
        assert (fetched.exit_code, "0 tickets" in fetched.output) == (0, True), (fetched.output, fetched.exception)
        typed = f"+{new_public_code()}"
        said = runner.invoke(gate, ["admit", str(folder), "--gate", "east"], input=typed)
        assert said.output.startswith("CANNOT TELL")
        settle = ["settle", city.url, str(folder), "--client", "hebi-park"]
        for _ in range(2):
            settled = runner.invoke(gate, settle)
            assert settled.exit_code == 0, settled.output
            assert settled.output.startswith("unknown ")
            assert settled.output.endswith("1 scans settled\n")
