"""The code on a resident's phone: a short-lived EdDSA JWS, and a short code that can be typed.

The JWS names the entitlement by its public code and nothing of the person. A partner may check it with no
network against the published keys and then knows VALID, EXPIRED or CANNOT TELL; whether it was used already
only the database knows.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import jwt

from xinyi_platform.errors import Unprocessable
from xinyi_platform.ids import is_public_code, normalise_public_code
from xinyi_platform.keys import KeyRing, KeyRingError
from xinyi_platform.language import Text

CODE_SECONDS = 120
AUDIENCE = "xinyi:entitlement"
_LEEWAY_SECONDS = 30


class CodeUnreadable(Unprocessable):
    """What was read or typed is no entitlement code."""

    code = "code_unreadable"
    text = Text("无法识别该权益码,请核对后重试。", "This is not an entitlement code; check it and try again.")


class CodeExpired(Unprocessable):
    """The code on the screen is older than two minutes."""

    code = "code_expired"
    text = Text("权益码已过期,请顾客刷新后重试。", "The code has expired; ask the customer to refresh it.")


@dataclass(frozen=True, slots=True)
class SignedCode:
    """A code for the screen and the instant at which it stops being accepted."""

    token: str
    expires_at: datetime


def sign_code(keys: KeyRing, *, code: str, scenario: str, now: datetime) -> SignedCode:
    """Sign an entitlement's public code for the next two minutes."""
    key = keys.current("entitlement")
    expires_at = now + timedelta(seconds=CODE_SECONDS)
    claims = {
        "sub": code,
        "scn": scenario,
        "aud": AUDIENCE,
        "iat": int(now.timestamp()),
        "exp": int(expires_at.timestamp()),
    }
    return SignedCode(jwt.encode(claims, key.private(), algorithm="EdDSA", headers={"kid": key.kid}), expires_at)


def read_code(keys: KeyRing, scanned: str, *, now: datetime) -> str:
    """Return the public code behind what was scanned or typed. Raises CodeUnreadable or CodeExpired (422)."""
    text = scanned.strip()
    if text.count(".") == 2:
        return _read_signed(keys, text, now)
    typed = normalise_public_code(text)
    if not is_public_code(typed):
        raise CodeUnreadable
    return typed


def _read_signed(keys: KeyRing, token: str, now: datetime) -> str:
    try:
        kid = str(jwt.get_unverified_header(token).get("kid"))
        key = keys.find(kid, "entitlement")
        claims = jwt.decode(
            token,
            key.public(),
            algorithms=["EdDSA"],
            audience=AUDIENCE,
            options={"verify_exp": False, "verify_iat": False, "require": ["sub", "exp"]},
        )
    except (jwt.InvalidTokenError, KeyRingError) as error:
        raise CodeUnreadable from error
    if int(claims["exp"]) + _LEEWAY_SECONDS < now.timestamp():
        raise CodeExpired
    return str(claims["sub"])
