"""The audit trail shows every kind of tampering, with and without the database."""

from __future__ import annotations

import copy
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from support.databases import run_apart

from xinyi_platform import audit
from xinyi_platform.audit import AuditEntry, seal_trail, verify_rows
from xinyi_platform.audit.sealing import GENESIS, digest_of
from xinyi_platform.audit.verifying import export_trail, sealed_rows, verify_export
from xinyi_platform.cli import main
from xinyi_platform.clock import FixedClock
from xinyi_platform.database import connect_database, transaction
from xinyi_platform.keys import KeyRing
from xinyi_platform.runtime import Runtime
from xinyi_platform.settings import Settings

pytestmark = pytest.mark.anyio


async def record(number: int, clock: FixedClock) -> None:
    await audit.record(
        "quota.changed",
        actor=f"staff:{number}",
        object_kind="quota",
        object_id=str(number),
        detail={"total": number, "why": "节日"},
        at=clock.now() + timedelta(seconds=number),
    )


@pytest.fixture
async def trail(runtime: Runtime, clock: FixedClock) -> None:
    """Six acts, sealed in two goes."""
    for number in range(1, 7):
        await record(number, clock)
        if number == 4:
            await seal_trail()
    await seal_trail()


async def test_a_sealed_trail_is_whole(trail: None) -> None:
    rows = await sealed_rows()
    assert [row.sequence for row in rows] == [1, 2, 3, 4, 5, 6]
    assert verify_rows(rows) is None


async def test_sealing_again_changes_nothing(trail: None) -> None:
    before = [row.digest for row in await sealed_rows()]
    assert await seal_trail() == 0
    assert [row.digest for row in await sealed_rows()] == before


async def test_a_backlog_is_sealed_in_bounded_pieces(runtime: Runtime, clock: FixedClock) -> None:
    for number in range(5):
        await record(number, clock)
    assert [await seal_trail(limit=2) for _ in range(4)] == [2, 2, 1, 0]
    assert verify_rows(await sealed_rows()) is None


async def test_an_act_that_failed_leaves_no_row(runtime: Runtime, clock: FixedClock) -> None:
    async def fail() -> None:
        async with transaction():
            await record(1, clock)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert await AuditEntry.all().count() == 0


@pytest.mark.parametrize(
    "change",
    [
        {"action": "quota.read"},
        {"actor": "staff:9"},
        {"object_kind": "merchant"},
        {"object_id": "9"},
        {"detail": {"total": 3_000, "why": "节日"}},
        {"detail": {"total": 3}},
        {"digest": "0" * 64},
    ],
    ids=lambda change: next(iter(change)),
)
async def test_a_changed_row_is_found(change: dict[str, Any], trail: None) -> None:
    await AuditEntry.filter(sequence=3).update(**change)
    assert verify_rows(await sealed_rows()) == audit.Break(3, "a row was changed")


async def test_a_moved_time_is_found(trail: None, clock: FixedClock) -> None:
    await AuditEntry.filter(sequence=3).update(at=clock.now() - timedelta(days=1))
    assert verify_rows(await sealed_rows()) == audit.Break(3, "a row was changed")


@pytest.mark.parametrize("place", [1, 3, 5])
async def test_a_missing_row_is_found(place: int, trail: None) -> None:
    await AuditEntry.filter(sequence=place).delete()
    assert verify_rows(await sealed_rows()) == audit.Break(place, "a row is missing")


async def test_a_row_closed_up_behind_a_missing_one_is_found(trail: None) -> None:
    await AuditEntry.filter(sequence=6).delete()
    await AuditEntry.filter(sequence=5).update(sequence=6)
    await AuditEntry.filter(sequence=4).delete()
    await AuditEntry.filter(sequence=6).update(sequence=4)
    assert verify_rows(await sealed_rows()) == audit.Break(4, "a row was changed")


async def test_two_rows_that_changed_places_are_found(trail: None) -> None:
    for source, target in ((2, 99), (3, 2), (99, 3)):
        await AuditEntry.filter(sequence=source).update(sequence=target)
    assert verify_rows(await sealed_rows()) == audit.Break(2, "a row was changed")


