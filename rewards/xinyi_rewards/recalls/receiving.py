"""Put on record who receives an entry, in the act that gives it out, and send published entries to subscribers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

from tortoise.expressions import Subquery

from xinyi_platform import outbox
from xinyi_platform.database.bulk import bulk_insert
from xinyi_platform.identity import partners_with_scope
from xinyi_platform.ids import new_id
from xinyi_platform.tenancy import everywhere
from xinyi_rewards.honor_lists.models import HonorEntry
from xinyi_rewards.honor_lists.publishing import DisplayChanged, EntryPublished
from xinyi_rewards.recalls.models import EntryReceipt
from xinyi_rewards.recalls.silence import silent_among

SCOPE = "lists"
PUBLISHED = "honor_entry.published"
Channel = Literal["webhook", "api", "export"]
_CHUNK = 2_000


def audience_of(partner_id: UUID) -> str:
    return f"partner:{partner_id}"


async def record_receipts(entry_ids: Sequence[UUID], receiver: str, channel: Channel, *, at: datetime) -> None:
    """Put on record that a receiver got entries; a second time only its last day changes. Joins the transaction."""
    for start in range(0, len(entry_ids), _CHUNK):
        chunk = entry_ids[start : start + _CHUNK]
        rows = [
            {
                "id": new_id(),
                "entry_id": entry_id,
                "receiver": receiver,
                "channel": channel,
                "first_at": at,
                "last_at": at,
                "is_recalled": False,
            }
            for entry_id in chunk
        ]
        await EntryReceipt.filter(entry_id__in=chunk, receiver=receiver, channel=channel).update(last_at=at)
        await bulk_insert(EntryReceipt, rows, skip_conflicts=True)


async def receivers_of(entry_id: UUID) -> list[str]:
    """Return everybody who received an entry, by name of receiver."""
    receipts = await EntryReceipt.filter(entry_id=entry_id).order_by("receiver").values_list("receiver", flat=True)
    return list(dict.fromkeys(str(receiver) for receiver in receipts))


async def mark_recalled(entry_id: UUID, receivers: Sequence[str]) -> None:
    """Note that receivers of an entry were told to stop. Joins the transaction."""
    await EntryReceipt.filter(entry_id=entry_id, receiver__in=list(receivers)).update(is_recalled=True)


async def received_after_all(*, limit: int) -> list[tuple[HonorEntry, list[str]]]:
    """Return entries that are over, with those receivers on record who were not told to stop."""
    over = everywhere(HonorEntry).filter(ended_at__isnull=False)
    missed = EntryReceipt.filter(is_recalled=False, entry_id__in=Subquery(over.values("id")))
    found: dict[UUID, list[str]] = {}
    for receipt in await missed.order_by("entry_id", "receiver").limit(limit):
        found.setdefault(receipt.entry_id, []).append(receipt.receiver)
    entries = await everywhere(HonorEntry).filter(id__in=list(found))
    return [(entry, list(dict.fromkeys(found[entry.id]))) for entry in entries]


async def send_published(news: EntryPublished) -> None:
    """Tell the partners that hold the scope and wait for such news. Joins the publication's transaction.

    A receipt is kept for each, since a webhook leaves whether or not somebody reads the list afterwards. Who is silent
    on recalls gets nothing.
    """
    partners = [audience_of(partner_id) for partner_id in await partners_with_scope(SCOPE)]
    waiting = await outbox.subscribed_to(PUBLISHED, partners)
    for audience in sorted(waiting - set(await silent_among(waiting))):
        payload = {"entry": str(news.entry_id), "kind": news.kind, "valid_until": news.valid_until.isoformat()}
        await outbox.emit(PUBLISHED, payload, audience=audience, at=news.at)
        await record_receipts([news.entry_id], audience, "webhook", at=news.at)


async def send_display(news: DisplayChanged) -> None:
    """Tell whoever received an entry to pause its use while it is contested, or to resume. Joins the transaction."""
    topic = "honor_entry.suspended" if news.is_suspended else "honor_entry.resumed"
    for receiver in await receivers_of(news.entry_id):
        if receiver.startswith("partner:"):
            await outbox.emit(topic, {"entry": str(news.entry_id)}, audience=receiver, at=news.at)
