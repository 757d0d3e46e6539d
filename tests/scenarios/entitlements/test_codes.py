"""The code on the screen: signed, short-lived, and anything else is refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import jwt
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from xinyi_platform.ids import check_character
from xinyi_platform.keys import KeyRing
from xinyi_scenarios.entitlements.codes import AUDIENCE, CodeExpired, CodeUnreadable, read_code, sign_code

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
KEYS = KeyRing.generate(NOW)
CODE = "0123456789" + check_character("0123456789")
TOKEN = sign_code(KEYS, code=CODE, scenario="travel", now=NOW).token


def forged(
    keys: KeyRing = KEYS, *, use: str = "entitlement", kid: str | None = None, leave_out: str = "", **claims: object
) -> str:
    key = keys.current(use)
    body = {"sub": CODE, "scn": "travel", "aud": AUDIENCE, "exp": int(NOW.timestamp()) + 120, **claims}
    body.pop(leave_out, None)
    return jwt.encode(body, key.private(), algorithm="EdDSA", headers={"kid": kid or key.kid})


@pytest.mark.parametrize("seconds", [0, 119, 150])
def test_a_fresh_code_is_read(seconds: int) -> None:
    assert read_code(KEYS, f"  {TOKEN}\n", now=NOW + timedelta(seconds=seconds)) == CODE


def test_an_old_code_is_expired() -> None:
    with pytest.raises(CodeExpired):
        read_code(KEYS, TOKEN, now=NOW + timedelta(seconds=151))


def test_a_typed_code_is_read_in_any_case_and_grouping() -> None:
    typed = f"{CODE[:4]}-{CODE[4:8]} {CODE[8:]}".lower().replace("0", "o").replace("1", "l")
    assert read_code(KEYS, typed, now=NOW) == CODE


HEAD, BODY, SIGNATURE = TOKEN.split(".")
REFUSED = {
    "other keys": forged(KeyRing.generate(NOW), kid=KEYS.current("entitlement").kid),
    "unknown key": forged(KeyRing.generate(NOW)),
    "key of another use": forged(use="bureau"),
    "other audience": forged(aud="xinyi:sticker"),
    "no audience": forged(leave_out="aud"),
    "no end": forged(leave_out="exp"),
    "no subject": forged(leave_out="sub"),
    "unsigned": jwt.encode({"sub": CODE, "aud": AUDIENCE, "exp": 9_999_999_999}, "", algorithm="none"),
    "symmetric": jwt.encode({"sub": CODE, "aud": AUDIENCE, "exp": 9_999_999_999}, "k" * 32, algorithm="HS256"),
    "signature gone": f"{HEAD}.{BODY}.",
    "body changed": f"{HEAD}.{BODY[:-4]}AAAA.{SIGNATURE}",
    "dots": "..",
    "empty": "",
    "check character": CODE[:-1] + ("0" if CODE[-1] != "0" else "1"),
    "one short": CODE[1:],
    "link": "https://example.com/a.b/c.d",
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_code_of_ours_is_unreadable(name: str) -> None:
    with pytest.raises(CodeUnreadable):
        read_code(KEYS, REFUSED[name], now=NOW)


@given(st.text(max_size=200) | st.from_regex(r"[A-Za-z0-9_\-]*\.[A-Za-z0-9_\-]*\.[A-Za-z0-9_\-]*", fullmatch=True))
@example("\x00.\x00.\x00")
@example("bnVsbA.bnVsbA.bnVsbA")
@example("W10.e30.e30")
def test_whatever_is_scanned_is_read_or_refused(scanned: str) -> None:
    try:
        read = read_code(KEYS, scanned, now=NOW)
    except CodeUnreadable:
        return
    assert read == scanned.strip().upper().replace("-", "").replace(" ", "").translate(str.maketrans("OIL", "011"))


@given(st.integers(0, len(HEAD) + len(BODY)), st.sampled_from("ABab01_-."))
def test_one_changed_letter_makes_a_code_unreadable(place: int, letter: str) -> None:
    """The signature's own last letter holds unused bits, so only what is signed is changed."""
    assume(TOKEN[place] != letter)
    with pytest.raises(CodeUnreadable):
        read_code(KEYS, TOKEN[:place] + letter + TOKEN[place + 1 :], now=NOW)
