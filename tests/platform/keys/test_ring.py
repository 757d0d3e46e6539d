"""The key ring: rotated without breaking what was signed, written whole, read by its owner only."""

from __future__ import annotations

import base64
import json
import stat
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from xinyi_platform.cli import main
from xinyi_platform.keys import PURPOSES, KeyRing, KeyRingError

AT = datetime(2026, 11, 23, 2, tzinfo=UTC)
RING = KeyRing.generate(AT)


@pytest.fixture
def ring() -> KeyRing:
    return KeyRing.generate(AT)


def test_a_ring_survives_its_file(ring: KeyRing, tmp_path: Path) -> None:
    path = tmp_path / "deep" / "keys.json"
    ring.save(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    again = KeyRing.load(path)
    assert {p: again.current(p) for p in PURPOSES} == {p: ring.current(p) for p in PURPOSES}
    assert list(path.parent.iterdir()) == [path], "no half-written file is left"


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"keys": [{"kid": "a"}]}', '{"keys": 7}', "\x00"])
def test_a_broken_ring_says_so(content: str, tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    path.write_text(content)
    with pytest.raises(KeyRingError, match="is broken"):
        KeyRing.load(path)


def test_a_missing_ring_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(KeyRingError, match="make one with `xinyi keys init`"):
        KeyRing.load(tmp_path / "none.json")


def test_a_rotated_key_still_verifies_until_it_is_retired(ring: KeyRing) -> None:
    old = ring.current("token")
    new = ring.rotate("token", AT)
    assert ring.current("token") == new
    assert ring.find(old.kid, "token") == old
    assert [row["kid"] for row in ring.public_keys("token")] == [old.kid, new.kid]
    ring.retire(old.kid)
    with pytest.raises(KeyRingError):
        ring.find(old.kid, "token")
    assert [row["kid"] for row in ring.public_keys("token")] == [new.kid]


def test_the_key_in_use_is_not_retired(ring: KeyRing) -> None:
    with pytest.raises(KeyRingError, match="is in use"):
        ring.retire(ring.current("token").kid)


def test_a_key_serves_one_purpose(ring: KeyRing) -> None:
    with pytest.raises(KeyRingError):
        ring.find(ring.current("token").kid, "audit")


@given(st.text(max_size=80))
def test_what_was_encrypted_is_read_and_never_twice_alike(value: str) -> None:
    first, second = (RING.encrypt(value, field="phone") for _ in range(2))
    assert first != second
    assert RING.decrypt(first, field="phone") == RING.decrypt(second, field="phone") == value


def test_a_stored_value_is_bound_to_its_field_and_its_key(ring: KeyRing) -> None:
    stored = ring.encrypt("13800000001", field="phone")
    with pytest.raises(KeyRingError):
        ring.decrypt(stored, field="name")
    with pytest.raises(KeyRingError):
        RING.decrypt(stored, field="phone")


@pytest.mark.parametrize("place", [0, 11, 12, -1])
def test_a_changed_value_is_refused(place: int, ring: KeyRing) -> None:
    kid, _, body = ring.encrypt("13800000001", field="phone").partition(".")
    raw = bytearray(base64.b64decode(body))
    raw[place] ^= 1
    with pytest.raises(KeyRingError):
        ring.decrypt(f"{kid}.{base64.b64encode(raw).decode()}", field="phone")


@pytest.mark.parametrize("stored", ["", "x", "data-00000000.AAAA"])
def test_what_was_never_encrypted_is_refused(stored: str, ring: KeyRing) -> None:
    with pytest.raises(KeyRingError):
        ring.decrypt(stored, field="phone")


@pytest.mark.parametrize("body", ["", "AAAA", "not base64!", "é"])
def test_a_mangled_value_of_a_known_key_is_refused(body: str, ring: KeyRing) -> None:
    with pytest.raises(KeyRingError):
        ring.decrypt(f"{ring.current('data').kid}.{body}", field="phone")


def test_data_is_read_after_a_rotation(ring: KeyRing) -> None:
    stored = ring.encrypt("王小丽", field="name")
    ring.rotate("data", AT)
    assert ring.decrypt(stored, field="name") == "王小丽"


def test_an_index_finds_the_same_value_of_the_same_field_only(ring: KeyRing) -> None:
    index = ring.blind_index("13800000001", field="phone")
    assert index == ring.blind_index("13800000001", field="phone")
    assert index != ring.blind_index("13800000001", field="identity")
    assert index != ring.blind_index("13800000002", field="phone")
    assert index != RING.blind_index("13800000001", field="phone")


@pytest.mark.anyio
async def test_only_public_halves_are_published(app_client: httpx.AsyncClient, settings: object) -> None:
    rows = (await app_client.get("/.well-known/jwks.json")).json()["keys"]
    assert {row["kty"] for row in rows} == {"OKP"}
    assert {name for row in rows for name in row} == {"kty", "crv", "alg", "use", "kid", "x"}
    assert {row["kid"].rpartition("-")[0] for row in rows} == {
        purpose for purpose, algorithm in PURPOSES.items() if algorithm == "EdDSA"
    }


class TestCommands:
    """`xinyi keys`."""

    @pytest.fixture(autouse=True)
    def _place(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("XINYI_SECRET_FILE", str(tmp_path / "keys.json"))
        self.path = tmp_path / "keys.json"

    def keys(self, *arguments: str) -> tuple[int, str]:
        ran = CliRunner().invoke(main, ["keys", *arguments])
        return ran.exit_code, ran.output

    def test_init_never_overwrites(self) -> None:
        assert self.keys("init")[0] == 0
        made = self.path.read_text()
        code, said = self.keys("init")
        assert code == 1
        assert "is not overwritten" in said
        assert self.path.read_text() == made

    def test_list_shows_no_secret(self) -> None:
        self.keys("init")
        code, said = self.keys("list")
        assert code == 0
        for row in json.loads(self.path.read_text())["keys"]:
            assert row["kid"] in said
            assert row["secret"] not in said

    def test_rotate_and_retire(self) -> None:
        self.keys("init")
        old = KeyRing.load(self.path).current("token").kid
        assert self.keys("rotate", "token")[0] == 0
        assert KeyRing.load(self.path).current("token").kid != old
        assert self.keys("retire", old)[0] == 0
        code, said = self.keys("retire", KeyRing.load(self.path).current("token").kid)
        assert (code, "is in use" in said) == (1, True)
        assert self.keys("retire", "token-00000000")[0] == 1

    def test_index_keys_do_not_rotate(self) -> None:
        self.keys("init")
        code, said = self.keys("rotate", "index")
        assert code == 1
        assert "stop being found" in said
