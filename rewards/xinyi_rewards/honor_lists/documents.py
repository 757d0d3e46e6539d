"""Pictures of documents about an entry: the unit's, which its subject sees, and those of her objection."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from tortoise.expressions import F

from xinyi_platform import audit
from xinyi_platform.database import transaction
from xinyi_platform.errors import InvalidField, NotFound
from xinyi_platform.files import StoredFile
from xinyi_platform.files.storing import clean_picture
from xinyi_platform.ids import new_id
from xinyi_platform.principals import Staff
from xinyi_platform.runtime import Runtime
from xinyi_rewards.honor_lists.errors import ListChanged, OnlyItsMaker, TooManyDocuments
from xinyi_rewards.honor_lists.models import EntryDocument, HonorEntry, HonorList
from xinyi_rewards.honor_lists.noting import note

MOST_DOCUMENTS = 6
MOST_FORM_BYTES = 31_000_000
"""The largest form: six pictures of 5 MB and the words."""
OF_THE_UNIT = "unit"
"""The slot of the unit's evidence; an objection's documents have its id."""
Cleaned = tuple[bytes, int, int]


async def clean_documents(pictures: Sequence[bytes]) -> list[Cleaned]:
    """Re-encode pictures. Raises TooManyDocuments, InvalidPicture (422) and PictureTooLarge (413)."""
    if len(pictures) > MOST_DOCUMENTS:
        raise TooManyDocuments(most=MOST_DOCUMENTS)
    return [await asyncio.to_thread(clean_picture, data) for data in pictures]


async def keep_documents(
    runtime: Runtime, entry_id: UUID, cleaned: Sequence[Cleaned], *, slot: str, at: datetime
) -> None:
    """Keep pictures in the place of those that were there before; joins the caller's transaction."""
    if not cleaned:
        return
    await EntryDocument.filter(entry_id=entry_id, slot=slot).delete()
    for place, (content, width, height) in enumerate(cleaned, 1):
        stored = await StoredFile.create(
            id=new_id(),
            digest=await asyncio.to_thread(runtime.files.write, content),
            purpose="honor_entry.document",
            owner=f"honor_entry:{entry_id}",
            size_bytes=len(content),
            width=width,
            height=height,
            created_at=at,
        )
        await EntryDocument.create(id=new_id(), entry_id=entry_id, slot=slot, place=place, file_id=stored.id)


async def attach_evidence(
    runtime: Runtime, entry_id: UUID, maker: Staff, pictures: Sequence[bytes], *, at: datetime
) -> UUID:
    """Attach the unit's document or evidence to an entry that is not approved yet. Returns the list's id.

    In review it is a new turn: who has approved the list without it reads it again.
    Raises InvalidField (400) without a picture, NotFound (404), OnlyItsMaker (403), ListChanged (409) and what
    `clean_documents` raises.
    """
    if not pictures:
        raise InvalidField(field="documents", zh="请选择图片。", en="Choose a picture.")
    entry = await HonorEntry.get_or_none(id=entry_id)
    if entry is None:
        raise NotFound
    made = await HonorList.get(id=entry.honor_list_id)
    if made.maker_person != maker.person:
        raise OnlyItsMaker
    cleaned = await clean_documents(pictures)
    async with transaction():
        read_again = HonorList.filter(id=made.id, state="in_review").update(approvals=0, turn=F("turn") + 1)
        if not await read_again and not await HonorList.filter(id=made.id, state="draft").update(state="draft"):
            raise ListChanged
        await note(made, "evidence", maker, f"{entry.name_masked} {entry.deed}", at=at)
        await keep_documents(runtime, entry_id, cleaned, slot=OF_THE_UNIT, at=at)
        await audit.record(
            "honor_entry.evidence",
            actor=maker.label,
            object_kind="honor_entry",
            object_id=entry_id,
            detail={"pictures": len(cleaned)},
            at=at,
        )
    return made.id


async def documents_of(entry_ids: Sequence[UUID]) -> dict[UUID, list[EntryDocument]]:
    """Return entries' documents in their order, the unit's and those of objections."""
    found: dict[UUID, list[EntryDocument]] = {entry_id: [] for entry_id in entry_ids}
    for row in await EntryDocument.filter(entry_id__in=list(entry_ids)).order_by("slot", "place"):
        found[row.entry_id].append(row)
    return found


async def document_file(entry_id: UUID, document_id: UUID) -> UUID:
    """Return the stored file of an entry's document. Raises NotFound (404)."""
    row = await EntryDocument.get_or_none(id=document_id, entry_id=entry_id)
    if row is None:
        raise NotFound
    return row.file_id
