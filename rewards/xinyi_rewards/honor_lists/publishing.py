"""Publish entries when their notice is over, end them when they expire, and tell what hangs on them.

An entry is locked before it is judged, and before anything that belongs to it: whoever else changes it waits, and then
finds it changed. A sweep takes each entry by itself, so that one that cannot be done holds no other up.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from tortoise.expressions import F, Subquery
from tortoise.queryset import QuerySet

from xinyi_platform import audit, outbox
from xinyi_platform.database import transaction
from xinyi_platform.database.among import texts_among
from xinyi_platform.identity import find_resident_by_identity
from xinyi_platform.masking import mask_name
from xinyi_platform.runtime import Runtime
from xinyi_platform.tenancy import everywhere
from xinyi_rewards.honor_lists.endings import EXIT_ON_CAUSE, VALIDITY_OVER
from xinyi_rewards.honor_lists.kinds import kind_of
from xinyi_rewards.honor_lists.models import HonorEntry
from xinyi_rewards.honor_lists.states import ENDED, SHOWN, advance
from xinyi_rewards.honor_lists.subjects import IDENTITY_FIELD, NAME_FIELD

BATCH = 500
BUSY_SECONDS = 20.0
"""How long one run of a sweep goes on while there is more to do; the next run is seconds away."""
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class EntriesNoticed:
    """Entries of one kind are under notice; told in the same transaction.

    `entries` are those of known residents, `shop_entries` those of merchants, each with whom it is about.
    """

    kind: str
    entries: tuple[tuple[UUID, UUID], ...]
    publish_at: datetime
    at: datetime
    shop_entries: tuple[tuple[UUID, UUID], ...] = ()


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
class EntryFound(EntryPublished):
    """A published entry found its subject, who became a resident later; told in the same transaction."""


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
    resident_id: UUID | None = None


async def publish_due(runtime: Runtime, *, busy_seconds: float = BUSY_SECONDS) -> int:
    """Publish the entries whose notice is over and that nobody contests. Returns how many."""
    now = runtime.clock.now()
    due = HonorEntry.filter(state="noticed", publish_at__lte=now, display_suspended=False)

    async def publish(entry: HonorEntry) -> bool:
        return await publish_entry(runtime, entry, at=now)

    return await _sweep(due, "publish_at", publish, at=now, busy_seconds=busy_seconds)


async def _sweep(
    due: QuerySet[HonorEntry],
    order: str,
    act: Callable[[HonorEntry], Awaitable[bool]],
    *,
    at: datetime,
    busy_seconds: float = BUSY_SECONDS,
) -> int:
    """Do what is due, the oldest first. One that fails stays due, is passed over in this run, and is a task from then.

    `at` is when the run began.
    """
    done, passed, until = 0, set[UUID](), time.monotonic() + busy_seconds
    while True:
        batch = await due.exclude(id__in=list(passed)).order_by(order, "id").limit(BATCH)
        for entry in batch:
            try:
                changed = await act(entry)
            except Exception as failure:
                changed = False
                log.error("honor_entry_failed", entry=str(entry.id), error=type(failure).__name__)
                await everywhere(HonorEntry).filter(id=entry.id, stuck_since=None).update(stuck_since=at)
            done += changed
            if not changed:
                passed.add(entry.id)
        if len(batch) < BATCH or time.monotonic() > until:
            return done


async def lock_entry(entry_id: UUID) -> HonorEntry:
    """Return an entry of whichever area, and hold its row until the caller's transaction ends."""
    return await everywhere(HonorEntry).select_for_update().get(id=entry_id)


async def publish_entry(runtime: Runtime, entry: HonorEntry, *, at: datetime) -> bool:
    """Publish one noticed entry and give what hangs on it, in one transaction; a second time does nothing.

    What is over by then, and a place on a red list of somebody on a black one, ends instead. What was deferred
    meanwhile waits for its new day. True where it was published.
    """
    resident_id = await _resident_of(runtime, entry)
    async with transaction():
        held = await lock_entry(entry.id)
        if held.state != "noticed" or held.display_suspended or held.publish_at is None or held.publish_at > at:
            return False
        resident_id = held.resident_id or resident_id
        valid_until = held.valid_until or at + timedelta(days=kind_of(held.kind).validity_days)
        if valid_until <= at:
            await end_entry(runtime, held.id, "expire", actor="job:expire", reason=VALIDITY_OVER, at=at)
            return False
        if is_red(held) and await _black_now(at).filter(identity_index=held.identity_index).exists():
            await end_entry(runtime, held.id, "revoke", actor="job:publish", reason=EXIT_ON_CAUSE, at=at)
            return False
        await HonorEntry.filter(id=held.id).update(
            state=advance("noticed", "publish"),
            published_at=at,
            valid_until=valid_until,
            resident_id=resident_id,
            stuck_since=None,
        )
        await _record("publish", held, "job:publish", {"kind": held.kind}, at)
        await _tell_published(runtime, held, resident_id, valid_until, at)
        if not is_red(held):
            await _end_red_of(runtime, held.identity_index, at)
    return True


