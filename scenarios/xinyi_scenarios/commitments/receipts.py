"""The receipt of a signature: an EdDSA JWS that anybody can check against the published keys.

It names the promise and holds its text, but nothing of the person.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import jwt

from xinyi_platform.keys import KeyRing
from xinyi_scenarios.commitments.texts import PromiseText

TYPE = "xinyi-commitment+jwt"


def sign_receipt(
    keys: KeyRing, promise: PromiseText, *, issuer: str, commitment_id: UUID, scenario: str, version: int, at: datetime
) -> str:
    """Return the platform's signature over what was signed and when."""
    key = keys.current("certificate")
    claims = {
        "iss": issuer,
        "jti": str(commitment_id),
        "iat": int(at.timestamp()),
        "scn": scenario,
        "ver": version,
        "due": promise.due_on.isoformat(),
        "text": promise.text,
        "text_sha256": promise.digest,
    }
    return jwt.encode(claims, key.private(), algorithm="EdDSA", headers={"kid": key.kid, "typ": TYPE})


def read_receipt(keys: KeyRing, token: str) -> dict[str, Any]:
    """Return what a receipt says. Raises jwt.InvalidTokenError and KeyRingError for one that is not ours."""
    header = jwt.get_unverified_header(token)
    if header.get("typ") != TYPE:
        raise jwt.InvalidTokenError("not a receipt of a commitment")
    key = keys.find(str(header.get("kid")), "certificate")
    claims: dict[str, Any] = jwt.decode(
        token, key.public(), algorithms=["EdDSA"], options={"verify_iat": False, "require": ["jti", "iat"]}
    )
    return claims
