"""The signed snapshot: what it gives away, what it says of a code, and how it ages; by Python and by the command."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
import time_machine
from click.testing import CliRunner
from support.instance import Instance
from support.stickers import USCC, a_stranger, shown_cases

from xinyi_merchants.registry.models import Merchant
from xinyi_merchants.stickers.commands import sticker as command
from xinyi_merchants.stickers.issuing import issue_sticker, printed_code, replace_sticker
from xinyi_merchants.stickers.models import Sticker
from xinyi_merchants.stickers.offline import (
    AUDIENCE,
    REASONS,
    Snapshot,
    SnapshotUnreadable,
    Verdict,
    read_snapshot,
    sign_snapshot,
    verify_offline,
)
from xinyi_platform.keys import KeyRing

AT = datetime(2026, 11, 23, 2, tzinfo=UTC)
CITY = "https://xy.hebi.gov.example"
KEYS = KeyRing.generate(AT)
JWKS = {"keys": KEYS.public_keys("certificate")}
LIVE, REVOKED = "0123456789ABCDEFGHJKMNPQRS", "ZYXWVTSRQP0123456789ABCDEF"
TOKEN = sign_snapshot(KEYS, "410611", CITY, live=[LIVE], revoked=[REVOKED], at=AT)
HELD = read_snapshot(JWKS, TOKEN)
CASES = shown_cases(CITY, LIVE, REVOKED, a_stranger())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.what)
def test_what_is_shown_gets_its_verdict_and_reason(case: Any) -> None:
    answer = verify_offline(HELD, case.text, at=AT + timedelta(hours=1))
    assert (answer.verdict.value, answer.reason, answer.age) == (case.verdict, case.reason, timedelta(hours=1))
    assert answer.reason in REASONS


@pytest.mark.parametrize(
    ("age", "live", "revoked"),
    [
        (timedelta(0), "GENUINE", "REVOKED"),
        (timedelta(days=7), "GENUINE", "REVOKED"),
        (timedelta(days=7, seconds=1), "CANNOT TELL", "REVOKED"),
        (timedelta(days=400), "CANNOT TELL", "REVOKED"),
        (timedelta(hours=-23), "GENUINE", "REVOKED"),
        (timedelta(days=-2), "CANNOT TELL", "REVOKED"),
    ],
)
def test_with_age_genuine_fades_and_revoked_stays(age: timedelta, live: str, revoked: str) -> None:
    assert verify_offline(HELD, LIVE, at=AT + age).verdict.value == live
    assert verify_offline(HELD, REVOKED, at=AT + age).verdict.value == revoked
    assert verify_offline(HELD, LIVE[:-1] + "0", at=AT + age).verdict is Verdict.NOT_OURS


def tampered() -> dict[str, str]:
    head, body, signature = TOKEN.split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    claims["live"] = {**claims["live"], **claims["revoked"]}
    changed = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
    stranger = KeyRing.generate(AT)
    key = KEYS.current("certificate")
    return {
        "another's": sign_snapshot(stranger, "410611", CITY, live=[LIVE], revoked=[], at=AT),
        "changed": f"{head}.{changed}.{signature}",
        "for another purpose": jwt.encode(
            {"aud": "xinyi:fair"}, key.private(), algorithm="EdDSA", headers={"kid": key.kid}
        ),
        "unsigned": jwt.encode({"aud": AUDIENCE}, None, algorithm="none", headers={"kid": key.kid}),
        "nothing": "a.b.c",
        "empty": "",
    }


@pytest.mark.parametrize("token", tampered().values(), ids=tampered().keys())
def test_a_snapshot_that_is_not_the_citys_is_not_read(token: str) -> None:
    with pytest.raises(SnapshotUnreadable, match="signature"):
        read_snapshot(JWKS, token)


def test_a_snapshot_gives_away_no_code_no_serial_and_two_are_unlike() -> None:
    body = base64.urlsafe_b64decode(TOKEN.split(".")[1] + "==").decode()
    assert LIVE[:10] not in body
    assert LIVE not in body
    again = read_snapshot(JWKS, sign_snapshot(KEYS, "410611", CITY, live=[LIVE], revoked=[REVOKED], at=AT))
    assert not {*HELD.live, *HELD.revoked} & {*again.live, *again.revoked}
    assert all(len(base64.urlsafe_b64decode(digest)) * 8 >= 80 for digest in HELD.live.values())


async def snapshot(client: httpx.AsyncClient, district: str) -> Snapshot:
    answer = await client.get(f"/api/v1/sticker-snapshots/{district}")
    assert answer.headers["cache-control"] == "public, max-age=600"
    assert "set-cookie" not in answer.headers
    return read_snapshot((await client.get("/.well-known/jwks.json")).json(), answer.json()["snapshot"])


@pytest.mark.anyio
async def test_a_districts_snapshot_holds_its_stickers_and_no_fact_of_a_shop(
    app_client: httpx.AsyncClient, runtime: Any, shop: Merchant, sticker: Sticker, printed: str
) -> None:
    now = runtime.clock.now()
    fresh = await replace_sticker(runtime, sticker.id, shop.id, reason="torn", actor="x", now=now)
    code = printed_code(runtime.keys, fresh.serial, fresh.kid)
    taken = await snapshot(app_client, "410611")
    assert verify_offline(taken, printed, at=now).verdict is Verdict.REVOKED
    assert verify_offline(taken, f"http://city.test/m/{code}", at=now).verdict is Verdict.GENUINE
    elsewhere = await snapshot(app_client, "410621")
    assert verify_offline(elsewhere, code, at=now).reason == "unknown"
    answer = await app_client.get("/api/v1/sticker-snapshots/410611")
    body = base64.urlsafe_b64decode(answer.json()["snapshot"].split(".")[1] + "==").decode()
    for fact in (shop.name, shop.code, shop.uscc, shop.address, str(shop.id), fresh.serial):
        assert fact not in body


@pytest.mark.anyio
async def test_it_is_kept_for_ten_minutes_and_a_newer_sticker_cannot_be_told(
    app_client: httpx.AsyncClient, runtime: Any, shop: Merchant
) -> None:
    first = await app_client.get("/api/v1/sticker-snapshots/410611")
    young = await issue_sticker(runtime, shop.id, actor="x", now=runtime.clock.now())
    assert (await app_client.get("/api/v1/sticker-snapshots/410611")).json() == first.json()
    held = await snapshot(app_client, "410611")
    code = printed_code(runtime.keys, young.serial, young.kid)
    assert verify_offline(held, code, at=runtime.clock.now()).reason == "unknown"
    await runtime.cache.delete("sticker-snapshot:410611")
    held = await snapshot(app_client, "410611")
    assert verify_offline(held, code, at=runtime.clock.now()).verdict is Verdict.GENUINE


@pytest.mark.anyio
@pytest.mark.parametrize("district", ["410600", "410611001", "110101", "nowhere", "4106111"])
async def test_what_is_no_district_has_no_snapshot(app_client: httpx.AsyncClient, district: str) -> None:
    assert (await app_client.get(f"/api/v1/sticker-snapshots/{district}")).status_code == 404


@pytest.mark.anyio
async def test_a_retired_key_revokes_its_stickers_in_the_snapshot_too(
    app_client: httpx.AsyncClient, runtime: Any, sticker: Sticker, printed: str
) -> None:
    runtime.keys.rotate("sticker", runtime.clock.now())
    held = await snapshot(app_client, "410611")
    assert verify_offline(held, printed, at=runtime.clock.now()).verdict is Verdict.GENUINE
    runtime.keys.retire(sticker.kid)
    await runtime.cache.delete("sticker-snapshot:410611")
    held = await snapshot(app_client, "410611")
    assert verify_offline(held, printed, at=runtime.clock.now()).verdict is Verdict.REVOKED
    assert verify_offline(held, printed[:-1] + "U", at=runtime.clock.now()).verdict is Verdict.NOT_OURS


def keep(folder: Path, token: str = TOKEN) -> None:
    (folder / "keys.json").write_text(json.dumps(JWKS))
    (folder / "snapshot.jws").write_text(token)


def test_the_command_says_verdict_age_and_reason(tmp_path: Path) -> None:
    keep(tmp_path)
    shown = "\n".join([LIVE, REVOKED, "", "https://evil.example/x", USCC])
    with time_machine.travel(AT + timedelta(days=2, hours=3), tick=False):
        said = CliRunner().invoke(command, ["verify", str(tmp_path)], input=shown)
    lines = said.output.splitlines()
    assert [line.partition(" (")[0] for line in lines] == ["GENUINE", "REVOKED", "NOT OURS", "CANNOT TELL"]
    assert lines[0].startswith("GENUINE (known as of 2 d 3 h ago): It was live")


@pytest.mark.parametrize("token", [*tampered().values(), None])
def test_the_command_cannot_tell_by_a_snapshot_of_nobody(tmp_path: Path, token: str | None) -> None:
    if token is not None:
        keep(tmp_path, token)
    said = CliRunner().invoke(command, ["verify", str(tmp_path)], input=f"{LIVE}\n")
    assert said.output.startswith("CANNOT TELL: ")
    assert ("signature" if token is not None else "no snapshot") in said.output


def test_fetch_speaks_to_a_real_server(tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    with Instance(tmp_path, f"sqlite://{tmp_path}/city.sqlite3") as city:
        city.run("migrate")
        city.run("seed", "--residents", "20", "--merchants", "20")
        city.start()
        fetched = CliRunner().invoke(command, ["fetch", city.url, "410602", str(folder)])
        assert (fetched.exit_code, "live, 0 revoked" in fetched.output) == (0, True), fetched.output
        assert "404" in CliRunner().invoke(command, ["fetch", city.url, "110101", str(folder)]).output
    said = CliRunner().invoke(command, ["verify", str(folder)], input="https://evil.example/m/x\n")
    assert said.output.startswith("NOT OURS (known as of 0 d 0 h ago)")
