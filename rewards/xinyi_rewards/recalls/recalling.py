"""Recall an entry from everybody who received it, with its end; chase whoever does not acknowledge."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from xinyi_platform import audit, outbox
from xinyi_platform.database import transaction
from xinyi_platform.database.bulk import bulk_insert
from xinyi_platform.errors import Forbidden, NotFound
from xinyi_platform.ids import new_id
from xinyi_platform.keys import KeyRing
from xinyi_platform.language import Text
from xinyi_platform.runtime import Runtime
from xinyi_rewards.honor_lists.publishing import EntryEnded
from xinyi_rewards.honor_lists.reading import division_of
from xinyi_rewards.recalls.models import Recall
from xinyi_rewards.recalls.policy import recall_policy
from xinyi_rewards.recalls.receiving import receivers_of
from xinyi_rewards.recalls.statements import sign_statement

BATCH = 200
TOPIC, CHASED = "honor_entry.recalled", "honor_entry.recall_chased"


class RecallsOpen(Forbidden):
    """A receiver that stays silent on recalls gets no further entries. Values: `open`."""

    code = "recalls_open"
    text = Text(
        "有{open}条停止使用通知多次提醒仍未确认,确认后方可继续获取名单。",
        "{open} recalls are unacknowledged after several reminders; acknowledge them to read lists again.",
    )


class Recaller:
    """Listens for the end of entries, and signs what follows from it."""

    def __init__(self, keys: KeyRing, issuer: str) -> None:
        self._keys, self._issuer = keys, issuer

    async def entry_ended(self, news: EntryEnded) -> None:
        """Tell every receiver to stop, in the transaction of the end."""
        receivers = await receivers_of(news.entry_id)
        if not receivers:
            return
        division = await division_of(news.entry_id)
        chase_at = news.at + recall_policy().acknowledge_within
        rows: list[dict[str, object]] = [
            {
                "id": new_id(),
                "entry_id": news.entry_id,
                "receiver": receiver,
                "division": division,
                "kind": news.kind,
                "state": "issued",
                "statement": sign_statement(
                    self._keys, self._issuer, entry_id=news.entry_id, receiver=receiver, at=news.at
                ),
                "issued_at": news.at,
                "chase_at": chase_at,
                "chases": 0,
            }
            for receiver in receivers
        ]
        await bulk_insert(Recall, rows)
        for row in rows:
            await _send(TOPIC, Recall(**row), at=news.at)


async def _send(topic: str, row: Recall, *, at: datetime) -> None:
    """Send a recall to a machine; a member of staff finds hers in the console."""
    if not row.receiver.startswith("partner:"):
        return
    payload = {"recall": str(row.id), "entry": str(row.entry_id), "kind": row.kind, "statement": row.statement}
    await outbox.emit(topic, payload, audience=row.receiver, at=at)


async def acknowledge(recall_id: UUID, receiver: str, *, at: datetime) -> Recall:
    """Note that a receiver has stopped using the entry; a second time changes nothing. Raises NotFound (404)."""
    row = await Recall.get_or_none(id=recall_id, receiver=receiver)
    if row is None:
        raise NotFound
    async with transaction():
        waiting = Recall.filter(id=row.id, state="issued")
        if await waiting.update(state="acknowledged", acknowledged_at=at):
            await _record("acknowledge", row, receiver, at)
    return await Recall.get(id=row.id)


async def chase_due(runtime: Runtime) -> int:
    """Remind each receiver that has not acknowledged in time. Returns how many reminders went out."""
    now, chased = runtime.clock.now(), 0
    silent = Recall.filter(state="issued", chase_at__lte=now).order_by("chase_at").limit(BATCH)
    for row in await silent:
        async with transaction():
            same = Recall.filter(id=row.id, state="issued", chase_at=row.chase_at)
            next_at = now + recall_policy().acknowledge_within
            if not await same.update(chases=row.chases + 1, chase_at=next_at):
                continue
            await _send(CHASED, row, at=now)
            await _record("chase", row, "job:recalls", now)
            chased += 1
    return chased


async def refuse_the_silent(receiver: str) -> None:
    """Raise RecallsOpen (403) for a receiver that has let reminders pass."""
    silent = await Recall.filter(
        receiver=receiver, state="issued", chases__gte=recall_policy().shut_after_chases
    ).count()
    if silent:
        raise RecallsOpen(open=silent)


async def _record(act: str, row: Recall, actor: str, at: datetime) -> None:
    await audit.record(
        f"entry_recall.{act}",
        actor=actor,
        object_kind="honor_entry",
        object_id=row.entry_id,
        detail={"recall": str(row.id), "receiver": row.receiver},
        at=at,
    )
