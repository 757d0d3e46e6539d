"""Recalls as those concerned see them: a receiver its own, staff their area's, a subject who had her entry."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from xinyi_platform import audit
from xinyi_platform.identity import account_views, partner_names
from xinyi_platform.language import Text
from xinyi_platform.principals import Staff
from xinyi_platform.tenancy import area_of, everywhere
from xinyi_rewards.recalls.models import EntryReceipt, Recall
from xinyi_rewards.recalls.policy import recall_policy

MOST_SHOWN = 200
STAFF_NAME = Text("本平台工作人员导出", "exported by staff")


@dataclass(frozen=True, slots=True)
class Received:
    """One receiver of an entry: since when it has it, when it was told to stop, when it said that it did.

    `closed_at`: when the city closed what its receiver, who has left, can no longer answer.
    """

    name: Text
    since: datetime
    stop_told_at: datetime | None
    stopped_at: datetime | None
    closed_at: datetime | None


async def recalls_of(receivers: Collection[str], *, state: str = "") -> list[Recall]:
    """Return the recalls of a receiver, by all its names, of every area's lists: what waits first, then the newest."""
    rows = everywhere(Recall).filter(receiver__in=list(receivers), **({"state": state} if state else {}))
    return await rows.order_by("-state", "-issued_at", "id").limit(MOST_SHOWN)


async def unacknowledged(staff: Staff, *, besides: Collection[str] = ()) -> list[Recall]:
    """Return the recalls of an area that nobody has acknowledged, the oldest first; not those of `besides`."""
    silent = area_of(staff).bind(Recall.filter(state="issued").exclude(receiver__in=list(besides)))
    return await silent.order_by("issued_at", "id").limit(MOST_SHOWN)


async def record_look(staff: Staff, recalls: Sequence[Recall], *, at: datetime) -> None:
    """Put on record that a member of staff saw recalls, of which entries."""
    await audit.record(
        "entry_recall.view",
        actor=staff.label,
        object_kind="division",
        object_id=staff.division,
        detail={"entries": sorted({str(row.entry_id) for row in recalls})},
        at=at,
    )


def is_shut(row: Recall) -> bool:
    """Tell whether the receiver gets no further entries because of this recall."""
    return row.state == "issued" and row.chases >= recall_policy().shut_after_chases


async def receiver_names(receivers: Sequence[str]) -> dict[str, Text]:
    """Return what receivers are called: a partner by its name, a member of staff by her display name."""
    partners = await partner_names()
    staff = [UUID(text.partition(":")[2]) for text in receivers if text.startswith("staff:")]
    views = await account_views(staff)
    names = {f"partner:{key}": Text(name, name) for key, name in partners.items()}
    names |= {f"staff:{key}": Text(view.display_name, view.display_name) for key, view in views.items()}
    return {receiver: names.get(receiver, STAFF_NAME) for receiver in receivers}


async def who_received(entry_ids: Sequence[UUID]) -> dict[UUID, list[Received]]:
    """Return by entry who received it, as its subject sees it: machines by name, staff without a name."""
    receipts = await EntryReceipt.filter(entry_id__in=list(entry_ids)).order_by("first_at", "id")
    recalls = {(row.entry_id, row.receiver): row for row in await Recall.filter(entry_id__in=list(entry_ids))}
    partners = await partner_names()
    names = {f"partner:{key}": Text(name, name) for key, name in partners.items()}
    found: dict[UUID, list[Received]] = {entry_id: [] for entry_id in entry_ids}
    seen = set()
    for receipt in receipts:
        pair = (receipt.entry_id, receipt.receiver)
        if pair in seen:
            continue
        seen.add(pair)
        told = recalls.get(pair)
        found[receipt.entry_id].append(
            Received(
                names.get(receipt.receiver, STAFF_NAME),
                receipt.first_at,
                told.issued_at if told else None,
                told.acknowledged_at if told else None,
                told.closed_at if told else None,
            )
        )
    return found
