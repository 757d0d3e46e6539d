"""A list on its way to the public: handed in, reviewed by as many other persons as its kind asks, or withdrawn."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from tortoise.exceptions import IntegrityError
from tortoise.expressions import F

from xinyi_platform import audit
from xinyi_platform.clock import local_date
from xinyi_platform.database import transaction
from xinyi_platform.database.bulk import bulk_insert
from xinyi_platform.identity import find_residents
from xinyi_platform.ids import new_id
from xinyi_platform.principals import Staff
from xinyi_platform.runtime import Runtime
from xinyi_rewards.deaths.recording import who_died
from xinyi_rewards.honor_lists.area_terms import kind_in
from xinyi_rewards.honor_lists.errors import (
    AlreadyReviewed,
    EntriesBarred,
    KindNotYours,
    ListChanged,
    ListEmpty,
    NothingToCorrect,
    OnlyItsMaker,
    OwnListReview,
)
from xinyi_rewards.honor_lists.kinds import kind_of
from xinyi_rewards.honor_lists.making import find_list, record
from xinyi_rewards.honor_lists.models import HonorEntry, HonorList, ListReview
from xinyi_rewards.honor_lists.noting import note
from xinyi_rewards.honor_lists.publishing import EntriesNoticed, on_a_black_list
from xinyi_rewards.honor_lists.states import FEED_PERSON, advance
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
    await _give_up(made, maker, "withdraw", "", at)


async def refuse_list(list_id: UUID, reviewer: Staff, *, comment: str, at: datetime) -> None:
    """Give up a list that somebody else made and that is not approved, also one whose maker has left, with the reason.

    Its entries free their places. Raises OwnListReview and KindNotYours (403), ListChanged (409).
    """
    made = await _for_review(list_id, reviewer)
    await _give_up(made, reviewer, "refuse", comment, at)


async def _give_up(made: HonorList, who: Staff, act: str, comment: str, at: datetime) -> None:
    if made.state not in ("draft", "in_review"):
        raise ListChanged
    async with transaction():
        await _move(made, made.state, "withdrawn", decided_at=at, comment=comment)
        entries = HonorEntry.filter(honor_list_id=made.id)
        end = advance(made.state, "withdraw")
        ids: list[UUID] = await entries.values_list("id", flat=True)  # type: ignore[assignment]
        await entries.update(state=end, slot=F("id"), ended_at=at, end_reason="withdrawn")
        if act == "refuse":
            await _enter_refusal(made, who, comment, at)
        await _record_each("withdraw", ids, who, at)
        await record(made, act, who, at, detail={"comment": comment} if comment else {})


async def _enter_refusal(made: HonorList, reviewer: Staff, comment: str, at: datetime) -> None:
    """Put a refusal into the list's story; who has had her one review of this turn gives the reason as a comment."""
    if await has_reviewed(made, reviewer):
        await note(made, "comment", reviewer, comment, at=at)
    else:
        await _enter(made, reviewer, "refuse", comment, at)


async def has_reviewed(made: HonorList, reviewer: Staff) -> bool:
    """Tell whether a person, by whichever account, has approved or sent back a list in its present turn."""
    return await ListReview.filter(honor_list_id=made.id, turn=made.turn, person=reviewer.person).exists()


async def send_back(list_id: UUID, reviewer: Staff, *, comment: str, at: datetime) -> None:
    """Return a list to its maker with a comment.

    Raises OwnListReview (403), NothingToCorrect and ListChanged (409).
    """
    made = await _for_review(list_id, reviewer)
    if made.maker_person == FEED_PERSON:
        raise NothingToCorrect
    async with transaction():
        await _move(made, "in_review", "draft", reviewer_id=reviewer.id, comment=comment, decided_at=at)
        await HonorEntry.filter(honor_list_id=made.id, state="in_review").update(state="draft")
        await _enter(made, reviewer, "send_back", comment, at)
        await record(made, "send_back", reviewer, at, detail={"comment": comment})


