"""The pictures of a case: added, taken out, and read by those who may see their version."""

from __future__ import annotations

import asyncio
from datetime import datetime
from uuid import UUID

from xinyi_platform.database import transaction
from xinyi_platform.errors import InvalidField, NotFound
from xinyi_platform.files import StoredFile, store_picture
from xinyi_platform.ids import new_id
from xinyi_platform.principals import Staff
from xinyi_platform.runtime import Runtime
from xinyi_rewards.cases.errors import TooManyPictures
from xinyi_rewards.cases.making import find_case, held_of, record, touch
from xinyi_rewards.cases.models import CasePerson, CasePicture
from xinyi_rewards.cases.states import LIVE

MOST_PICTURES = 6


async def add_picture(runtime: Runtime, case_id: UUID, staff: Staff, *, data: bytes, alt: str, at: datetime) -> None:
    """Add a picture with its text to a draft; everybody is asked anew.

    Raises NotFound (404), InvalidField (400), InvalidPicture (422), TooManyPictures and CaseChanged (409).
    """
    await find_case(case_id, staff)
    if not 2 <= len(alt.strip()) <= 120:
        raise InvalidField(field="alt", zh="请用2–120字描述图片。", en="Describe the picture in 2 to 120 characters.")
    async with transaction():
        version = await held_of(case_id, "open", ("draft",))
        await touch(version, staff, at)
        taken = {row.place for row in await CasePicture.filter(version_id=version.id)}
        free = [place for place in range(1, MOST_PICTURES + 1) if place not in taken]
        if not free:
            raise TooManyPictures(most=MOST_PICTURES)
        stored = await keep(runtime, case_id, data, "case.picture", at)
        await CasePicture.create(id=new_id(), version_id=version.id, place=free[0], file_id=stored.id, alt=alt.strip())
        await record(version, "add_picture", staff.label, at)


async def remove_picture(case_id: UUID, picture_id: UUID, staff: Staff, *, at: datetime) -> None:
    """Take a picture out of a draft; everybody is asked anew. Raises NotFound (404) and CaseChanged (409)."""
    await find_case(case_id, staff)
    async with transaction():
        version = await held_of(case_id, "open", ("draft",))
        if not await CasePicture.filter(id=picture_id, version_id=version.id).delete():
            raise NotFound
        await touch(version, staff, at)
        await record(version, "remove_picture", staff.label, at)


async def keep(runtime: Runtime, case_id: UUID, data: bytes, purpose: str, at: datetime) -> StoredFile:
    """Store a picture of a case; joins the caller's transaction. Raises InvalidPicture (422)."""
    return await store_picture(runtime.files, data, owner=f"case:{case_id}", purpose=purpose, now=at)


async def picture_for_staff(runtime: Runtime, case_id: UUID, picture_id: UUID) -> bytes:
    """Return a picture of a version that is made or shown. Raises NotFound (404), also for one that has ended."""
    row = await CasePicture.get_or_none(id=picture_id, version__case_id=case_id, version__state__in=LIVE)
    if row is None:
        raise NotFound
    return await file_of(runtime, row.file_id)


async def paper_for_staff(runtime: Runtime, case_id: UUID, person_id: UUID, staff: Staff, *, at: datetime) -> bytes:
    """Return a consent on paper; that it was read is on the trail. Raises NotFound (404)."""
    row = await CasePerson.get_or_none(id=person_id, version__case_id=case_id).prefetch_related("version")
    if row is None or row.paper_file_id is None:
        raise NotFound
    async with transaction():
        await record(row.version, "paper_read", staff.label, at, person=str(row.id))
    return await file_of(runtime, row.paper_file_id)


async def file_of(runtime: Runtime, file_id: UUID) -> bytes:
    """Return a stored picture. Raises NotFound (404)."""
    stored = await StoredFile.get_or_none(id=file_id)
    if stored is None:
        raise NotFound
    return await asyncio.to_thread(runtime.files.read, stored.digest)
