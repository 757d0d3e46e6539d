"""Recall an entry from everybody who received it, with its end; chase whoever does not acknowledge."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from xinyi_platform import audit, outbox
from xinyi_platform.database import transaction
from xinyi_platform.database.bulk import bulk_insert
from xinyi_platform.errors import NotFound
from xinyi_platform.ids import new_id
from xinyi_platform.jobs.apart import done_apart
from xinyi_platform.keys import KeyRing
from xinyi_platform.runtime import Runtime
from xinyi_platform.tenancy import everywhere
from xinyi_rewards.honor_lists.publishing import EntryEnded
from xinyi_rewards.honor_lists.reading import division_of
from xinyi_rewards.recalls.models import Recall
from xinyi_rewards.recalls.policy import recall_policy
from xinyi_rewards.recalls.receiving import mark_recalled, received_after_all, receivers_of
from xinyi_rewards.recalls.statements import sign_statement

BATCH = 200
TOPIC, CHASED = "honor_entry.recalled", "honor_entry.recall_chased"


class Recaller:
    """Listens for the end of entries, and signs what follows from it."""

    def __init__(self, keys: KeyRing, issuer: str) -> None:
        self._keys, self._issuer = keys, issuer

    async def entry_ended(self, news: EntryEnded) -> None:
        """Tell every receiver to stop, in the transaction of the end."""
        receivers = await receivers_of(news.entry_id)
        if receivers:
            await self.recall(news.entry_id, news.kind, receivers, since=news.at, at=news.at)

    async def recall(
        self, entry_id: UUID, kind: str, receivers: Sequence[str], *, since: datetime, at: datetime
    ) -> int:
        """Tell receivers to stop using an entry that is over `since`; returns how many were told anew.

        Joins the transaction. Who was told before is left out, by a unique constraint.
        """
        row = {
            "entry_id": entry_id,
            "division": await division_of(entry_id),
            "kind": kind,
            "state": "issued",
            "issued_at": at,
            "chase_at": at + recall_policy().acknowledge_within,
            "chases": 0,
            "reason": "",
        }
        rows = [
            {**row, "id": new_id(), "receiver": receiver, "statement": self._sign(entry_id, receiver, since)}
            for receiver in receivers
        ]
        told = await bulk_insert(Recall, rows, skip_conflicts=True)
        await mark_recalled(entry_id, receivers)
        for one in rows:
            if one["id"] in told:
                await _send(TOPIC, Recall(**one), at=at)
        return len(told)

    def _sign(self, entry_id: UUID, receiver: str, since: datetime) -> str:
        return sign_statement(self._keys, self._issuer, entry_id=entry_id, receiver=receiver, at=since)


async def recall_missed(runtime: Runtime) -> int:
    """Recall what is over from every receiver on record that was not told with the end. Returns of how many entries."""
    recaller, now, told = Recaller(runtime.keys, runtime.settings.public_url), runtime.clock.now(), 0
    for entry, receivers in await received_after_all(limit=BATCH):
        act = recaller.recall(entry.id, entry.kind, receivers, since=entry.ended_at or now, at=now)
        told += await done_apart(act, "recall_failed", entry=entry.id)
    return told


async def _send(topic: str, row: Recall, *, at: datetime) -> None:
    """Send a recall to a machine; a member of staff finds hers in the console."""
    if not row.receiver.startswith("partner:"):
        return
    payload = {"recall": str(row.id), "entry": str(row.entry_id), "kind": row.kind, "statement": row.statement}
    await outbox.emit(topic, payload, audience=row.receiver, at=at)


async def acknowledge(recall_id: UUID, receivers: Collection[str], *, actor: str, at: datetime) -> Recall:
    """Note that a receiver has stopped using the entry; a second time changes nothing. Raises NotFound (404).

    `receivers` are all names of the one who answers. Hers wherever it was listed: a member of staff who serves
    another area by now still has to answer.
    """
    row = await everywhere(Recall).get_or_none(id=recall_id, receiver__in=list(receivers))
    if row is None:
        raise NotFound
    async with transaction():
        waiting = everywhere(Recall).filter(id=row.id, state="issued")
        if await waiting.update(state="acknowledged", acknowledged_at=at):
            await record_recall("acknowledge", row, actor, at)
    return await everywhere(Recall).get(id=row.id)


async def chase_due(runtime: Runtime) -> int:
    """Recall what was missed, and remind who has not acknowledged in time. Returns how many were told or reminded."""
    now, chased = runtime.clock.now(), await recall_missed(runtime)
    silent = Recall.filter(state="issued", chase_at__lte=now).order_by("chase_at").limit(BATCH)
    for row in await silent:
        chased += await done_apart(_chase(row, now), "recall_chase_failed", recall=row.id)
    return chased


async def _chase(row: Recall, now: datetime) -> bool:
    same = Recall.filter(id=row.id, state="issued", chase_at=row.chase_at)
    if not await same.update(chases=row.chases + 1, chase_at=now + recall_policy().acknowledge_within):
        return False
    await _send(CHASED, row, at=now)
    await record_recall("chase", row, "job:recalls", now)
    return True


async def record_recall(act: str, row: Recall, actor: str, at: datetime, **more: object) -> None:
    """Put an act on a recall on the trail of its entry; joins the caller's transaction."""
    await audit.record(
        f"entry_recall.{act}",
        actor=actor,
        object_kind="honor_entry",
        object_id=row.entry_id,
        detail={"recall": str(row.id), "receiver": row.receiver, **more},
        at=at,
    )
