"""Check uploads and keep them, one at a time, by whichever process has a hand free; each is kept once.

A worker holds an upload for a while. One that dies leaves it to the next; one that was only slow finds that it has
moved on, and what it did is rolled back.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from tortoise.expressions import F, Q

from xinyi_platform.clock import local_date
from xinyi_platform.database import transaction
from xinyi_platform.database.bulk import copy_in
from xinyi_platform.errors import ChangedMeanwhile, DomainError
from xinyi_platform.ids import new_id
from xinyi_platform.language import Text
from xinyi_platform.principals import Role, Staff
from xinyi_platform.runtime import Runtime
from xinyi_platform.tenancy import everywhere
from xinyi_rewards.honor_lists.checking import Progress, check_sheet
from xinyi_rewards.honor_lists.making import Keep, keep_sheet
from xinyi_rewards.honor_lists.sheets import RowError, Sheet
from xinyi_rewards.uploads.errors import UploadChanged
from xinyi_rewards.uploads.models import ListUpload, UploadContent, UploadFault
from xinyi_rewards.uploads.receiving import CONTENT_FIELD
from xinyi_rewards.uploads.states import WORKING, advance

HOLD = timedelta(minutes=5)
MOST_TRIES = 3
KEPT_FOR = timedelta(days=7)
"""How long the content of a sheet waits for its maker's decision."""
_AT_ONCE = 10
_FAULTS = 5_000
_FAILED = Text(
    "多次未能处理,请重新上传或联系管理员。", "It failed several times; send it again, or ask an administrator."
)
log = structlog.get_logger(__name__)


async def work_off(runtime: Runtime) -> int:
    """Work on what waits, and let old content go. Returns how many uploads moved on."""
    now = runtime.clock.now()
    free = Q(held_until=None) | Q(held_until__lte=now)
    waiting = everywhere(ListUpload).filter(free, state__in=WORKING).order_by("created_at").limit(_AT_ONCE)
    moved = 0
    for upload_id in await waiting.values_list("id", flat=True):
        moved += await work_on(runtime, UUID(str(upload_id)))
    old = everywhere(ListUpload).filter(state="checked", changed_at__lte=now - KEPT_FOR).limit(_AT_ONCE)
    for upload_id in await old.values_list("id", flat=True):
        moved += await _forget(UUID(str(upload_id)), now)
    return moved


async def work_on(runtime: Runtime, upload_id: UUID) -> bool:
    """Check one upload, and keep it where that is wanted. False where it has not moved on by this."""
    now = runtime.clock.now()
    free = Q(held_until=None) | Q(held_until__lte=now)
    mine = everywhere(ListUpload).filter(free, id=upload_id, state__in=WORKING)
    if not await mine.update(held_until=now + HOLD, tries=F("tries") + 1):
        return False
    upload = await everywhere(ListUpload).get(id=upload_id)
    try:
        return await _work_off(runtime, upload, now)
    except UploadChanged:
        return False


async def _work_off(runtime: Runtime, upload: ListUpload, now: datetime) -> bool:
    """Work on what is held; what cannot be done is refused, or tried again. Raises UploadChanged (409)."""
    if upload.tries > MOST_TRIES:  # whoever took it before died over it, each time
        await _refuse(upload, _FAILED, now)
        return True
    try:
        await _work(runtime, upload, now)
    except UploadChanged:
        raise
    except DomainError as error:
        if isinstance(error, ChangedMeanwhile) and upload.tries < MOST_TRIES:
            await _put_back(upload)
            return False
        await _refuse(upload, error.text.format(**error.values), now)
    except Exception as failure:
        log.error("list_upload_failed", upload=str(upload.id), error=type(failure).__name__)
        if upload.tries >= MOST_TRIES:
            await _refuse(upload, _FAILED, now)
        return False
    return True


async def _put_back(upload: ListUpload) -> None:
    """Let go of one of which somebody was listed between check and keeping: the next check names the row."""
    await everywhere(ListUpload).filter(id=upload.id, held_until=upload.held_until).update(held_until=None)


