"""A resident's message centre: her notices newest first, how many are unread, and reading them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from xinyi_platform.errors import NotFound
from xinyi_platform.language import Text
from xinyi_platform.notices.models import Notice

PAGE_SIZE = 30


@dataclass(frozen=True, slots=True)
class Told:
    """One notice as its resident sees it."""

    id: UUID
    kind: str
    about_loss: bool
    title: Text
    body: Text
    link: str
    created_at: datetime
    read_at: datetime | None


def _told(row: Notice) -> Told:
    title, body = Text(row.title_zh, row.title_en), Text(row.body_zh, row.body_en)
    return Told(row.id, row.kind, row.about_loss, title, body, row.link, row.created_at, row.read_at)


async def my_notices(resident_id: UUID, *, number: int = 1) -> list[Told]:
    """Return one page of a resident's notices, newest first."""
    rows = Notice.filter(resident_id=resident_id).order_by("-created_at", "-id")
    return [_told(row) for row in await rows.offset((number - 1) * PAGE_SIZE).limit(PAGE_SIZE)]


async def all_notices(resident_id: UUID) -> list[Told]:
    """Return all of a resident's notices, newest first, for the copy of her data."""
    return [_told(row) for row in await Notice.filter(resident_id=resident_id).order_by("-created_at", "-id")]


async def unread_notices(resident_id: UUID, *, limit: int) -> list[Told]:
    """Return the newest unread notices."""
    rows = await Notice.filter(resident_id=resident_id, read_at=None).order_by("-created_at", "-id").limit(limit)
    return [_told(row) for row in rows]


async def count_unread(resident_id: UUID) -> int:
    """Return how many of a resident's notices are unread."""
    return await Notice.filter(resident_id=resident_id, read_at=None).count()


async def read_notice(resident_id: UUID, notice_id: UUID, *, at: datetime) -> Told:
    """Return one notice, read from now on; a second reading keeps the time of the first. Raises NotFound (404)."""
    await Notice.filter(id=notice_id, resident_id=resident_id, read_at=None).update(read_at=at)
    row = await Notice.get_or_none(id=notice_id, resident_id=resident_id)
    if row is None:
        raise NotFound
    return _told(row)


async def read_all(resident_id: UUID, *, at: datetime) -> int:
    """Mark what was told until now as read. Returns how many that were."""
    return await Notice.filter(resident_id=resident_id, read_at=None, created_at__lte=at).update(read_at=at)