async def _tell_published(
    runtime: Runtime, entry: HonorEntry, resident_id: UUID | None, valid_until: datetime, at: datetime
) -> None:
    if resident_id:
        news = {"entry": str(entry.id), "kind": entry.kind}
        await outbox.emit("honor_entry.published", news, audience=f"resident:{resident_id}", at=at)
    await runtime.events.publish(EntryPublished(entry.id, entry.kind, resident_id, valid_until, at, entry.merchant_id))


async def _resident_of(runtime: Runtime, entry: HonorEntry) -> UUID | None:
    if entry.merchant_id is not None:
        return None
    name = runtime.keys.decrypt(entry.name_cipher, field=NAME_FIELD)
    number = runtime.keys.decrypt(entry.identity_cipher, field=IDENTITY_FIELD)
    return await find_resident_by_identity(runtime, name, number)


def is_red(entry: HonorEntry) -> bool:
    """Tell whether an entry honours its subject; the others warn of it."""
    return entry.kind.startswith("red-")


def _black_now(at: datetime) -> QuerySet[HonorEntry]:
    """Return the published, uncontested entries of black lists: the only ones that count against anybody."""
    return everywhere(HonorEntry).filter(
        state="published", display_suspended=False, valid_until__gt=at, kind__startswith="black-"
    )


async def on_a_black_list(indexes: Collection[str], *, at: datetime) -> set[str]:
    """Return those of some subjects' blind indexes that stand on a black list, published and uncontested."""
    return await texts_among(_black_now(at), "identity_index", indexes)


async def _end_red_of(runtime: Runtime, index: str, at: datetime) -> None:
    red = everywhere(HonorEntry).filter(identity_index=index, state__in=SHOWN, kind__startswith="red-")
    for entry_id in await red.values_list("id", flat=True):
        await end_entry(runtime, UUID(str(entry_id)), "revoke", actor="job:publish", reason=EXIT_ON_CAUSE, at=at)


async def end_red_of_listed(runtime: Runtime) -> int:
    """End the places on red lists of those who stand on a black one, whichever came first. Returns how many."""
    now = runtime.clock.now()
    barred = Subquery(_black_now(now).values("identity_index"))
    red = everywhere(HonorEntry).filter(state__in=SHOWN, kind__startswith="red-", identity_index__in=barred)

    async def leave(entry: HonorEntry) -> bool:
        return await end_entry(runtime, entry.id, "revoke", actor="job:publish", reason=EXIT_ON_CAUSE, at=now)

    return await _sweep(red, "created_at", leave, at=now)


async def end_entry(runtime: Runtime, entry_id: UUID, event: str, *, actor: str, reason: str, at: datetime) -> bool:
    """End an entry (repair, expire, revoke): page and measures in one transaction. False if it had ended.

    What kept it from being displayed has nothing left to hold.
    """
    async with transaction():
        entry = await lock_entry(entry_id)
        if entry.state in ENDED:
            return False
        target = advance(entry.state, event)
        await (
            everywhere(HonorEntry)
            .filter(id=entry_id)
            .update(
                state=target,
                slot=str(entry_id),
                ended_at=at,
                end_reason=reason,
                display_suspended=False,
                display_holds=0,
                stuck_since=None,
                **_masked_again(entry),
            )
        )
        await _record(event, entry, actor, {"kind": entry.kind, "reason": reason, **_lateness(entry, event, at)}, at)
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


async def expire_entries(runtime: Runtime) -> int:
    """End the entries whose validity is over, published or still under notice. Returns how many."""
    now = runtime.clock.now()
    due = HonorEntry.filter(state__in=SHOWN, valid_until__lte=now)

    async def expire(entry: HonorEntry) -> bool:
        return await end_entry(runtime, entry.id, "expire", actor="job:expire", reason=VALIDITY_OVER, at=now)

    return await _sweep(due, "valid_until", expire, at=now)


async def hold_display(runtime: Runtime, entry: HonorEntry, *, at: datetime) -> None:
    """Take an entry off every page while something about it is looked into; joins the caller's transaction.

    The caller holds the entry's row. Each hold is let go by itself; what is held twice is shown after both are gone.
    """
    await (
        everywhere(HonorEntry).filter(id=entry.id).update(display_holds=F("display_holds") + 1, display_suspended=True)
    )
    if not entry.display_suspended:
        await runtime.events.publish(DisplayChanged(entry.id, entry.merchant_id, True, at, entry.resident_id))


async def release_display(runtime: Runtime, entry: HonorEntry, *, at: datetime) -> None:
    """Let one hold go; with the last one an entry that has not ended is shown again. The caller holds its row."""
    held = everywhere(HonorEntry).filter(id=entry.id, state__in=SHOWN)
    await held.filter(display_holds__gt=0).update(display_holds=F("display_holds") - 1)
    if await held.filter(display_holds=0, display_suspended=True).update(display_suspended=False):
        await runtime.events.publish(DisplayChanged(entry.id, entry.merchant_id, False, at, entry.resident_id))


async def _record(act: str, entry: HonorEntry, actor: str, detail: dict[str, object], at: datetime) -> None:
    await audit.record(
        f"honor_entry.{act}", actor=actor, object_kind="honor_entry", object_id=entry.id, detail=detail, at=at
    )
