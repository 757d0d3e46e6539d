"""Write a case: its text, who is shown in it and in which form, its pictures; each change asks everybody anew."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from xinyi_platform import audit
from xinyi_platform.clock import local_date
from xinyi_platform.database import transaction
from xinyi_platform.errors import InvalidField, NotFound
from xinyi_platform.files import StoredFile, store_picture
from xinyi_platform.guardianships import guardians_of
from xinyi_platform.identity import find_resident_by_identity, resident_basics
from xinyi_platform.ids import new_id
from xinyi_platform.masking import mask_name
from xinyi_platform.principals import Staff
from xinyi_platform.runtime import Runtime
from xinyi_platform.tenancy import area_of
from xinyi_rewards.cases.errors import CaseChanged, PaperNeeded, TooManyPictures
from xinyi_rewards.cases.models import CasePerson, CasePicture, CaseVersion, ExemplaryCase
from xinyi_rewards.cases.states import advance
from xinyi_scenarios.requirements.ages import full_years

NameForm = Literal["masked", "full", "hidden"]
MOST_PICTURES = 6
ADULT = 18
"""Full years. Source: 民法典 art. 17."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """Somebody to be shown: by name and identity number where there is an account; `paper` is a picture."""

    name: str
    number: str = ""
    form: NameForm = "masked"
    paper: bytes | None = None


def checked_text(title: str, body: str) -> tuple[str, str]:
    """Return a case's text as it is kept. Raises InvalidField (400)."""
    if not 4 <= len(title.strip()) <= 80:
        raise InvalidField(field="title", zh="标题应为4–80个字符。", en="A title has 4 to 80 characters.")
    if not 20 <= len(body.strip()) <= 5_000:
        raise InvalidField(field="body", zh="正文应为20–5000个字符。", en="The text has 20 to 5,000 characters.")
    return title.strip(), body.strip().replace("\r\n", "\n")


async def make_case(staff: Staff, *, title: str, body: str, at: datetime) -> CaseVersion:
    """Begin a case with its first version. Raises InvalidField (400)."""
    title, body = checked_text(title, body)
    async with transaction():
        case = await ExemplaryCase.create(id=new_id(), division=staff.division, created_at=at)
        version = await _draft(case.id, 1, staff, title, body, at)
        await record(version, "make", staff.label, at)
    return version


async def _draft(case_id: UUID, number: int, staff: Staff, title: str, body: str, at: datetime) -> CaseVersion:
    return await CaseVersion.create(
        id=new_id(),
        case_id=case_id,
        number=number,
        slot="open",
        state="draft",
        title=title,
        body=body,
        maker_id=staff.id,
        maker_person=staff.person,
        changed_at=at,
    )


async def find_case(case_id: UUID, staff: Staff) -> ExemplaryCase:
    """Return a case of the area. Raises NotFound (404)."""
    found = await area_of(staff).bind(ExemplaryCase.filter(id=case_id)).first()
    if found is None:
        raise NotFound
    return found


async def version_in(case_id: UUID, slot: str) -> CaseVersion | None:
    """Return the version that is made (`open`) or published (`shown`), or None."""
    return await CaseVersion.get_or_none(case_id=case_id, slot=slot)


async def draft_of(case_id: UUID, staff: Staff) -> CaseVersion:
    """Return the version that is being written. Raises NotFound (404) and CaseChanged (409)."""
    await find_case(case_id, staff)
    version = await version_in(case_id, "open")
    if version is None or version.state != "draft":
        raise CaseChanged
    return version


async def edit_case(case_id: UUID, staff: Staff, *, title: str, body: str, at: datetime) -> None:
    """Change the text of a draft; whoever had agreed is asked anew. Raises InvalidField (400), CaseChanged (409)."""
    version = await draft_of(case_id, staff)
    title, body = checked_text(title, body)
    async with transaction():
        await _touch(version, staff, at, title=title, body=body)
        await record(version, "edit", staff.label, at)


async def _touch(version: CaseVersion, staff: Staff, at: datetime, **values: object) -> None:
    """Hold the draft's row, take note of who wrote last, and ask everybody who is shown anew."""
    same = CaseVersion.filter(id=version.id, state="draft")
    if not await same.update(changed_at=at, maker_id=staff.id, maker_person=staff.person, **values):
        raise CaseChanged
    asked = CasePerson.filter(version_id=version.id, asked_id__isnull=False)
    await asked.update(state="asked", decided_at=None)
    if values:  # a signature stands under another text
        await CasePerson.filter(version_id=version.id, asked_id=None).delete()


