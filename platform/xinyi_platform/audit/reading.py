"""Read what the trail says of one object, for those whom it concerns."""

from __future__ import annotations

from collections.abc import Sequence

from xinyi_platform.audit.models import AuditEntry


async def acts_on(object_kind: str, object_id: object, *, actions: Sequence[str], limit: int = 100) -> list[AuditEntry]:
    """Return the newest acts of the given names on an object."""
    acts = AuditEntry.filter(object_kind=object_kind, object_id=str(object_id), action__in=list(actions))
    return await acts.order_by("-at", "-id").limit(limit)
