"""Close the recall of somebody who has left: nobody else can say that her sheets are deleted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from xinyi_platform.database import transaction
from xinyi_platform.errors import Conflict, NotFound
from xinyi_platform.identity import account_views, accounts_of
from xinyi_platform.language import Text
from xinyi_platform.principals import Staff
from xinyi_platform.tenancy import area_of
from xinyi_rewards.honor_lists.texts import kept_text
from xinyi_rewards.recalls.models import Recall
from xinyi_rewards.recalls.recalling import record_recall


class RecallNotOrphaned(Conflict):
    """Its receiver can still acknowledge it, or has, or it was closed before."""

    code = "recall_not_orphaned"
    text = Text(
        "只能办结已离岗人员尚未确认的通知。", "Only a recall that somebody who has left did not acknowledge is closed."
    )


async def close_recall(recall_id: UUID, staff: Staff, *, reason: str, at: datetime) -> None:
    """Close a recall whose receiver has left, with the reason, which is put on the trail.

    Raises NotFound (404), InvalidField (400), RecallNotOrphaned (409).
    """
    row = await area_of(staff).bind(Recall.filter(id=recall_id)).first()
    if row is None:
        raise NotFound
    why = kept_text(reason, "reason", least=2, most=400, may_wrap=True)
    if not await without_receiver([row]):
        raise RecallNotOrphaned
    async with transaction():
        if not await Recall.filter(id=row.id, state="issued").update(state="closed", closed_at=at, reason=why):
            raise RecallNotOrphaned
        await record_recall("close", row, staff.label, at, reason=why)


async def without_receiver(rows: Sequence[Recall]) -> set[UUID]:
    """Return which recalls no account can acknowledge any more: each of their receiver's is closed."""
    accounts = {row.id: UUID(row.receiver.partition(":")[2]) for row in rows if row.receiver.startswith("staff:")}
    views = await account_views(set(accounts.values()))
    gone = set()
    for account_id in set(accounts.values()):
        view = views.get(account_id)
        others = await accounts_of(view.person, kind="staff") if view and not view.active else []
        if view is None or (not view.active and not any(other.active for other in others)):
            gone.add(account_id)
    return {recall_id for recall_id, account_id in accounts.items() if account_id in gone}
