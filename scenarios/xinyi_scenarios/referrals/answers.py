"""What is signed: an answer, and the word to stop using it. EdDSA JWS under a name that only this receiver knows.

An answer holds the scene, yes or no, and how long it may be relied on: no name, number or score. A recall says which
answer, never why.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import jwt

from xinyi_platform.keys import KeyRing, KeyRingError

ANSWER_TYPE = "xinyi-referral+jwt"
RECALL_TYPE = "xinyi-referral-recall+jwt"
_PSEUDONYM = "referral.pseudonym"
_PSEUDONYM_CHARACTERS = 40


@dataclass(frozen=True, slots=True)
class Signer:
    """With which keys, and in whose name."""

    keys: KeyRing
    issuer: str


def pseudonym_of(keys: KeyRing, *, partner_id: UUID, resident_id: UUID) -> str:
    """Return the name of a resident with one receiver: the same each time, and unlinkable with another's.

    It needs the ring's first index key, so that it outlives rotation.
    """
    return keys.blind_index(f"{partner_id}\0{resident_id}", field=_PSEUDONYM)[:_PSEUDONYM_CHARACTERS]


def sign_answer(
    signer: Signer,
    *,
    referral_id: UUID,
    partner_id: UUID,
    pseudonym: str,
    scenario: str,
    version: int,
    verdict: str,
    at: datetime,
    expires_at: datetime,
) -> str:
    """Return the answer to one receiver."""
    claims = {
        "aud": str(partner_id),
        "sub": pseudonym,
        "jti": str(referral_id),
        "scn": scenario,
        "ver": version,
        "verdict": verdict,
        "iat": int(at.timestamp()),
        "exp": int(expires_at.timestamp()),
    }
    return _sign(signer, ANSWER_TYPE, claims)


def sign_recall(signer: Signer, *, referral_id: UUID, partner_id: UUID, pseudonym: str, at: datetime) -> str:
    """Return the word to stop using an answer."""
    claims = {
        "aud": str(partner_id),
        "sub": pseudonym,
        "jti": f"{referral_id}:recall",
        "recalls": str(referral_id),
        "iat": int(at.timestamp()),
    }
    return _sign(signer, RECALL_TYPE, claims)


def _sign(signer: Signer, kind: str, claims: dict[str, Any]) -> str:
    key = signer.keys.current("certificate")
    return jwt.encode(
        {"iss": signer.issuer, **claims}, key.private(), algorithm="EdDSA", headers={"kid": key.kid, "typ": kind}
    )


def read_answer(signer: Signer, token: str, *, partner_id: UUID) -> UUID | None:
    """Return which referral a token is the answer of; None where it is not ours, or not for this receiver.

    Its time is not looked at: an answer that has run out is told apart from one that never was.
    """
    try:
        header = jwt.get_unverified_header(token)
        if header.get("typ") != ANSWER_TYPE:
            return None
        key = signer.keys.find(str(header.get("kid")), "certificate")
        claims = jwt.decode(
            token,
            key.public(),
            algorithms=["EdDSA"],
            audience=str(partner_id),
            issuer=signer.issuer,
            options={"verify_exp": False, "verify_iat": False, "require": ["jti", "exp"]},
        )
        return UUID(str(claims["jti"]))
    except (jwt.InvalidTokenError, KeyRingError, ValueError):
        return None
