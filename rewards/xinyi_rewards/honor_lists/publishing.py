"""Publish entries when their notice is over, end them when they expire, and tell what hangs on them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from xinyi_platform import audit, outbox
from xinyi_platform.database import transaction
from xinyi_platform.identity import find_resident_by_identity
from xinyi_platform.masking import mask_name
from xinyi_platform.runtime import Runtime
from xinyi_platform.tenancy import everywhere
from xinyi_rewards.honor_lists.kinds import kind_of
from xinyi_rewards.honor_lists.models import HonorEntry
from xinyi_rewards.honor_lists.states import advance
from xinyi_rewards.honor_lists.subjects import IDENTITY_FIELD, NAME_FIELD


@dataclass(frozen=True, slots=True)
class EntriesNoticed:
    """Entries of one kind are under notice; told in the same transaction. `entries`: those of known residents."""

    kind: str
    entries: tuple[tuple[UUID, UUID], ...]
    publish_at: datetime
    at: datetime


@dataclass(frozen=True, slots=True)
class EntryPublished:
    """An entry is public from now on; told in the same transaction."""

    entry_id: UUID
    kind: str
    resident_id: UUID | None
    valid_until: datetime
    at: datetime
    merchant_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class EntryEnded:
    """An entry is over: repaired, expired or revoked; told in the same transaction."""

    entry_id: UUID
    kind: str
    resident_id: UUID | None
    reason: str
    at: datetime
    merchant_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class DisplayChanged:
    """An entry is contested and not shown for the time being, or is shown again; told in the same transaction."""

    entry_id: UUID
    merchant_id: UUID | None
    is_suspended: bool
    at: datetime


async def publish_due(runtime: Runtime, *, limit: int = 500) -> int:
    """Publish the entries whose notice is over and that nobody contests. Returns how many."""
    now = runtime.clock.now()
    due = await HonorEntry.filter(state="noticed", publish_at__lte=now, display_suspended=False).limit(limit)
    for entry in due:
        await publish_entry(runtime, entry, at=now)
    return len(due)


async def publish_entry(runtime: Runtime, entry: HonorEntry, *, at: datetime) -> None:
    """Publish one noticed entry and give what hangs on it, in one transaction; a second time does nothing."""
    resident_id = await _resident_of(runtime, entry)
    valid_until = entry.valid_until or at + timedelta(days=kind_of(entry.kind).validity_days)
    async with transaction():
        changed = await HonorEntry.filter(id=entry.id, state="noticed", display_suspended=False).update(
            state=advance("noticed", "publish"), published_at=at, valid_until=valid_until, resident_id=resident_id
        )
        if not changed:
            return
        await audit.record(
            "honor_entry.publish",
            actor="job:publish",
            object_kind="honor_entry",
            object_id=entry.id,
            detail={"kind": entry.kind},
            at=at,
        )
        if resident_id:
            news = {"entry": str(entry.id), "kind": entry.kind}
            await outbox.emit("honor_entry.published", news, audience=f"resident:{resident_id}", at=at)
        await runtime.events.publish(
            EntryPublished(entry.id, entry.kind, resident_id, valid_until, at, entry.merchant_id)
        )


async def _resident_of(runtime: Runtime, entry: HonorEntry) -> UUID | None:
    if entry.merchant_id is not None:
        return None
    name = runtime.keys.decrypt(entry.name_cipher, field=NAME_FIELD)
    number = runtime.keys.decrypt(entry.identity_cipher, field=IDENTITY_FIELD)
    return await find_resident_by_identity(runtime, name, number)


async def end_entry(runtime: Runtime, entry_id: UUID, event: str, *, actor: str, reason: str, at: datetime) -> bool:
    """End an entry (repair, expire, revoke): page and measures in one transaction. False if it had ended."""
    entry = await everywhere(HonorEntry).get(id=entry_id)
    target = advance(entry.state, event)
    async with transaction():
        changed = (
            await everywhere(HonorEntry)
            .filter(id=entry_id, state=entry.state)
            .update(state=target, slot=str(entry_id), ended_at=at, end_reason=reason, **_masked_again(entry))
        )
        if not changed:
            return False
        await audit.record(
            f"honor_entry.{event}",
            actor=actor,
            object_kind="honor_entry",
            object_id=entry_id,
            detail={"kind": entry.kind, "reason": reason, **_lateness(entry, event, at)},
            at=at,
        )
        await runtime.events.publish(EntryEnded(entry_id, entry.kind, entry.resident_id, reason, at, entry.merchant_id))
    return True


def _masked_again(entry: HonorEntry) -> dict[str, str]:
    """With the end goes the consent to show a full name."""
    return {"name_masked": mask_name(entry.name_masked), "name_form": "masked"} if entry.name_form == "full" else {}


def _lateness(entry: HonorEntry, event: str, at: datetime) -> dict[str, object]:
    """Put on record by how many whole hours an expiry came late; the public saw nothing of the entry meanwhile."""
    if event != "expire" or entry.valid_until is None:
        return {}
    return {"late_hours": int((at - entry.valid_until).total_seconds() // 3600)}


async def expire_entries(runtime: Runtime, *, limit: int = 500) -> int:
    """End the entries whose validity is over. Returns how many."""
    now = runtime.clock.now()
    due = await HonorEntry.filter(state="published", valid_until__lte=now).limit(limit)
    for entry in due:
        await end_entry(runtime, entry.id, "expire", actor="job:expire", reason="validity over", at=now)
    return len(due)
