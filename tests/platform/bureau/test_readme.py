"""The README for a city's engineers says what is true: its messages are real and its program runs."""

from __future__ import annotations

import json
import re
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from support.sources import ROOT

from xinyi_platform.bureau.client import read_pinned_keys
from xinyi_platform.bureau.protocol import OLDEST_ANSWER, Question, read_answer, sign_answer, sign_question
from xinyi_platform.bureau.simulator import pin_keys
from xinyi_platform.keys import KeyRing

TEXT = (ROOT / "platform/xinyi_platform/bureau/README.md").read_text(encoding="utf-8")
AT = datetime(2026, 11, 23, 2, tzinfo=UTC)
ASKER, BUREAU = (Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n in (1, 2))
QUESTION, ANSWER = re.findall(r"```text\n(\S+)\n```", TEXT)


def documents() -> list[Any]:
    """Return every JSON document of the README's blocks."""
    found = []
    for block in re.findall(r"```json\n(.*?)```", TEXT, re.S):
        reader = json.JSONDecoder()
        while block := block.strip():
            value, end = reader.raw_decode(block)
            found.append(value)
            block = block[end:]
    return found


def test_the_question_is_what_the_platform_sends() -> None:
    claims = documents()[1]
    question = Question(claims["jti"], claims["sub"], claims["purpose"], claims["consent"])
    assert sign_question(ASKER, "bureau-1a2b3c4d", "xinyi", question, AT) == QUESTION


def test_the_answer_is_what_the_platform_accepts(tmp_path: Path) -> None:
    claims, keys = documents()[1], documents()[4:]
    question = Question(claims["jti"], claims["sub"], claims["purpose"], claims["consent"])
    (tmp_path / "keys.json").write_text(json.dumps({"keys": keys}))
    read = read_answer(ANSWER, read_pinned_keys(tmp_path / "keys.json"), "xinyi", question, AT + OLDEST_ANSWER)
    assert (read.standing, read.black_listed, read.as_of) == ("good", False, AT)
    status: dict[str, object] = {"standing": "good", "black_listed": False}
    assert sign_answer(BUREAU, "bureau-5e6f7a8b", claims, status, AT) == ANSWER


@pytest.mark.parametrize(("token", "place"), [(QUESTION, 0), (ANSWER, 2)])
def test_header_and_claims_are_written_out_as_they_are(token: str, place: int) -> None:
    head, claims = documents()[place : place + 2]
    assert jwt.get_unverified_header(token) == head
    assert jwt.decode(token, options={"verify_signature": False}) == claims


def test_the_program_asks_a_bureau(
    odd_bureau: Any, keys: KeyRing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    keys.save(tmp_path / "keys.json")
    pin_keys(odd_bureau.keys, tmp_path / "bureau.json")
    monkeypatch.setenv("XINYI_SECRET_FILE", str(tmp_path / "keys.json"))
    monkeypatch.setenv("XINYI_BUREAU_KEY_FILE", str(tmp_path / "bureau.json"))
    monkeypatch.setenv("XINYI_BUREAU_URL", odd_bureau.url)
    (program,) = re.findall(r"```python\n(.*?)```", TEXT, re.S)
    ran = threading.Thread(target=exec, args=(program, {}))
    ran.start()
    ran.join(20)
    assert capsys.readouterr().out.startswith("BureauStatus(standing='good', black_listed=False, as_of=")
