"""Objections: the subject contests an entry, its display stops, and another person decides by a date."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from tortoise.exceptions import IntegrityError

from xinyi_platform import audit
from xinyi_platform.clock import local_date
from xinyi_platform.database import transaction
from xinyi_platform.errors import InvalidField, NotFound
from xinyi_platform.ids import new_id
from xinyi_platform.principals import Staff
from xinyi_platform.runtime import Runtime
from xinyi_platform.tenancy import area_of
from xinyi_platform.workdays import add_working_days
from xinyi_rewards.honor_lists.documents import clean_documents, keep_documents
from xinyi_rewards.honor_lists.errors import ObjectionDecided, ObjectionOpen, OwnListReview
from xinyi_rewards.honor_lists.models import HonorEntry, HonorList, Objection
from xinyi_rewards.honor_lists.parties import Party
from xinyi_rewards.honor_lists.publishing import end_entry, hold_display, lock_entry, release_display
from xinyi_rewards.honor_lists.states import SHOWN
from xinyi_rewards.honor_lists.telling import tell_decided

DECIDE_WORKING_DAYS = 10


def stops_display(entry: HonorEntry, objected: Collection[UUID], *, at: datetime) -> bool:
    """Tell whether an objection filed now takes an entry off the page: the first one does, and any within the term."""
    within = entry.objection_until is not None and local_date(at) <= entry.objection_until
    return within or entry.id not in objected


async def object_to_entry(
    runtime: Runtime, party: Party, entry_id: UUID, *, reason: str, pictures: Sequence[bytes] = (), at: datetime
) -> Objection:
    """File an objection to one's own entry, with documents, at any time until it ends.

    The first one, and every one within the term to object, suspends the entry's display in the same transaction. A
    later one is decided by its day like any other, and the entry is shown meanwhile.
    Raises NotFound (404, also for another's entry), ObjectionOpen (409), TooManyDocuments, InvalidPicture (422) and
    PictureTooLarge (413).
    """
    cleaned = await clean_documents(pictures)
    async with transaction():
        entry = await HonorEntry.filter(id=entry_id, state__in=SHOWN, **party.columns).select_for_update().first()
        if entry is None:
            raise NotFound
        objection = await _enter(entry, party, reason, at)
        await keep_documents(runtime, entry_id, cleaned, slot=str(objection.id), at=at)
        await _record("objection.file", party.actor, entry_id, at)
        if objection.suspends:
            await hold_display(runtime, entry, at=at)
    return objection


async def add_documents(
    runtime: Runtime, party: Party, objection_id: UUID, pictures: Sequence[bytes], *, at: datetime
) -> None:
    """Hand in the documents of one's open objection, in the place of those handed in before.

    Raises NotFound (404), ObjectionDecided (409) and what `object_to_entry` raises of pictures.
    """
    objection = await Objection.get_or_none(id=objection_id, **party.columns)
    if objection is None:
        raise NotFound
    cleaned = await clean_documents(pictures)
    async with transaction():
        if not await Objection.filter(id=objection_id, state="open").update(state="open"):
            raise ObjectionDecided
        await keep_documents(runtime, objection.entry_id, cleaned, slot=str(objection_id), at=at)
        await _record("objection.documents", party.actor, objection.entry_id, at)


async def _enter(entry: HonorEntry, party: Party, reason: str, at: datetime) -> Objection:
    objected = [entry.id] if await Objection.filter(entry_id=entry.id).exists() else []
    suspends = stops_display(entry, objected, at=at)
    try:
        async with transaction():
            return await Objection.create(
                id=new_id(),
                entry_id=entry.id,
                suspends=suspends,
                slot="open",
                reason=reason,
                state="open",
                created_at=at,
                decide_by=add_working_days(local_date(at), DECIDE_WORKING_DAYS),
                **party.columns,
            )
    except IntegrityError as error:
        raise ObjectionOpen from error


async def decide_objection(
    runtime: Runtime, objection_id: UUID, staff: Staff, *, upheld: bool | None, reason: str, at: datetime
) -> None:
    """Uphold an objection (the entry ends) or dismiss it (a display that it suspended returns), with the reason.

    `upheld` None, where nothing was chosen, decides nothing. Raises NotFound (404), OwnListReview (403) for the list's
    maker, InvalidField (400) without a verdict, ObjectionDecided (409).
    """
    mine = area_of(staff).bind(Objection.filter(id=objection_id), "entry__honor_list__division")
    objection = await mine.first().prefetch_related("entry")
    if objection is None:
        raise NotFound
    made = await HonorList.get(id=objection.entry.honor_list_id)
    if made.maker_person == staff.person:
        raise OwnListReview
    if upheld is None:
        raise InvalidField(field="verdict", zh="请选择成立或不成立。", en="Uphold it or dismiss it.")
    state = "upheld" if upheld else "dismissed"
    async with transaction():
        entry = await lock_entry(objection.entry_id)
        changed = await Objection.filter(id=objection_id, state="open").update(
            state=state, slot=str(objection_id), decided_at=at, decided_by=staff.id, decision_reason=reason
        )
        if not changed:
            raise ObjectionDecided
        if upheld and entry.state in SHOWN:  # what has ended by itself needs no further end
            await end_entry(runtime, entry.id, "revoke", actor=staff.label, reason=reason, at=at)
        elif objection.suspends:
            await release_display(runtime, entry, at=at)
        await _record(f"objection.{state}", staff.label, objection.entry_id, at)
        await tell_decided(objection, entry, state, reason, at=at)


async def _record(action: str, actor: str, entry_id: UUID, at: datetime) -> None:
    await audit.record(action, actor=actor, object_kind="honor_entry", object_id=entry_id, detail={}, at=at)
