"""Take a sheet in, and what its maker decides once she has read the verdicts."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Literal
from uuid import UUID

from xinyi_platform import audit
from xinyi_platform.clock import local_date
from xinyi_platform.database import transaction
from xinyi_platform.errors import InvalidField, NotFound
from xinyi_platform.ids import new_id
from xinyi_platform.principals import Staff
from xinyi_platform.runtime import Runtime
from xinyi_rewards.honor_lists.asking import count_sheet
from xinyi_rewards.honor_lists.checking import kind_for
from xinyi_rewards.honor_lists.making import title_of
from xinyi_rewards.uploads.errors import NothingGood, UploadChanged
from xinyi_rewards.uploads.models import ListUpload, UploadContent, UploadFault
from xinyi_rewards.uploads.states import advance

CONTENT_FIELD = "list_upload.content"
MOST_BYTES = 24_000_000
"""The largest file: 100,000 rows of a csv with long deeds."""
Wish = Literal["check", "all", "good"]
Choice = Literal["all", "good", "discard"]


async def receive_sheet(
    runtime: Runtime, maker: Staff, *, kind: str, title: str, content: bytes, filename: str, wish: Wish, at: datetime
) -> ListUpload:
    """Take a sheet in, encrypted; it is checked next, and kept as its maker wishes.

    Raises what `kind_for` raises, InvalidField (400) and TooManyRequests (429): a check is a look at many people.
    """
    kind_for(kind, maker, today=local_date(at))
    await count_sheet(runtime.cache, maker)
    if not content or len(content) > MOST_BYTES:
        most = MOST_BYTES // 1_000_000
        raise InvalidField(field="sheet", zh=f"请上传{most}MB以内的表格。", en=f"Send a sheet of at most {most} MB.")
    cipher = await asyncio.to_thread(runtime.keys.encrypt_bytes, content, field=CONTENT_FIELD)
    async with transaction():
        upload = await ListUpload.create(
            id=new_id(),
            division=maker.division,
            kind=kind,
            title=title_of(title),
            filename=filename[-120:],
            wish=wish,
            state="received",
            maker_id=maker.id,
            maker_person=maker.person,
            maker_roles=sorted(maker.roles),
            created_at=at,
            changed_at=at,
        )
        await UploadContent.create(upload_id=upload.id, cipher=cipher)
        await _record(upload.id, "receive", maker, at)
    return upload


async def find_upload(upload_id: UUID, maker: Staff) -> ListUpload:
    """Return an upload of one's own, by whichever account. Raises NotFound (404)."""
    upload = await ListUpload.get_or_none(id=upload_id, maker_person=maker.person)
    if upload is None:
        raise NotFound
    return upload


async def choose(upload_id: UUID, maker: Staff, choice: Choice, *, at: datetime) -> None:
    """Keep all rows of a checked sheet, its good ones, or nothing.

    Raises NotFound (404), NothingGood and UploadChanged (409), also for `all` where a row is wrong.
    """
    upload = await find_upload(upload_id, maker)
    if choice == "good" and not upload.good:
        raise NothingGood
    if choice == "all" and upload.wrong:
        raise UploadChanged
    async with transaction():
        checked = ListUpload.filter(id=upload.id, state="checked")
        if choice == "discard":
            done = await checked.update(state=advance("checked", "discard"), changed_at=at)
            await UploadContent.filter(upload_id=upload.id).delete()
            await UploadFault.filter(upload_id=upload.id).delete()
        else:
            done = await checked.update(
                state=advance("checked", "want"), wish=choice, changed_at=at, held_until=None, tries=0
            )
        if not done:
            raise UploadChanged
        await _record(upload.id, choice, maker, at)


async def _record(upload_id: UUID, act: str, maker: Staff, at: datetime) -> None:
    await audit.record(
        f"list_upload.{act}", actor=maker.label, object_kind="list_upload", object_id=upload_id, detail={}, at=at
    )
