"""A list on its way to the public: handed in, reviewed by as many other persons as its kind asks, or withdrawn."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

from tortoise.exceptions import IntegrityError
from tortoise.expressions import F

from xinyi_platform.clock import local_date
from xinyi_platform.database import transaction
from xinyi_platform.identity import find_residents
from xinyi_platform.ids import new_id
from xinyi_platform.principals import Staff
from xinyi_platform.runtime import Runtime
from xinyi_rewards.honor_lists.area_terms import kind_in
from xinyi_rewards.honor_lists.errors import (
    AlreadyReviewed,
    KindNotYours,
    ListChanged,
    ListEmpty,
    OnlyItsMaker,
    OwnListReview,
)
from xinyi_rewards.honor_lists.kinds import kind_of
from xinyi_rewards.honor_lists.making import find_list, record
from xinyi_rewards.honor_lists.models import HonorEntry, HonorList, ListReview
from xinyi_rewards.honor_lists.publishing import EntriesNoticed
from xinyi_rewards.honor_lists.states import advance
from xinyi_rewards.honor_lists.subjects import NAME_FIELD
from xinyi_rewards.honor_lists.terms import over_at

_CHUNK = 2_000


async def submit_list(list_id: UUID, maker: Staff, *, at: datetime) -> None:
    """Hand a draft in for review. Raises OnlyItsMaker (403), ListEmpty and ListChanged (409)."""
    made = await _own(list_id, maker)
    if not await HonorEntry.filter(honor_list_id=made.id).exists():
        raise ListEmpty
    async with transaction():
        await _move(made, "draft", "in_review", submitted_at=at, approvals=0, turn=made.turn + 1)
        await HonorEntry.filter(honor_list_id=made.id, state="draft").update(state="in_review")
        await record(made, "submit", maker, at)


async def withdraw_list(list_id: UUID, maker: Staff, *, at: datetime) -> None:
    """Take a list back that nobody has seen yet; its entries free their places. Only its maker may."""
    made = await _own(list_id, maker)
    if made.state not in ("draft", "in_review"):
        raise ListChanged
    async with transaction():
        await _move(made, made.state, "withdrawn", decided_at=at)
        for entry in await HonorEntry.filter(honor_list_id=made.id).only("id", "state"):
            await HonorEntry.filter(id=entry.id).update(
                state=advance(entry.state, "withdraw"), slot=str(entry.id), ended_at=at, end_reason="withdrawn"
            )
        await record(made, "withdraw", maker, at)


async def send_back(list_id: UUID, reviewer: Staff, *, comment: str, at: datetime) -> None:
    """Return a list to its maker with a comment. Raises OwnListReview (403) and ListChanged (409)."""
    made = await _for_review(list_id, reviewer)
    async with transaction():
        await _move(made, "in_review", "draft", reviewer_id=reviewer.id, comment=comment, decided_at=at)
        await HonorEntry.filter(honor_list_id=made.id, state="in_review").update(state="draft")
        await _enter(made, reviewer, "send_back", comment, at)
        await record(made, "send_back", reviewer, at, detail={"comment": comment})


async def approve_list(runtime: Runtime, list_id: UUID, reviewer: Staff, *, at: datetime) -> None:
    """Approve a list; with the last approval that its kind asks for, its entries are noticed.

    Raises OwnListReview (403) for the maker, by whichever account, AlreadyReviewed and ListChanged (409).
    """
    made = await _for_review(list_id, reviewer)
    async with transaction():
        # The counter's row lock puts reviewers in a row: the last one sees everybody's approval.
        waiting = HonorList.filter(id=made.id, state="in_review", turn=made.turn, approvals__lt=made.reviews_needed)
        if not await waiting.update(approvals=F("approvals") + 1):
            raise ListChanged
        await _enter(made, reviewer, "approve", "", at)
        await record(made, "approve", reviewer, at)
        if (await HonorList.get(id=made.id)).approvals == made.reviews_needed:
            await _move(made, "in_review", "approved", reviewer_id=reviewer.id, decided_at=at)
            await _notice(runtime, made, at)


async def _notice(runtime: Runtime, made: HonorList, at: datetime) -> None:
    """Let those concerned see their entry; it is public when notice and the term to object are over."""
    await _bind_residents(runtime, made.id)
    kind = await kind_in(kind_of(made.kind), made.division, on=local_date(at))
    after_notice = at + timedelta(days=kind.notice_days)
    entries = HonorEntry.filter(honor_list_id=made.id, state="in_review")
    terms: list[date | None] = await entries.distinct().values_list("objection_until", flat=True)  # type: ignore[assignment]
    for until in terms:
        publish_at = max(after_notice, over_at(until)) if until else after_notice
        due = HonorEntry.filter(honor_list_id=made.id, state="in_review", objection_until=until)
        known: list[tuple[UUID, UUID]] = await due.filter(resident_id__isnull=False).values_list("id", "resident_id")
        await due.update(state="noticed", publish_at=publish_at)
        if known and publish_at > at:
            await runtime.events.publish(EntriesNoticed(made.kind, tuple(known), publish_at, at))


async def _bind_residents(runtime: Runtime, list_id: UUID) -> None:
    """Let those residents of the city who are on a list see their entry from the day of its notice."""
    persons = HonorEntry.filter(honor_list_id=list_id, state="in_review", merchant_id=None)
    ciphers = await persons.values_list("identity_index", "name_cipher")
    for start in range(0, len(ciphers), _CHUNK):
        chunk = ciphers[start : start + _CHUNK]
        names = {index: runtime.keys.decrypt(cipher, field=NAME_FIELD) for index, cipher in chunk}
        for index, resident_id in (await find_residents(runtime, names)).items():
            await HonorEntry.filter(honor_list_id=list_id, identity_index=index).update(resident_id=resident_id)


async def _own(list_id: UUID, maker: Staff) -> HonorList:
    made = await find_list(list_id, maker)
    if made.maker_person != maker.person:
        raise OnlyItsMaker
    return made


async def _for_review(list_id: UUID, reviewer: Staff) -> HonorList:
    made = await find_list(list_id, reviewer)
    if made.maker_person == reviewer.person or made.maker_id == reviewer.id:
        raise OwnListReview
    if not kind_of(made.kind).may_review(reviewer.roles):
        raise KindNotYours
    return made


async def _enter(made: HonorList, reviewer: Staff, verdict: str, comment: str, at: datetime) -> None:
    try:
        async with transaction():
            await ListReview.create(
                id=new_id(),
                honor_list_id=made.id,
                turn=made.turn,
                person=reviewer.person,
                staff_id=reviewer.id,
                verdict=verdict,
                comment=comment,
                at=at,
            )
    except IntegrityError as error:
        raise AlreadyReviewed from error


async def _move(made: HonorList, source: str, target: str, **values: object) -> None:
    if not await HonorList.filter(id=made.id, state=source).update(state=target, **values):
        raise ListChanged
