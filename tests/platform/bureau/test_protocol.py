"""An answer is taken only when it is signed by the bureau, about this question, of now, and no more than asked."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xinyi_platform.bureau.protocol import (
    FIELDS,
    BureauStatus,
    GarbledAnswer,
    Question,
    read_answer,
    read_question,
    sign_answer,
    sign_question,
)
from xinyi_platform.keys import KeyRing

AT = datetime(2026, 11, 23, 2, tzinfo=UTC)
BUREAU, PLATFORM, STRANGER = KeyRing.generate(AT), KeyRing.generate(AT), KeyRing.generate(AT)
QUESTION = Question("0192-q", "41061119800101001X", "scenes", "0192-c")
TRUSTED = {key.kid: key.public() for key in BUREAU.live("bureau")}
GOOD: dict[str, Any] = {
    "iss": "bureau",
    "aud": "xinyi",
    "jti": QUESTION.id,
    "sub": QUESTION.subject,
    "as_of": int(AT.timestamp()),
    "standing": "good",
    "black_listed": False,
}


def signed(claims: dict[str, Any], *, by: KeyRing = BUREAU, kid: str | None = None, purpose: str = "bureau") -> str:
    key = by.current(purpose)
    return jwt.encode(claims, key.private(), "EdDSA", headers={"kid": kid or key.kid})


def read(token: str, now: datetime = AT) -> BureauStatus:
    return read_answer(token, TRUSTED, "xinyi", QUESTION, now)


def without(*names: str) -> dict[str, Any]:
    return {name: value for name, value in GOOD.items() if name not in names}


def test_a_right_answer_is_read() -> None:
    assert read(signed(GOOD)) == BureauStatus("good", False, AT)


@pytest.mark.parametrize(
    "change",
    [
        {"jti": "another"},
        {"sub": "410611198001010028"},
        {"sub": None},
        {"aud": "another-city"},
        {"iss": "somebody"},
        {"as_of": int((AT - timedelta(minutes=5, seconds=1)).timestamp())},
        {"as_of": int((AT + timedelta(minutes=5, seconds=1)).timestamp())},
        {"as_of": "yesterday"},
        {"as_of": None},
        {"as_of": 10**20},
        {"as_of": 1e308},
        {"standing": "excellent"},
        {"standing": 1},
        {"standing": ["good"]},
        {"black_listed": "no"},
        {"black_listed": 0},
        {"score": 812},
        {"name": "王小丽"},
        {"exp": 1_500_000_000},
    ],
    ids=str,
)
def test_an_answer_that_does_not_fit_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(GarbledAnswer):
        read(signed(GOOD | change))


@pytest.mark.parametrize("name", sorted(GOOD))
def test_an_answer_that_lacks_something_is_refused(name: str) -> None:
    with pytest.raises(GarbledAnswer):
        read(signed(without(name)))


@pytest.mark.parametrize(
    "token",
    [
        signed(GOOD, by=STRANGER),
        signed(GOOD, by=STRANGER, kid=BUREAU.current("bureau").kid),
        signed(GOOD, kid="bureau-00000000"),
        signed(GOOD, purpose="token"),
        jwt.encode(GOOD, None, algorithm="none", headers={"kid": BUREAU.current("bureau").kid}),
        jwt.encode(GOOD, "x" * 32, algorithm="HS256", headers={"kid": BUREAU.current("bureau").kid}),
        signed(GOOD)[:-4],
        signed(GOOD) + ".x",
        "",
        "{}",
        "a.b.c",
        "…",
    ],
    ids=[
        "stranger", "stranger with our kid", "unknown kid", "another purpose", "none", "hmac", "cut", "longer",
        "empty", "json", "garbage", "not ascii",
    ],
)  # fmt: skip
def test_an_answer_that_is_not_the_bureaus_is_refused(token: str) -> None:
    with pytest.raises(GarbledAnswer):
        read(token)


@given(st.text(max_size=300))
def test_any_text_is_refused_and_nothing_else_happens(text: str) -> None:
    with pytest.raises(GarbledAnswer):
        read(text)


@given(
    st.dictionaries(
        st.sampled_from(["as_of", "standing", "black_listed", "aud", "iss", "exp", "iat", "nbf"]),
        st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.integers(), max_size=2),
        min_size=1,
    )
)
def test_any_claims_are_read_or_refused(claims: dict[str, Any]) -> None:
    try:
        token = signed(GOOD | claims)
    except TypeError:
        return  # PyJWT does not sign such claims, so nobody sends them through it
    with suppress(GarbledAnswer):
        assert read(token).standing in ("good", "minor", "general", "serious")


def test_a_question_names_no_more_than_it_must() -> None:
    key = PLATFORM.current("bureau")
    token = sign_question(key.private(), key.kid, "xinyi", QUESTION, AT)
    claims = jwt.decode(token, options={"verify_signature": False})
    assert claims == {
        "iss": "xinyi",
        "aud": "bureau",
        "jti": "0192-q",
        "sub": QUESTION.subject,
        "kind": "identity_number",
        "fields": ["standing", "black_listed"],
        "purpose": "scenes",
        "consent": "0192-c",
        "iat": int(AT.timestamp()),
        "exp": int(AT.timestamp()) + 60,
    }


def test_the_bureau_reads_a_question_and_answers_no_more_than_asked(clock: Any) -> None:
    key, own = PLATFORM.current("bureau"), BUREAU.current("bureau")
    token = sign_question(key.private(), key.kid, "xinyi", QUESTION, AT)
    question = read_question(token, {key.kid: key.public()})
    answer = sign_answer(own.private(), own.kid, question, {"standing": "good", "black_listed": False, "score": 1}, AT)
    assert set(jwt.decode(answer, options={"verify_signature": False})) == {
        *("iss", "aud", "jti", "sub", "as_of"),
        *FIELDS,
    }
    assert read(answer).standing == "good"


def test_an_old_question_is_refused_by_the_bureau(clock: Any) -> None:
    key = PLATFORM.current("bureau")
    token = sign_question(key.private(), key.kid, "xinyi", QUESTION, AT - timedelta(minutes=3))
    with pytest.raises(jwt.ExpiredSignatureError):
        read_question(token, {key.kid: key.public()})
