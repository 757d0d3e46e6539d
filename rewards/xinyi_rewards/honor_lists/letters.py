"""The printed letter to an entry's subject: the decision and how to repair it, in one envelope (两书同达).

Source: 国办发〔2025〕22号 (the notice on how to repair goes out together with the decision).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from tortoise.exceptions import IntegrityError

from xinyi_platform import audit
from xinyi_platform.clock import local_date
from xinyi_platform.database import transaction
from xinyi_platform.errors import InvalidField, NotFound
from xinyi_platform.ids import new_id
from xinyi_platform.principals import Staff
from xinyi_platform.runtime import Runtime
from xinyi_rewards.honor_lists.errors import LetterSent, ListChanged
from xinyi_rewards.honor_lists.models import EntryLetter, HonorEntry, HonorList
from xinyi_rewards.honor_lists.states import SHOWN
from xinyi_rewards.honor_lists.subjects import NAME_FIELD


@dataclass(frozen=True, slots=True)
class Letter:
    """What is printed: the entry with its subject's full name, and the letter that was sent, if one was."""

    entry: HonorEntry
    name: str
    sent: EntryLetter | None


async def letter_about(runtime: Runtime, entry_id: UUID, staff: Staff, *, at: datetime) -> Letter:
    """Return the letter of an entry in review, under notice or published; that its full name was read is on record.

    Raises NotFound (404).
    """
    entry = await _told(entry_id, ("in_review", *SHOWN))
    async with transaction():
        await _record("letter_read", staff, entry_id, at)
    name = runtime.keys.decrypt(entry.name_cipher, field=NAME_FIELD)
    return Letter(entry, name, await EntryLetter.get_or_none(entry_id=entry_id))


async def send_letter(entry_id: UUID, staff: Staff, *, sent_on: date, tracking: str, at: datetime) -> EntryLetter:
    """Put down that the letter was posted. Raises NotFound (404), InvalidField (400), ListChanged and LetterSent (409).

    Nothing is posted before the list is approved.
    """
    entry = await _told(entry_id, ("in_review", *SHOWN))
    if entry.state == "in_review":
        raise ListChanged
    approved_at = (await list_of(entry_id)).decided_at
    if approved_at is None or not local_date(approved_at) <= sent_on <= local_date(at):
        raise InvalidField(
            field="sent_on",
            zh="寄出日期不能早于名单通过之日、晚于今天。",
            en="It was sent after the list was approved, by today.",
        )
    if not 4 <= len(tracking.strip()) <= 40:
        raise InvalidField(field="tracking", zh="请填写挂号信编号。", en="Give the number of the registered letter.")
    try:
        async with transaction():
            sent = await EntryLetter.create(
                id=new_id(),
                entry_id=entry_id,
                sent_on=sent_on,
                tracking=tracking.strip(),
                staff_id=staff.id,
                put_down_at=at,
            )
            await _record("letter_sent", staff, entry_id, at)
    except IntegrityError as error:
        raise LetterSent from error
    return sent


async def letters_of(entry_ids: list[UUID]) -> dict[UUID, EntryLetter]:
    """Return the letters that were sent about entries."""
    return {row.entry_id: row for row in await EntryLetter.filter(entry_id__in=entry_ids)}


async def list_of(entry_id: UUID) -> HonorList:
    """Return the list of an entry of one's area. Raises NotFound (404)."""
    entry = await HonorEntry.get_or_none(id=entry_id)
    if entry is None:
        raise NotFound
    return await HonorList.get(id=entry.honor_list_id)


async def _told(entry_id: UUID, states: tuple[str, ...]) -> HonorEntry:
    entry = await HonorEntry.get_or_none(id=entry_id, state__in=states)
    if entry is None:
        raise NotFound
    return entry


async def _record(act: str, staff: Staff, entry_id: UUID, at: datetime) -> None:
    await audit.record(
        f"honor_entry.{act}", actor=staff.label, object_kind="honor_entry", object_id=entry_id, detail={}, at=at
    )
