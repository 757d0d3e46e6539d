"""What each act on a ticket leaves: a line on the trail, and news to the resident and to the fair's gates."""

from __future__ import annotations

from datetime import datetime

from xinyi_platform import audit, outbox
from xinyi_platform.identity import partners_with
from xinyi_scenarios.fairs.models import FairTicket
from xinyi_scenarios.manifests.offices import scene_scope

SCOPE = "fairs"


async def tell(ticket: FairTicket, event: str, *, actor: str, at: datetime, **more: object) -> None:
    """Write what happened, in the caller's transaction."""
    detail = {"scenario": ticket.scenario, "day": ticket.day.isoformat(), "slot": ticket.slot, **more}
    await audit.record(
        f"fair_ticket.{event}", actor=actor, object_kind="fair_ticket", object_id=ticket.id, detail=detail, at=at
    )
    news = {"ticket": str(ticket.id), "state": ticket.state, **detail}
    await outbox.emit(f"fair_ticket.{event}", news, audience=f"resident:{ticket.resident_id}", at=at)
    await tell_gates(ticket.scenario, f"fair_ticket.{event}", news, at=at)


async def tell_gates(scenario: str, topic: str, news: dict[str, object], *, at: datetime) -> None:
    """Send news to the partners who keep a fair's gates, in the caller's transaction."""
    for gate in await partners_with(SCOPE, scene_scope(scenario)):
        await outbox.emit(topic, news, audience=f"partner:{gate.id}", at=at)
