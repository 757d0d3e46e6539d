"""What a subject does: file a request with its papers, complete it, take it back."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from tortoise.exceptions import IntegrityError

from xinyi_platform import audit
from xinyi_platform.clock import local_date
from xinyi_platform.database import transaction
from xinyi_platform.errors import NotFound
from xinyi_platform.files import StoredFile
from xinyi_platform.files.storing import clean_picture
from xinyi_platform.ids import new_id
from xinyi_platform.runtime import Runtime
from xinyi_platform.tenancy import everywhere
from xinyi_platform.workdays import add_working_days
from xinyi_rewards.honor_lists.models import HonorEntry
from xinyi_rewards.honor_lists.parties import Party, entry_of
from xinyi_rewards.honor_lists.texts import kept_text
from xinyi_rewards.repairs.checking import require_repairable
from xinyi_rewards.repairs.errors import NothingToRepair, PromiseNotSigned, RepairChanged, RepairOpen, TooManyPapers
from xinyi_rewards.repairs.holding import hold_entry
from xinyi_rewards.repairs.models import RepairPaper, RepairRequest
from xinyi_rewards.repairs.policy import PromiseText, repair_policy
from xinyi_rewards.repairs.states import advance_request
from xinyi_rewards.repairs.telling import tell_step

MOST_PAPERS = 6
MOST_FORM_BYTES = 31_000_000
"""The largest form: six pictures of 5 MB and the words."""
Cleaned = tuple[bytes, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Filing:
    """What is handed in. `signed` is the version of the commitment that was read and agreed to, or empty."""

    statement: str
    signed: str
    papers: Sequence[bytes] = ()


def require_signed(promise: PromiseText, signed: str) -> None:
    """Raise PromiseNotSigned (422) where a promise was not agreed to in the version in force."""
    if signed != promise.version:
        raise PromiseNotSigned(version=promise.version)


def checked_words(text: str, field: str) -> str:
    """Return what somebody wrote. Raises InvalidField (400)."""
    return kept_text(text, field, least=5, most=1_000, may_wrap=True)


async def file_request(
    runtime: Runtime,
    party: Party,
    entry_id: UUID,
    filing: Filing,
    *,
    at: datetime,
    along: Callable[[RepairRequest], Awaitable[None]] | None = None,
) -> RepairRequest:
    """File a request, or complete the one that was sent back; all of it or nothing.

    `along` is what stands or falls with it, in its transaction.
    Raises NotFound (404), RepairNotYet, NothingToRepair and RepairOpen (409), PromiseNotSigned and TooManyPapers
    (422), InvalidField (400), InvalidPicture (422), PictureTooLarge (413).
    """
    entry = await entry_of(party, entry_id)
    require_repairable(entry, today=local_date(at))
    require_signed(repair_policy().commitment, filing.signed)
    statement = checked_words(filing.statement, "statement")
    cleaned = await clean_papers(filing.papers)
    async with transaction():
        await hold_entry(entry.id, "published", otherwise=NothingToRepair)
        row = await _enter(party, entry, statement, at)
        if cleaned:
            await RepairPaper.filter(request_id=row.id).delete()
            stored = await store_papers(runtime, cleaned, owner=f"repair_request:{row.id}", at=at)
            for place, file_id in enumerate(stored, 1):
                await RepairPaper.create(id=new_id(), request_id=row.id, file_id=file_id, place=place)
        await HonorEntry.filter(id=entry.id, committed_on=None).update(committed_on=local_date(at))
        await _record("file", row, party.actor, at)
        await tell_step(row, "file", at=at)
        if along is not None:
            await along(row)
    return row


async def _enter(party: Party, entry: HonorEntry, statement: str, at: datetime) -> RepairRequest:
    values: dict[str, Any] = {
        "statement": statement,
        "commitment_version": repair_policy().commitment.version,
        "pass_on_by": add_working_days(local_date(at), repair_policy().pass_on_working_days),
        "changed_at": at,
        "reason": "",
    }
    held = await RepairRequest.get_or_none(entry_id=entry.id, slot="open")
    if held is not None:
        if held.state != "sent_back":
            raise RepairOpen
        if not await RepairRequest.filter(id=held.id, state="sent_back").update(
            state=advance_request("sent_back", "file"), refiled_at=at, **values
        ):
            raise RepairChanged
        return await RepairRequest.get(id=held.id)
    try:
        async with transaction():
            return await RepairRequest.create(
                id=new_id(),
                entry_id=entry.id,
                slot="open",
                division=party.division,
                state="filed",
                filed_at=at,
                **party.columns,
                **values,
            )
    except IntegrityError as error:
        raise RepairOpen from error


async def clean_papers(papers: Sequence[bytes]) -> list[Cleaned]:
    """Return pictures as they are kept. Raises TooManyPapers and InvalidPicture (422), PictureTooLarge (413)."""
    if len(papers) > MOST_PAPERS:
        raise TooManyPapers(most=MOST_PAPERS)
    return [await asyncio.to_thread(clean_picture, data) for data in papers]


async def store_papers(runtime: Runtime, cleaned: Sequence[Cleaned], *, owner: str, at: datetime) -> list[UUID]:
    """Keep cleaned pictures and return their files in the same order; joins the caller's transaction."""
    stored = []
    for content, width, height in cleaned:
        kept = await StoredFile.create(
            id=new_id(),
            digest=await asyncio.to_thread(runtime.files.write, content),
            purpose="repair.paper",
            owner=owner,
            size_bytes=len(content),
            width=width,
            height=height,
            created_at=at,
        )
        stored.append(kept.id)
    return stored


async def withdraw_request(party: Party, entry_id: UUID, *, at: datetime) -> RepairRequest:
    """Take an open request back, with its papers. Raises NotFound (404) and RepairChanged (409)."""
    row = await RepairRequest.get_or_none(entry_id=entry_id, slot="open", **party.columns)
    if row is None:
        raise NotFound
    async with transaction():
        await move(row, "withdraw", actor=party.actor, at=at)
        await RepairPaper.filter(request_id=row.id).delete()
    return await RepairRequest.get(id=row.id)


async def move(row: RepairRequest, event: str, *, actor: str, at: datetime, **values: object) -> None:
    """Take one step of a request: state, trail and news together. Raises TransitionForbidden, RepairChanged (409)."""
    state = advance_request(row.state, event)
    slot = "open" if state in ("filed", "sent_back", "passed_on") else str(row.id)
    async with transaction():
        same = everywhere(RepairRequest).filter(id=row.id, state=row.state, changed_at=row.changed_at)
        if not await same.update(state=state, slot=slot, changed_at=at, **values):
            raise RepairChanged
        moved = await everywhere(RepairRequest).get(id=row.id)
        await _record(event, moved, actor, at)
        await tell_step(moved, event, at=at)


async def _record(act: str, row: RepairRequest, actor: str, at: datetime) -> None:
    detail: dict[str, object] = {"entry": str(row.entry_id), "state": row.state}
    await audit.record(
        f"repair_request.{act}", actor=actor, object_kind="repair_request", object_id=row.id, detail=detail, at=at
    )
