"""Write a case in versions: its text, each change on record and asked about anew.

Whoever makes, changes or hands in a version has a hand in it, by whichever account, and does not publish it.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from xinyi_platform import audit
from xinyi_platform.database import transaction
from xinyi_platform.database.bulk import bulk_insert
from xinyi_platform.errors import InvalidField, NotFound
from xinyi_platform.ids import new_id
from xinyi_platform.principals import Staff
from xinyi_platform.tenancy import area_of
from xinyi_rewards.cases.errors import CaseChanged
from xinyi_rewards.cases.models import CaseHand, CasePerson, CasePicture, CaseVersion, ExemplaryCase
from xinyi_rewards.cases.states import OPEN, advance


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
    version = await CaseVersion.create(
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
    await add_hands(version.id, [staff.person])
    return version


async def add_hands(version_id: UUID, people: list[str]) -> None:
    """Put down who had a hand in a version, each once; joins the caller's transaction."""
    rows = [{"id": new_id(), "version_id": version_id, "person": person} for person in people]
    await bulk_insert(CaseHand, rows, skip_conflicts=True)


async def has_hand_in(version_id: UUID, staff: Staff) -> bool:
    """Tell whether somebody had a hand in a version, by whichever of her accounts."""
    return await CaseHand.filter(version_id=version_id, person=staff.person).exists()


async def find_case(case_id: UUID, staff: Staff) -> ExemplaryCase:
    """Return a case of the area. Raises NotFound (404)."""
    found = await area_of(staff).bind(ExemplaryCase.filter(id=case_id)).first()
    if found is None:
        raise NotFound
    return found


async def version_in(case_id: UUID, slot: str) -> CaseVersion | None:
    """Return the version that is made (`open`) or published (`shown`), or None."""
    return await CaseVersion.get_or_none(case_id=case_id, slot=slot)


async def hold(version_id: UUID) -> CaseVersion | None:
    """Lock a version's row until the caller's transaction ends, and return it as it is now."""
    return await CaseVersion.filter(id=version_id).select_for_update().first()


async def held_of(case_id: UUID, slot: str, states: tuple[str, ...]) -> CaseVersion:
    """Lock a case's version in a slot, in one of the states. Raises CaseChanged (409)."""
    found = await version_in(case_id, slot)
    version = await hold(found.id) if found else None
    if version is None or version.slot != slot or version.state not in states:
        raise CaseChanged
    return version


async def edit_case(case_id: UUID, staff: Staff, *, title: str, body: str, at: datetime) -> None:
    """Change a draft's text; everybody is asked anew. Raises NotFound (404), InvalidField (400), CaseChanged (409)."""
    await find_case(case_id, staff)
    title, body = checked_text(title, body)
    async with transaction():
        version = await held_of(case_id, "open", ("draft",))
        await touch(version, staff, at, title=title, body=body)
        await record(version, "edit", staff.label, at)


async def touch(version: CaseVersion, staff: Staff, at: datetime, **values: object) -> None:
    """Change a draft that the caller holds: she has a hand in it, and everybody who is shown is asked anew."""
    await CaseVersion.filter(id=version.id).update(changed_at=at, **values)
    await add_hands(version.id, [staff.person])
    await reset_consents(version.id)


async def reset_consents(version_id: UUID, **which: object) -> None:
    """Ask for consents anew, those on paper too: a signature stands under another text, or beside another picture."""
    people = CasePerson.filter(version_id=version_id, **which).exclude(state__in=("asked", "removed"))
    await people.update(state="asked", answered_by=None, paper_file_id=None, signed_by="", decided_at=None)


async def begin_version(case_id: UUID, staff: Staff, *, at: datetime) -> CaseVersion:
    """Begin a new version of what is published, everybody in it to be asked anew; the published one stays meanwhile.

    Who had a hand in the text that it takes over has one in the new version. Raises NotFound (404), CaseChanged (409).
    """
    await find_case(case_id, staff)
    async with transaction():
        shown = await held_of(case_id, "shown", ("published",))
        if await version_in(case_id, "open") is not None:
            raise CaseChanged
        last = await CaseVersion.filter(case_id=case_id).order_by("-number").first()
        version = await _draft(case_id, (last or shown).number + 1, staff, shown.title, shown.body, at)
        await _take_over(shown, version)
        await record(version, "begin_version", staff.label, at)
    return version


async def _take_over(shown: CaseVersion, version: CaseVersion) -> None:
    hands = await CaseHand.filter(version_id=shown.id)
    await add_hands(version.id, [hand.person for hand in hands])
    for person in await CasePerson.filter(version_id=shown.id).exclude(state="removed").order_by("id"):
        await CasePerson.create(
            id=new_id(), version_id=version.id, resident_id=person.resident_id, adult_on=person.adult_on,
            name_shown=person.name_shown, state="asked",
        )  # fmt: skip
    for picture in await CasePicture.filter(version_id=shown.id):
        await CasePicture.create(
            id=new_id(), version_id=version.id, place=picture.place, file_id=picture.file_id, alt=picture.alt
        )


async def move(version: CaseVersion, event: str, *, at: datetime, **values: object) -> None:
    """Take one step of a version; joins the caller's transaction. Raises TransitionForbidden, CaseChanged (409)."""
    state = advance(version.state, event)
    slot = {"published": "shown"}.get(state, "open" if state in OPEN else str(version.id))
    same = CaseVersion.filter(id=version.id, state=version.state)
    if not await same.update(state=state, slot=slot, changed_at=at, **values):
        raise CaseChanged


async def record(version: CaseVersion, act: str, actor: str, at: datetime, **detail: object) -> None:
    """Put an act on the trail; joins the caller's transaction."""
    await audit.record(
        f"case.{act}",
        actor=actor,
        object_kind="exemplary_case",
        object_id=version.case_id,
        detail={"version": version.number, **detail},
        at=at,
    )