async def test_a_row_slipped_in_with_its_own_digest_is_found(trail: None, clock: FixedClock) -> None:
    rows = await sealed_rows()
    forged = copy.copy(rows[2])
    forged.actor = "staff:9"
    await AuditEntry.filter(sequence=3).update(actor="staff:9", digest=digest_of(rows[1].digest, forged, 3))
    assert verify_rows(await sealed_rows()) == audit.Break(4, "a row was changed")


async def exported(runtime: Runtime) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(json.dumps(await export_trail(runtime.keys, at=runtime.clock.now())))
    return document


async def test_an_export_is_checked_with_no_server(trail: None, runtime: Runtime) -> None:
    document = await exported(runtime)
    assert document["checkpoint"]["count"] == 6
    assert verify_export(document, runtime.keys.public_keys("audit")) is None
    document["rows"][1]["actor"] = "staff:9"
    assert verify_export(document) == audit.Break(2, "a row was changed")


async def test_an_empty_trail_is_whole(runtime: Runtime) -> None:
    assert verify_export(await exported(runtime)) is None


async def test_rows_cut_off_the_end_are_found_by_the_checkpoint(trail: None, runtime: Runtime) -> None:
    document = await exported(runtime)
    del document["rows"][4:]
    assert verify_export(document) == audit.Break(4, "the checkpoint is of another trail")


async def test_a_trail_rewritten_from_its_start_is_found_by_the_signature(trail: None, runtime: Runtime) -> None:
    """Whoever can write the database can chain it anew, but cannot sign for it."""
    document = await exported(runtime)
    previous = GENESIS
    for place, row in enumerate(document["rows"], 1):
        row["actor"] = "staff:9"
        rebuilt = AuditEntry(**{**row, "at": (await AuditEntry.get(sequence=place)).at})
        row["digest"] = previous = digest_of(previous, rebuilt, place)
    document["checkpoint"]["digest"] = previous
    assert verify_export(document) == audit.Break(6, "the checkpoint's signature does not fit")


async def test_a_checkpoint_by_a_stranger_is_not_trusted(trail: None, runtime: Runtime, clock: FixedClock) -> None:
    stranger = await export_trail(KeyRing.generate(clock.now()), at=clock.now())
    assert verify_export(stranger) is None, "in itself it is sound"
    found = verify_export(stranger, runtime.keys.public_keys("audit"))
    assert found == audit.Break(6, "the checkpoint's key is not trusted")


@pytest.mark.parametrize("field", ["count", "at", "digest"])
async def test_a_changed_checkpoint_is_found(field: str, trail: None, runtime: Runtime) -> None:
    document = await exported(runtime)
    document["checkpoint"][field] = 5 if field == "count" else "2030-01-01T00:00:00+00:00"
    assert verify_export(document) is not None


def test_the_commands_check_the_database_and_the_exported_file(
    settings: Settings, models: list[str], clock: FixedClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XINYI_DATABASE_URL", settings.database_url)
    monkeypatch.setenv("XINYI_SECRET_FILE", str(settings.secret_file))
    trusted = tmp_path / "keys.jwks"
    trusted.write_text(json.dumps({"keys": KeyRing.load(settings.secret_file).public_keys("audit")}))
    target = tmp_path / "trail.json"

    async def fill() -> None:
        async with connect_database(settings.database_url, models):
            await record(1, clock)
            await seal_trail()

    async def tamper() -> None:
        async with connect_database(settings.database_url, models):
            await AuditEntry.all().update(actor="staff:9")

    def xinyi(*arguments: str) -> tuple[int, str]:
        ran = CliRunner().invoke(main, ["audit", *arguments])
        return ran.exit_code, ran.output

    run_apart(fill)
    assert xinyi("verify") == (0, "the trail is whole: 1 rows\n")
    assert xinyi("checkpoint", str(target))[0] == 0
    offline = ("verify", "--file", str(target), "--keys", str(trusted))
    assert xinyi(*offline) == (0, "the trail is whole: 1 rows\n")
    run_apart(tamper)
    assert xinyi("verify") == (1, "Error: the trail breaks at row 1: a row was changed\n")
    target.write_text(target.read_text().replace("quota.changed", "quota.read"))
    assert xinyi(*offline) == (1, "Error: the trail breaks at row 1: a row was changed\n")