async def show_person(runtime: Runtime, case_id: UUID, staff: Staff, shown: Shown, *, at: datetime) -> UUID:
    """Put somebody into a draft, in the form of her name that she is to agree to.

    She is asked herself, a minor by her confirmed guardian; who cannot be asked agrees on paper. Returns the row's id.
    Raises InvalidField (400), PaperNeeded, InvalidPicture (422), CaseChanged (409).
    """
    version, name = await draft_of(case_id, staff), shown.name.strip()
    if not 2 <= len(name) <= 30:
        raise InvalidField(field="name", zh="姓名应为2–30个字符。", en="A name has 2 to 30 characters.")
    resident_id = await find_resident_by_identity(runtime, name, shown.number) if shown.number.strip() else None
    asked_id = await _who_is_asked(resident_id, at)
    if asked_id is None and shown.paper is None:
        raise PaperNeeded
    async with transaction():
        await _touch(version, staff, at)
        paper = await _keep(runtime, version, shown.paper, "case.consent", at) if shown.paper else None
        row = await CasePerson.create(
            id=new_id(),
            version_id=version.id,
            resident_id=resident_id,
            asked_id=None if paper else asked_id,
            name_shown={"full": name, "masked": mask_name(name), "hidden": "一位居民"}[shown.form],
            state="agreed" if paper else "asked",
            paper_file_id=paper.id if paper else None,
            decided_at=at if paper else None,
        )
        await record(version, "show_person", staff.label, at)
    return row.id


async def _who_is_asked(resident_id: UUID | None, at: datetime) -> UUID | None:
    if resident_id is None:
        return None
    basics = (await resident_basics([resident_id])).get(resident_id)
    if basics is None or full_years(basics.birth_date, local_date(at)) >= ADULT:
        return resident_id
    return next(iter(await guardians_of(resident_id)), None)


async def remove_person(case_id: UUID, person_id: UUID, staff: Staff, *, at: datetime) -> None:
    """Take somebody out of a draft. Raises NotFound (404) and CaseChanged (409)."""
    version = await draft_of(case_id, staff)
    async with transaction():
        if not await CasePerson.filter(id=person_id, version_id=version.id).delete():
            raise NotFound
        await _touch(version, staff, at)


async def add_picture(runtime: Runtime, case_id: UUID, staff: Staff, *, data: bytes, alt: str, at: datetime) -> None:
    """Add a picture with its text.

    Raises InvalidField (400), InvalidPicture (422), TooManyPictures and CaseChanged (409).
    """
    version = await draft_of(case_id, staff)
    if not 2 <= len(alt.strip()) <= 120:
        raise InvalidField(field="alt", zh="请用2–120字描述图片。", en="Describe the picture in 2 to 120 characters.")
    async with transaction():
        await _touch(version, staff, at)
        place = await CasePicture.filter(version_id=version.id).count() + 1
        if place > MOST_PICTURES:
            raise TooManyPictures(most=MOST_PICTURES)
        stored = await _keep(runtime, version, data, "case.picture", at)
        await CasePicture.create(id=new_id(), version_id=version.id, place=place, file_id=stored.id, alt=alt.strip())


async def _keep(runtime: Runtime, version: CaseVersion, data: bytes, purpose: str, at: datetime) -> StoredFile:
    return await store_picture(runtime.files, data, owner=f"case:{version.case_id}", purpose=purpose, now=at)


async def begin_version(case_id: UUID, staff: Staff, *, at: datetime) -> CaseVersion:
    """Begin a new version of what is published; the published one stays until the new one is. Raises CaseChanged."""
    await find_case(case_id, staff)
    shown = await version_in(case_id, "shown")
    if shown is None or await version_in(case_id, "open") is not None:
        raise CaseChanged
    last = await CaseVersion.filter(case_id=case_id).order_by("-number").first()
    async with transaction():
        version = await _draft(case_id, (last.number if last else 0) + 1, staff, shown.title, shown.body, at)
        for person in await CasePerson.filter(version_id=shown.id, asked_id__isnull=False):
            await CasePerson.create(
                id=new_id(), version_id=version.id, resident_id=person.resident_id, asked_id=person.asked_id,
                name_shown=person.name_shown, state="asked",
            )  # fmt: skip
        for picture in await CasePicture.filter(version_id=shown.id):
            await CasePicture.create(
                id=new_id(), version_id=version.id, place=picture.place, file_id=picture.file_id, alt=picture.alt
            )
        await record(version, "begin_version", staff.label, at)
    return version


async def move(version: CaseVersion, event: str, *, at: datetime, **values: object) -> None:
    """Take one step of a version; joins the caller's transaction. Raises TransitionForbidden, CaseChanged (409)."""
    state = advance(version.state, event)
    slot = {"draft": "open", "in_review": "open", "published": "shown"}.get(state, str(version.id))
    same = CaseVersion.filter(id=version.id, state=version.state)
    if not await same.update(state=state, slot=slot, changed_at=at, **values):
        raise CaseChanged


async def record(version: CaseVersion, act: str, actor: str, at: datetime) -> None:
    """Put an act on the trail; joins the caller's transaction."""
    await audit.record(
        f"case.{act}",
        actor=actor,
        object_kind="exemplary_case",
        object_id=version.case_id,
        detail={"version": version.number},
        at=at,
    )


async def file_of(runtime: Runtime, file_id: UUID) -> bytes:
    """Return a stored picture. Raises NotFound (404)."""
    stored = await StoredFile.get_or_none(id=file_id)
    if stored is None:
        raise NotFound
    return await asyncio.to_thread(runtime.files.read, stored.digest)
