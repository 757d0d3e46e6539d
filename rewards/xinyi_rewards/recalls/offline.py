"""Checking an entry without network: a signed, dated list of the entries that are published, and what it says of one.

It holds salted digests of entries' numbers and no person's data. Nothing here reads a database or a clock.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

import jwt
from jwt.types import Options

from xinyi_platform.keys import KeyRing

AUDIENCE = "xinyi:honor-list"
CLOCK_LEEWAY = timedelta(days=1)  # a snapshot from further ahead means that this device's clock is wrong
_BYTES = 12
_UNTIMED: Options = {"verify_exp": False, "verify_iat": False}


class Verdict(StrEnum):
    """What a snapshot tells of an entry. CANNOT TELL is no "no"."""

    LISTED = "LISTED"
    NOT_LISTED = "NOT LISTED"
    CANNOT_TELL = "CANNOT TELL"


class SnapshotUnreadable(ValueError):
    """It was not signed by the city, or is for another purpose."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListSnapshot:
    """One kind's published entries at `taken_at`, good until `good_until`."""

    kind: str
    taken_at: datetime
    good_until: datetime
    salt: str
    entries: frozenset[str]


def sign_snapshot(keys: KeyRing, kind: str, entry_ids: Iterable[UUID], *, good_for: timedelta, at: datetime) -> str:
    """Sign the published entries of a kind, as digests under a salt of this snapshot's own."""
    salt, key = secrets.token_urlsafe(12), keys.current("certificate")
    claims = {
        "aud": AUDIENCE,
        "iat": int(at.timestamp()),
        "good_until": int((at + good_for).timestamp()),
        "kind": kind,
        "salt": salt,
        "entries": sorted(_digest(salt, entry_id) for entry_id in entry_ids),
    }
    return jwt.encode(claims, key.private(), algorithm="EdDSA", headers={"kid": key.kid})


def read_snapshot(jwks: Mapping[str, Any], token: str) -> ListSnapshot:
    """Return what a snapshot says. Raises SnapshotUnreadable."""
    try:
        kid = jwt.get_unverified_header(token).get("kid")
        key = next(key for key in jwt.PyJWKSet.from_dict(dict(jwks)).keys if key.key_id == kid)
        claims = jwt.decode(token, key, algorithms=["EdDSA"], audience=AUDIENCE, options=_UNTIMED)
    except (jwt.PyJWTError, StopIteration) as error:
        raise SnapshotUnreadable("not signed by the city") from error
    return ListSnapshot(
        kind=str(claims["kind"]),
        taken_at=datetime.fromtimestamp(claims["iat"], UTC),
        good_until=datetime.fromtimestamp(claims["good_until"], UTC),
        salt=str(claims["salt"]),
        entries=frozenset(claims["entries"]),
    )


def verify_offline(snapshot: ListSnapshot, entry_id: UUID, *, at: datetime) -> tuple[Verdict, timedelta]:
    """Say what a snapshot tells of an entry, and the snapshot's age. What it does not hold is not to be used."""
    age = at - snapshot.taken_at
    if _digest(snapshot.salt, entry_id) not in snapshot.entries:
        return Verdict.NOT_LISTED, age
    if at > snapshot.good_until or age < -CLOCK_LEEWAY:
        return Verdict.CANNOT_TELL, age
    return Verdict.LISTED, age


def _digest(salt: str, entry_id: UUID) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(f"{salt}:{entry_id}".encode()).digest()[:_BYTES]).decode("ascii")
