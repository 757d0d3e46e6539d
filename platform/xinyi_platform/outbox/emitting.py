"""Write news in the caller's transaction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from xinyi_platform.ids import new_id
from xinyi_platform.outbox.models import OutboxEvent


def outbox_row(topic: str, payload: Mapping[str, object], *, audience: str, at: datetime) -> dict[str, Any]:
    """Return one piece of news as a row for a bulk insert."""
    return {
        "id": new_id(),
        "topic": topic,
        "audience": audience,
        "payload": dict(payload),
        "created_at": at,
        "routed": False,
    }


async def emit(topic: str, payload: Mapping[str, object], *, audience: str, at: datetime) -> None:
    """Write one piece of news; it leaves when the caller's transaction commits, and never when it does not."""
    await OutboxEvent.create(**outbox_row(topic, payload, audience=audience, at=at))
