"""A subject's place in a training: booked and given back before it begins, reminded of, freed with her entry."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from tortoise.expressions import F

from xinyi_platform.clock import local_date
from xinyi_platform.database import transaction
from xinyi_platform.database.bulk import bulk_insert
from xinyi_platform.divisions import is_within
from xinyi_platform.errors import NotFound
from xinyi_platform.ids import new_id, new_public_code
from xinyi_platform.jobs.apart import done_apart
from xinyi_platform.runtime import Runtime
from xinyi_platform.tenancy import everywhere
from xinyi_rewards.assistance.errors import NothingToHelp, TrainingFull, TrainingNotOpen
from xinyi_rewards.assistance.models import TrainingBooking, TrainingSession
from xinyi_rewards.assistance.planning import record_training
from xinyi_rewards.assistance.states import HELPED
from xinyi_rewards.assistance.telling import tell_soon
from xinyi_rewards.honor_lists.models import HonorEntry
from xinyi_rewards.honor_lists.parties import Party, entry_of
from xinyi_rewards.honor_lists.publishing import EntryEnded, lock_entry
from xinyi_rewards.repairs.checking import is_repairable_kind

BATCH = 200


async def help_entry(party: Party, entry_id: UUID) -> HonorEntry:
    """Return a subject's own entry of a kind that is helped with, also one that is over. Raises NotFound (404)."""
    entry = await entry_of(party, entry_id)
    if not is_repairable_kind(entry):
        raise NotFound
    return entry


async def helped_entry(party: Party, entry_id: UUID) -> HonorEntry:
    """Return an entry that can be helped with now. Raises NotFound (404), NothingToHelp (409) once it is over."""
    entry = await help_entry(party, entry_id)
    if entry.state not in HELPED:
        raise NothingToHelp
    return entry


async def hold_helped(entry_id: UUID) -> None:
    """Hold an entry that is helped with; joins the caller's transaction. Raises NothingToHelp (409) once it is over."""
    if (await lock_entry(entry_id)).state not in HELPED:
        raise NothingToHelp


async def book_place(party: Party, entry_id: UUID, training_id: UUID, *, at: datetime) -> None:
    """Hold a place because of an entry; a second time changes nothing.

    Raises NotFound (404, also for a training of another division), NothingToHelp, TrainingNotOpen, TrainingFull (409).
    """
    entry = await helped_entry(party, entry_id)
    training = await _for(party, training_id)
    if training.state != "planned" or at >= training.starts_at:
        raise TrainingNotOpen
    row: dict[str, object] = {
        "id": new_id(), "training_id": training_id, "entry_id": entry.id, "subject_id": party.subject_id,
        "subject_kind": "resident" if party.resident_id else "merchant", "number": new_public_code(), "booked_at": at,
        "is_reminded": local_date(training.starts_at) <= local_date(at),
    }  # fmt: skip
    async with transaction():
        await hold_helped(entry.id)
        if not await bulk_insert(TrainingBooking, [row], skip_conflicts=True):
            return
        free = TrainingSession.filter(id=training_id, state="planned", taken__lt=F("capacity"))
        if not await free.update(taken=F("taken") + 1):
            is_planned = await TrainingSession.exists(id=training_id, state="planned")
            raise TrainingFull if is_planned else TrainingNotOpen
        await record_training("book", training_id, party.actor, at, entry=str(entry.id))


async def give_place_back(party: Party, entry_id: UUID, training_id: UUID, *, at: datetime) -> None:
    """Give one's place back, once, before it begins. Raises NotFound (404), TrainingNotOpen (409)."""
    await help_entry(party, entry_id)
    mine = TrainingBooking.filter(training_id=training_id, subject_id=party.subject_id)
    if not await mine.exists():
        raise NotFound
    training = await _for(party, training_id, is_held=True)
    if training.state != "planned" or at >= training.starts_at:
        raise TrainingNotOpen
    async with transaction():
        if not await mine.delete():
            raise NotFound
        await TrainingSession.filter(id=training_id).update(taken=F("taken") - 1)
        await record_training("give_back", training_id, party.actor, at)


async def _for(party: Party, training_id: UUID, *, is_held: bool = False) -> TrainingSession:
    """Return a training of the subject's division, or one where she holds a place. Raises NotFound (404)."""
    training = await TrainingSession.get_or_none(id=training_id)
    if training is None or not (is_held or is_within(party.division, training.division)):
        raise NotFound
    return training


async def remind_of_trainings(runtime: Runtime) -> int:
    """Remind those whose training is tomorrow (or, late, today), once. Returns how many."""
    now, reminded = runtime.clock.now(), 0
    tomorrow = local_date(now) + timedelta(days=1)
    near = TrainingBooking.filter(
        is_reminded=False, training__state="planned", training__starts_at__gt=now,
        training__starts_at__lte=now + timedelta(days=2),
    )  # fmt: skip
    for booking in await near.order_by("training__starts_at", "id").limit(BATCH).prefetch_related("training"):
        if local_date(booking.training.starts_at) > tomorrow:
            break
        reminded += await done_apart(_remind(booking, now), "training_reminder_failed", booking=booking.id)
    return reminded


async def _remind(booking: TrainingBooking, now: datetime) -> bool:
    if not await TrainingBooking.filter(id=booking.id, is_reminded=False).update(is_reminded=True):
        return False
    training = await TrainingSession.get_or_none(id=booking.training_id, state="planned")
    if training is None:
        return False
    await tell_soon(booking, training, at=now)
    return True


async def free_places(news: EntryEnded) -> None:
    """Give back the places in trainings to come that an ended entry was the reason for; joins the ending."""
    held = everywhere(TrainingBooking).filter(entry_id=news.entry_id, attended_at=None)
    for booking in await held.filter(training__starts_at__gt=news.at, training__state="planned"):
        if await everywhere(TrainingBooking).filter(id=booking.id).delete():
            await everywhere(TrainingSession).filter(id=booking.training_id).update(taken=F("taken") - 1)
            await record_training("free", booking.training_id, "assistance", news.at, entry=str(news.entry_id))
