"""What each act on a commitment leaves: a step on its timeline, a line on the trail, news to those concerned."""

from __future__ import annotations

from datetime import datetime

from xinyi_platform import audit, outbox
from xinyi_platform.identity import partners_with
from xinyi_platform.ids import new_id
from xinyi_platform.notices import notify
from xinyi_scenarios.commitments.models import CommitmentStep, SignedCommitment
from xinyi_scenarios.commitments.notices import news_of
from xinyi_scenarios.manifests.offices import scene_scope

SCOPE = "commitments"


async def tell(row: SignedCommitment, event: str, *, actor: str, at: datetime, paper: str = "", text: str = "") -> None:
    """Write what happened, in the caller's transaction."""
    await CommitmentStep.create(
        id=new_id(), commitment_id=row.id, event=event, actor=actor, paper=paper, text=text, at=at
    )
    detail = {"scenario": row.scenario, "state": row.state, "due": row.due_on.isoformat()}
    more = {name: value for name, value in (("paper", paper), ("reason", text)) if value}
    await audit.record(
        f"commitment.{event}",
        actor=actor,
        object_kind="commitment",
        object_id=row.id,
        detail={**detail, **more},
        at=at,
    )
    offices = await partners_with(SCOPE, scene_scope(row.scenario))
    for audience in (f"resident:{row.resident_id}", *(f"partner:{office.id}" for office in offices)):
        await outbox.emit(
            f"commitment.{event}", {"commitment": str(row.id), **detail, **more}, audience=audience, at=at
        )
    piece = news_of(row, event, paper=paper, said=text, at=at)
    if piece:
        await notify(piece, at=at)
