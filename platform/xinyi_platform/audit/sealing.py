"""Seal the trail: one sealer at a time numbers new rows and chains each to the one before by SHA-256."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC

from xinyi_platform.audit.models import AuditEntry
from xinyi_platform.database import transaction

GENESIS = "0" * 64


def digest_of(previous: str, entry: AuditEntry, sequence: int) -> str:
    """Return a row's digest: SHA-256 over the previous digest and the row as canonical JSON."""
    body = {
        "sequence": sequence,
        "id": str(entry.id),
        "at": entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "action": entry.action,
        "actor": entry.actor,
        "object_kind": entry.object_kind,
        "object_id": entry.object_id,
        "detail": entry.detail,
    }
    text = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(f"{previous}\n{text}".encode()).hexdigest()


async def seal_trail(*, limit: int = 2_000) -> int:
    """Seal up to `limit` rows; the job's lease keeps other sealers out. Returns how many were sealed."""
    async with transaction():
        last = await AuditEntry.filter(sequence__isnull=False).order_by("-sequence").first()
        previous, number = (last.digest, int(last.sequence or 0)) if last else (GENESIS, 0)
        waiting = await AuditEntry.filter(sequence=None).order_by("id").limit(limit)
        for entry in waiting:
            number += 1
            previous = digest_of(previous, entry, number)
            entry.sequence, entry.digest = number, previous
        if waiting:
            await AuditEntry.bulk_update(waiting, fields=["sequence", "digest"], batch_size=200)
    return len(waiting)
