"""Check the trail: from the database, or from an exported file with no server and only the public keys."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from xinyi_platform.audit.models import AuditEntry
from xinyi_platform.audit.sealing import GENESIS, digest_of
from xinyi_platform.keys import KeyRing

_PAGE = 1_000


@dataclass(frozen=True, slots=True)
class Break:
    """The first place where the chain does not hold."""

    sequence: int
    what: str


def verify_rows(rows: Iterable[AuditEntry]) -> Break | None:
    """Walk sealed rows in order and return the first break, or None when the chain is whole."""
    previous, expected = GENESIS, 1
    for row in rows:
        if row.sequence != expected:
            return Break(expected, "a row is missing")
        if digest_of(previous, row, expected) != row.digest:
            return Break(expected, "a row was changed")
        previous, expected = row.digest, expected + 1
    return None


async def sealed_rows() -> list[AuditEntry]:
    """Return every sealed row, in order."""
    return [row async for row in _pages()]


async def _pages() -> AsyncIterator[AuditEntry]:
    after = 0
    while page := await AuditEntry.filter(sequence__gt=after).order_by("sequence").limit(_PAGE):
        for row in page:
            yield row
        after = int(page[-1].sequence or 0)


async def export_trail(keys: KeyRing, *, at: datetime) -> dict[str, Any]:
    """Return the sealed trail with a signed checkpoint over its last digest, for a file that outlives the server."""
    rows = await sealed_rows()
    head = rows[-1].digest if rows else GENESIS
    key = keys.current("audit")
    signed = f"xinyi audit checkpoint\n{len(rows)}\n{head}\n{at.isoformat()}".encode()
    return {
        "checkpoint": {
            "count": len(rows),
            "digest": head,
            "at": at.isoformat(),
            "kid": key.kid,
            "signature": base64.b64encode(key.private().sign(signed)).decode(),
        },
        "keys": keys.public_keys("audit"),
        "rows": [_as_json(row) for row in rows],
    }


def verify_export(document: dict[str, Any], trusted: list[dict[str, str]] | None = None) -> Break | None:
    """Check an exported trail: the chain, then the checkpoint's signature by `trusted` keys (default: the file's)."""
    rows = [_from_json(row) for row in document["rows"]]
    broken = verify_rows(rows)
    if broken:
        return broken
    point = document["checkpoint"]
    head = rows[-1].digest if rows else GENESIS
    if point["count"] != len(rows) or point["digest"] != head:
        return Break(len(rows), "the checkpoint is of another trail")
    signed = f"xinyi audit checkpoint\n{point['count']}\n{point['digest']}\n{point['at']}".encode()
    keys = {key["kid"]: key for key in (trusted or document["keys"])}
    if point["kid"] not in keys:
        return Break(len(rows), "the checkpoint's key is not trusted")
    raw = base64.urlsafe_b64decode(keys[point["kid"]]["x"] + "=")
    try:
        Ed25519PublicKey.from_public_bytes(raw).verify(base64.b64decode(point["signature"]), signed)
    except InvalidSignature:
        return Break(len(rows), "the checkpoint's signature does not fit")
    return None


def _as_json(row: AuditEntry) -> dict[str, Any]:
    copy: dict[str, Any] = json.loads(
        json.dumps(
            {
                "id": str(row.id),
                "at": row.at.isoformat(),
                "action": row.action,
                "actor": row.actor,
                "object_kind": row.object_kind,
                "object_id": row.object_id,
                "detail": row.detail,
                "sequence": row.sequence,
                "digest": row.digest,
            }
        )
    )
    return copy


def _from_json(row: dict[str, Any]) -> AuditEntry:
    return AuditEntry(**{**row, "at": datetime.fromisoformat(row["at"])})