async def approve_list(runtime: Runtime, list_id: UUID, reviewer: Staff, *, turn: int, at: datetime) -> None:
    """Approve a list as it was at a `turn`; with the last approval that its kind asks for, its entries are noticed.

    Raises OwnListReview (403) for the maker, by whichever account, AlreadyReviewed and EntriesBarred (409), and
    ListChanged (409), also where the list was changed since it was read.
    """
    made = await _for_review(list_id, reviewer)
    async with transaction():
        # The counter's row lock puts reviewers in a row: the last one sees everybody's approval.
        waiting = HonorList.filter(id=made.id, state="in_review", turn=turn, approvals__lt=made.reviews_needed)
        if not await waiting.update(approvals=F("approvals") + 1):
            raise ListChanged
        await _enter(made, reviewer, "approve", "", at)
        await record(made, "approve", reviewer, at)
        if (await HonorList.get(id=made.id)).approvals == made.reviews_needed:
            await _move(made, "in_review", "approved", reviewer_id=reviewer.id, decided_at=at)
            await _refuse_barred(made, at)
            await _notice(runtime, made, reviewer, at)


async def _refuse_barred(made: HonorList, at: datetime) -> None:
    """What was right when a list was made may be wrong by now. Raises EntriesBarred (409)."""
    is_red, names = kind_of(made.kind).colour == "red", list[str]()
    waiting = HonorEntry.filter(honor_list_id=made.id, state="in_review")
    rows: list[tuple[str, str]] = await waiting.values_list("identity_index", "name_masked")
    for start in range(0, len(rows), _CHUNK):
        chunk = dict(rows[start : start + _CHUNK])
        barred = await who_died(chunk) | (await on_a_black_list(chunk, at=at) if is_red else set[str]())
        names += [chunk[index] for index in sorted(barred)]
    if names:
        raise EntriesBarred(count=len(names), names="、".join(names[:10]))


async def _notice(runtime: Runtime, made: HonorList, reviewer: Staff, at: datetime) -> None:
    """Let those concerned see their entry; it is public when notice and the term to object are over.

    Of what is made here the term to object runs from this day on, and after publication where the notice is shorter.
    """
    await _bind_residents(runtime, made.id)
    kind = await kind_in(kind_of(made.kind), made.division, on=local_date(at))
    after_notice = at + timedelta(days=kind.notice_days)
    entries = HonorEntry.filter(honor_list_id=made.id, state="in_review")
    terms: list[date | None] = await entries.distinct().values_list("objection_until", flat=True)  # type: ignore[assignment]
    for until in terms:
        publish_at = max(after_notice, over_at(until)) if until else after_notice
        due = HonorEntry.filter(honor_list_id=made.id, state="in_review", objection_until=until)
        known: list[tuple[UUID, UUID]] = await due.filter(resident_id__isnull=False).values_list("id", "resident_id")
        shops: list[tuple[UUID, UUID]] = await due.filter(merchant_id__isnull=False).values_list("id", "merchant_id")
        await due.update(state="noticed", publish_at=publish_at)
        if (known or shops) and publish_at > at:  # else they are told with the publication, which is at once
            await runtime.events.publish(EntriesNoticed(made.kind, tuple(known), publish_at, at, tuple(shops)))
    mine = HonorEntry.filter(honor_list_id=made.id, state="noticed")
    if kind.colour == "red":
        await mine.update(objection_until=local_date(at) + timedelta(days=kind.objection_days))
    ids: list[UUID] = await mine.values_list("id", flat=True)  # type: ignore[assignment]
    await _record_each("notice", ids, reviewer, at)


async def _record_each(act: str, entry_ids: Sequence[UUID], who: Staff, at: datetime) -> None:
    """Put an act on a whole list on the trail of each of its entries; joins the caller's transaction."""
    for start in range(0, len(entry_ids), _CHUNK):
        rows = [
            audit.audit_row(
                f"honor_entry.{act}",
                actor=who.label,
                object_kind="honor_entry",
                object_id=entry_id,
                detail={},
                at=at,
            )
            for entry_id in entry_ids[start : start + _CHUNK]
        ]
        await bulk_insert(audit.AuditEntry, rows)


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
