"""What could not be taken is a task of the city's credit office until somebody notes how it was dealt with."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from xinyi_platform import audit
from xinyi_platform.database import transaction
from xinyi_platform.divisions import is_city
from xinyi_platform.errors import Conflict, NotFound
from xinyi_platform.language import Text
from xinyi_platform.principals import Staff
from xinyi_platform.tasks.collecting import MOST_SHOWN, Task
from xinyi_rewards.feed.models import FeedRow
from xinyi_rewards.honor_lists.texts import kept_text

_DEAL = Text("处理未接收的平台推送", "Deal with what the bureau's feed could not bring")


class PieceNotRefused(Conflict):
    code = "piece_not_refused"
    text = Text("该推送已接收、正在重试或已处理。", "It was taken, is tried again, or was dealt with already.")


async def settle_piece(piece_id: UUID, staff: Staff, *, note: str, at: datetime) -> FeedRow:
    """Note how a refused piece was dealt with, once.

    Raises NotFound (404), InvalidField (400) without a note, PieceNotRefused (409).
    """
    row = await FeedRow.get_or_none(id=piece_id)
    if row is None:
        raise NotFound
    said = kept_text(note, "note", least=2, most=400, may_wrap=True)
    async with transaction():
        open_one = FeedRow.filter(id=piece_id, outcome="refused", settled_at__isnull=True)
        if not await open_one.update(settled_at=at, settled_by=staff.label, note=said):
            raise PieceNotRefused
        await audit.record(
            "bureau_feed.settle", actor=staff.label, object_kind="bureau_feed", object_id=piece_id,
            detail={"number": row.number}, at=at,
        )  # fmt: skip
    return await FeedRow.get(id=piece_id)


async def feed_tasks(staff: Staff) -> list[Task]:
    """Return the refused pieces that nobody has dealt with; the city's own."""
    if not is_city(staff.division):
        return []
    waiting = FeedRow.filter(outcome="refused", settled_at__isnull=True).order_by("number")
    return [
        Task(
            kind=_DEAL,
            title=f"{row.number} {row.document_no}".strip(),
            href="/console/feed",
            due_on=None,
            division=staff.division,
        )
        for row in await waiting.limit(MOST_SHOWN)
    ]
