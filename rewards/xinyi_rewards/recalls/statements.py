"""The signed word to stop using an entry: who is meant and since when, never why."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import jwt
from jwt.types import Options

from xinyi_platform.keys import KeyRing

AUDIENCE = "xinyi:stop-using"
_UNTIMED: Options = {"verify_exp": False, "verify_iat": False}


class StatementUnreadable(ValueError):
    """It was not signed by the city, or is for another purpose."""


def sign_statement(keys: KeyRing, issuer: str, *, entry_id: UUID, receiver: str, at: datetime) -> str:
    """Sign that a receiver has to stop using an entry from an instant on, as a compact EdDSA JWS."""
    key = keys.current("certificate")
    claims = {"iss": issuer, "aud": AUDIENCE, "sub": str(entry_id), "rcv": receiver, "iat": int(at.timestamp())}
    return jwt.encode(claims, key.private(), algorithm="EdDSA", headers={"kid": key.kid})


def read_statement(jwks: Mapping[str, Any], statement: str) -> tuple[UUID, str, datetime]:
    """Return the entry, the receiver and since when. Raises StatementUnreadable."""
    try:
        kid = jwt.get_unverified_header(statement).get("kid")
        key = next(key for key in jwt.PyJWKSet.from_dict(dict(jwks)).keys if key.key_id == kid)
        claims = jwt.decode(statement, key, algorithms=["EdDSA"], audience=AUDIENCE, options=_UNTIMED)
    except (jwt.PyJWTError, StopIteration) as error:
        raise StatementUnreadable("not signed by the city") from error
    return UUID(claims["sub"]), str(claims["rcv"]), datetime.fromtimestamp(claims["iat"], UTC)
