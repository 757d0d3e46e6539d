"""A gate without network: what it takes along, and what it says to a code that is shown to it.

Nothing here reads a database or a clock. A gate takes a signed snapshot of the day's tickets along with the city's
published keys; it lists salted digests, so that a snapshot that is lost lets nobody in. What it admits it keeps, and
settles when it is connected again.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any

import jwt
from jwt.types import Options

from xinyi_platform.ids import is_public_code, normalise_public_code
from xinyi_platform.keys import KeyRing
from xinyi_scenarios.entitlements.codes import AUDIENCE as CODE_AUDIENCE
from xinyi_scenarios.fairs.models import FairTicket
from xinyi_scenarios.fairs.terms import EARLY

AUDIENCE = "xinyi:fair"
# A screen that was refreshed a moment ago on a phone whose clock is a little off is still good.
LEEWAY_SECONDS = 60
UNTIMED: Options = {"verify_exp": False, "verify_iat": False}


class Verdict(StrEnum):
    """What a gate says. CANNOT_TELL is no refusal: the ticket may be younger than the snapshot."""

    ADMIT = "ADMIT"
    DUPLICATE = "DUPLICATE"
    NOT_NOW = "NOT NOW"
    EXPIRED = "EXPIRED"
    NOT_OURS = "NOT OURS"
    CANNOT_TELL = "CANNOT TELL"


class SnapshotUnreadable(ValueError):
    """The snapshot was not signed by the city, or is for another purpose."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The tickets of one fair on one day, as they were at `taken_at`: digest → first and last second of entry."""

    scenario: str
    day: date
    taken_at: datetime
    salt: str
    tickets: Mapping[str, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class GateAnswer:
    """The verdict, and the public code where one could be read."""

    verdict: Verdict
    code: str = ""


def sign_snapshot(keys: KeyRing, scenario: str, day: date, tickets: Iterable[FairTicket], *, at: datetime) -> str:
    """Sign the snapshot of a day's tickets."""
    salt = secrets.token_urlsafe(12)
    listed = {
        _digest(salt, ticket.code): [int((ticket.begins_at - EARLY).timestamp()), int(ticket.ends_at.timestamp())]
        for ticket in tickets
    }
    key = keys.current("entitlement")
    claims = {
        "aud": AUDIENCE, "iat": int(at.timestamp()), "scn": scenario, "day": day.isoformat(), "salt": salt,
        "tickets": listed,
    }  # fmt: skip
    return jwt.encode(claims, key.private(), algorithm="EdDSA", headers={"kid": key.kid})


def read_snapshot(jwks: Mapping[str, Any], token: str) -> Snapshot:
    """Return what a snapshot says. Raises SnapshotUnreadable."""
    claims = _verified(jwks, token, AUDIENCE)
    if claims is None:
        raise SnapshotUnreadable("the snapshot does not carry the city's signature")
    return Snapshot(
        scenario=str(claims["scn"]),
        day=date.fromisoformat(claims["day"]),
        taken_at=datetime.fromtimestamp(claims["iat"], UTC),
        salt=str(claims["salt"]),
        tickets={digest: (begins, ends) for digest, (begins, ends) in claims["tickets"].items()},
    )


def verify_at_gate(
    snapshot: Snapshot, jwks: Mapping[str, Any], shown: str, *, at: datetime, admitted: Collection[str]
) -> GateAnswer:
    """Say whether to let in who shows a code, scanned or typed. `admitted`: the codes that this gate let in."""
    text = shown.strip()
    if text.count(".") == 2:
        claims = _verified(jwks, text, CODE_AUDIENCE)
        if claims is None or claims.get("scn") != snapshot.scenario:
            return GateAnswer(Verdict.NOT_OURS)
        code = str(claims["sub"])
        if int(claims["exp"]) + LEEWAY_SECONDS < at.timestamp():
            return GateAnswer(Verdict.EXPIRED, code)
    else:
        code = normalise_public_code(text)
        if not is_public_code(code):
            return GateAnswer(Verdict.NOT_OURS)
    if code in admitted:
        return GateAnswer(Verdict.DUPLICATE, code)
    hours = snapshot.tickets.get(_digest(snapshot.salt, code))
    if hours is None:
        return GateAnswer(Verdict.CANNOT_TELL, code)
    return GateAnswer(Verdict.ADMIT if hours[0] <= at.timestamp() < hours[1] else Verdict.NOT_NOW, code)


def _digest(salt: str, code: str) -> str:
    digest = hashlib.sha256(f"{salt}:{code}".encode()).digest()
    return base64.urlsafe_b64encode(digest[:15]).decode("ascii")


def _verified(jwks: Mapping[str, Any], token: str, audience: str) -> dict[str, Any] | None:
    try:
        kid = jwt.get_unverified_header(token).get("kid")
        key = next((key for key in jwt.PyJWKSet.from_dict(dict(jwks)).keys if key.key_id == kid), None)
        if key is None:
            return None
        return jwt.decode(token, key, algorithms=["EdDSA"], audience=audience, options=UNTIMED)
    except jwt.PyJWTError:
        return None
