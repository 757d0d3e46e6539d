"""Write to the trail, in the transaction of the act itself."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from xinyi_platform.audit.models import AuditEntry
from xinyi_platform.ids import new_id


def audit_row(
    action: str,
    *,
    actor: str,
    object_kind: str,
    object_id: UUID | str,
    detail: Mapping[str, object],
    at: datetime,
) -> dict[str, Any]:
    """Return one act as a row for a bulk insert. `detail` must hold no personal data."""
    return {
        "id": new_id(),
        "at": at,
        "action": action,
        "actor": actor,
        "object_kind": object_kind,
        "object_id": str(object_id),
        "detail": dict(detail),
        "digest": "",
    }


async def record(
    action: str,
    *,
    actor: str,
    object_kind: str,
    object_id: UUID | str,
    detail: Mapping[str, object],
    at: datetime,
) -> None:
    """Record one act in the caller's transaction: it stands or falls with the act."""
    row = audit_row(action, actor=actor, object_kind=object_kind, object_id=object_id, detail=detail, at=at)
    await AuditEntry.create(**row)