async def _work(runtime: Runtime, upload: ListUpload, now: datetime) -> None:
    maker, tell = _maker(upload), _teller(runtime, upload.id)
    held = await everywhere(UploadContent).get(upload_id=upload.id)
    content = await asyncio.to_thread(runtime.keys.decrypt_bytes, held.cipher, field=CONTENT_FIELD)
    sheet = await check_sheet(
        runtime.keys, maker, kind=upload.kind, content=content, filename=upload.filename, today=local_date(now), at=now,
        progress=tell,
    )  # fmt: skip
    wanted = bool(sheet.rows) and (upload.wish == "good" or (upload.wish == "all" and not sheet.errors))
    async with transaction():
        if wanted:
            await _keep(runtime, upload, maker, sheet, tell, now)
        else:
            await _put_down(upload, sheet, now)


async def _keep(
    runtime: Runtime, upload: ListUpload, maker: Staff, sheet: Sheet, tell: Progress, now: datetime
) -> None:
    keep: Keep = "good" if upload.wish == "good" else "all"
    made = await keep_sheet(
        runtime.keys, maker, sheet, kind=upload.kind, title=upload.title, at=now, today=local_date(now), keep=keep,
        progress=tell,
    )  # fmt: skip
    state = upload.state if upload.state == "wanted" else advance(advance(upload.state, "check"), "want")
    await _move(upload, advance(state, "keep"), now, list_id=made.id, **_counts(sheet))
    await _write_faults(upload.id, sheet.errors)
    await everywhere(UploadContent).filter(upload_id=upload.id).delete()


async def _put_down(upload: ListUpload, sheet: Sheet, now: datetime) -> None:
    await _move(upload, advance(upload.state, "check"), now, **_counts(sheet))
    await _write_faults(upload.id, sheet.errors)


def _counts(sheet: Sheet) -> dict[str, object]:
    return {"good": len(sheet.rows), "wrong": len({error.number for error in sheet.errors})}


async def _write_faults(upload_id: UUID, errors: list[RowError]) -> None:
    await everywhere(UploadFault).filter(upload_id=upload_id).delete()

    async def batches() -> AsyncIterator[list[tuple[object, ...]]]:
        for start in range(0, len(errors), _FAULTS):
            yield [
                (
                    new_id(),
                    upload_id,
                    start + place,
                    error.number,
                    error.column,
                    error.text.zh[:200],
                    error.text.en[:200],
                )
                for place, error in enumerate(errors[start : start + _FAULTS])
            ]

    if errors:
        await copy_in(UploadFault, ["id", "upload_id", "place", "row", "column", "zh", "en"], batches())


async def _move(upload: ListUpload, state: str, now: datetime, **values: object) -> None:
    """Go on from the state in which it was taken; somebody else's step in between undoes this one."""
    mine = everywhere(ListUpload).filter(id=upload.id, state=upload.state, held_until=upload.held_until)
    if not await mine.update(state=state, changed_at=now, held_until=None, **values):
        raise UploadChanged


async def _refuse(upload: ListUpload, reason: Text, now: datetime) -> None:
    async with transaction():
        await _move(upload, advance(upload.state, "refuse"), now, reason_zh=reason.zh[:400], reason_en=reason.en[:800])
        await everywhere(UploadContent).filter(upload_id=upload.id).delete()


async def _forget(upload_id: UUID, now: datetime) -> bool:
    async with transaction():
        old = everywhere(ListUpload).filter(id=upload_id, state="checked")
        if not await old.update(state=advance("checked", "discard"), changed_at=now):
            return False
        await everywhere(UploadContent).filter(upload_id=upload_id).delete()
        await everywhere(UploadFault).filter(upload_id=upload_id).delete()
    return True


def _maker(upload: ListUpload) -> Staff:
    """Return its maker with the rights that she had when she sent it."""
    roles = frozenset(Role(role) for role in upload.maker_roles)
    return Staff(
        upload.maker_id, session_id=upload.id, person=upload.maker_person, roles=roles, division=upload.division
    )


def progress_name(upload_id: UUID) -> str:
    """Return under which name the cache holds how far an upload is: it is told, never relied on."""
    return f"list-upload:{upload_id}"


def _teller(runtime: Runtime, upload_id: UUID) -> Progress:
    async def tell(step: str, done: int, of: int) -> None:
        await runtime.cache.set(progress_name(upload_id), f"{step} {done} {of}".encode(), ttl_seconds=600)

    return tell
