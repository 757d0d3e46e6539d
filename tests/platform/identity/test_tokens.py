"""Access tokens: every way in which one can be wrong ends in the same 401."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import httpx
import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xinyi_platform.clock import FixedClock
from xinyi_platform.identity.tokens import TokenReader, TokenRefused, issue_partner_token, issue_resident_token
from xinyi_platform.ids import new_id
from xinyi_platform.keys import KeyRing
from xinyi_platform.principals import Partner, Resident
from xinyi_platform.runtime import Runtime

pytestmark = pytest.mark.anyio
AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
RING = KeyRing.generate(AT)
WRONG_TOKENS = (
    "expired",
    "forged",
    "changed",
    "no_algorithm",
    "hmac_with_the_public_key",
    "another_audience",
    "a_list_of_audiences",
    "another_issuer",
    "unknown_kid",
    "no_kid",
    "kid_of_another_purpose",
    "retired_key",
    "no_expiry",
    "subject_is_no_id",
    "empty",
    "garbage",
)


def make(kind: str, keys: KeyRing, clock: FixedClock) -> str:
    """Return a token that is wrong in one way."""
    key, now = keys.current("token"), int(clock.now().timestamp())
    claims: dict[str, object] = {"sub": str(new_id()), "aud": "resident", "iss": "xinyi", "iat": now, "exp": now + 900}

    def sign(change: dict[str, object] | None = None, kid: str | None = key.kid, by: KeyRing = keys) -> str:
        headers = {"kid": kid} if kid else None
        return jwt.encode({**claims, **(change or {})}, by.current("token").private(), "EdDSA", headers=headers)

    def unsigned() -> str:
        parts = [{"alg": "none", "kid": key.kid}, claims]
        return ".".join(_encode(json.dumps(part).encode()) for part in parts) + "."

    def changed() -> str:
        header, _, signature = sign().split(".")
        return ".".join([header, _encode(json.dumps({**claims, "sub": str(new_id())}).encode()), signature])

    def hmac_signed() -> str:
        head = _encode(json.dumps({"alg": "HS256", "kid": key.kid, "typ": "JWT"}).encode())
        body = _encode(json.dumps(claims).encode())
        algorithm = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256)
        return f"{head}.{body}.{_encode(algorithm.sign(f'{head}.{body}'.encode(), key.public().public_bytes_raw()))}"

    def of_another_purpose() -> str:
        foreign = keys.current("entitlement")
        return jwt.encode(claims, foreign.private(), "EdDSA", headers={"kid": foreign.kid})

    def retired() -> str:
        token = sign()
        keys.rotate("token", clock.now())
        keys.retire(key.kid)
        return token

    without_expiry = {name: value for name, value in claims.items() if name != "exp"}
    makers: dict[str, Callable[[], str]] = {
        "expired": lambda: sign({"exp": now}),
        "forged": lambda: sign(by=KeyRing.generate(clock.now())),
        "changed": changed,
        "no_algorithm": unsigned,
        "hmac_with_the_public_key": hmac_signed,
        "another_audience": lambda: sign({"aud": "entitlement"}),
        "a_list_of_audiences": lambda: sign({"aud": ["resident", "partner"]}),
        "another_issuer": lambda: sign({"iss": "elsewhere"}),
        "unknown_kid": lambda: sign(kid="token-00000000"),
        "no_kid": lambda: sign(kid=None),
        "kid_of_another_purpose": of_another_purpose,
        "retired_key": retired,
        "no_expiry": lambda: jwt.encode(without_expiry, key.private(), "EdDSA", headers={"kid": key.kid}),
        "subject_is_no_id": lambda: sign({"sub": "lin"}),
        "empty": str,
        "garbage": lambda: "a.b.c",
    }
    assert set(makers) == set(WRONG_TOKENS)
    return makers[kind]()


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@pytest.fixture
def keys(clock: FixedClock) -> KeyRing:
    return KeyRing.generate(clock.now())


@pytest.mark.parametrize("kind", WRONG_TOKENS)
async def test_a_wrong_token_is_refused(kind: str, keys: KeyRing, clock: FixedClock) -> None:
    with pytest.raises(TokenRefused):
        TokenReader(keys).read(make(kind, keys, clock), clock.now())


@given(st.text(max_size=200))
def test_any_text_is_refused_and_nothing_else_happens(text: str) -> None:
    with pytest.raises(TokenRefused):
        TokenReader(RING).read(text, AT)


async def test_a_resident_and_a_partner_are_told_apart(keys: KeyRing, clock: FixedClock) -> None:
    someone, reader = new_id(), TokenReader(keys)
    mine = issue_resident_token(keys, someone, clock.now())
    theirs = issue_partner_token(keys, someone, ["orders", "webhooks"], clock.now())
    assert reader.read(mine.token, clock.now()) == Resident(someone)
    assert reader.read(theirs.token, clock.now()) == Partner(someone, frozenset({"orders", "webhooks"}))


async def test_a_remembered_token_expires_on_time(keys: KeyRing, clock: FixedClock) -> None:
    reader, token = TokenReader(keys), issue_resident_token(keys, new_id(), clock.now()).token
    reader.read(token, clock.now())
    clock.advance(timedelta(minutes=15, seconds=-1))
    reader.read(token, clock.now())
    clock.advance(timedelta(seconds=1))
    with pytest.raises(TokenRefused):
        reader.read(token, clock.now())


async def test_a_token_outlives_the_rotation_of_its_key(keys: KeyRing, clock: FixedClock) -> None:
    token = issue_resident_token(keys, new_id(), clock.now()).token
    keys.rotate("token", clock.now())
    assert isinstance(TokenReader(keys).read(token, clock.now()), Resident)


@pytest.mark.parametrize("kind", WRONG_TOKENS)
async def test_over_http_a_wrong_token_is_a_401(
    kind: str, app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock
) -> None:
    token = make(kind, runtime.keys, clock)
    answer = await app_client.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_partner_is_not_a_resident(app_client: httpx.AsyncClient, partner_id: UUID, runtime: Runtime) -> None:
    token = issue_partner_token(runtime.keys, partner_id, ["orders"], runtime.clock.now()).token
    answer = await app_client.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 403


async def test_one_reader_remembers_for_every_route(
    app_client: httpx.AsyncClient, resident_id: UUID, runtime: Runtime
) -> None:
    token = issue_resident_token(runtime.keys, resident_id, runtime.clock.now()).token
    bearer = {"Authorization": f"Bearer {token}"}
    await app_client.get("/api/v1/me", headers=bearer)
    reader = runtime.part(TokenReader)
    await app_client.get("/api/v1/me/consents", headers=bearer)
    assert runtime.part(TokenReader) is reader
