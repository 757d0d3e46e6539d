"""Who is shown in a case: put in, with a paper where she cannot be asked, and taken out, each on record."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from xinyi_platform import audit
from xinyi_platform.clock import local_date
from xinyi_platform.database import transaction
from xinyi_platform.errors import InvalidField, NotFound
from xinyi_platform.identity import find_resident_by_identity
from xinyi_platform.identity.numbers import is_identity_number
from xinyi_platform.ids import new_id
from xinyi_platform.principals import Staff
from xinyi_platform.runtime import Runtime
from xinyi_rewards.cases.asking import ADULT, tell_removed, voice_of
from xinyi_rewards.cases.errors import GuardianSigns, PaperNeeded
from xinyi_rewards.cases.making import add_hands, find_case, held_of, record, touch
from xinyi_rewards.cases.models import CasePerson
from xinyi_rewards.cases.pictures import keep
from xinyi_rewards.cases.states import OPEN, NameForm, Signer, advance_consent, name_in
from xinyi_scenarios.requirements.ages import anniversary


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A consent on paper: its picture, and who signed it."""

    data: bytes
    signer: Signer = "self"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """Somebody to be shown: by name and, where she has an account, identity number."""

    name: str
    number: str = ""
    form: NameForm = "masked"
    paper: Paper | None = None


async def show_person(runtime: Runtime, case_id: UUID, staff: Staff, shown: Shown, *, at: datetime) -> UUID:
    """Put somebody into a draft, in the form of her name that she is to agree to. Returns the row's id.

    Whoever has an account is asked in the app, a minor by her confirmed guardian; a paper stands for the tap and can be
    taken back there. Who cannot be asked agrees on paper.
    Raises NotFound (404), InvalidField (400), PaperNeeded, GuardianSigns, InvalidPicture (422), CaseChanged (409).
    """
    await find_case(case_id, staff)
    name, number = _checked(shown, today=local_date(at))
    if number:
        await _record_look(case_id, staff, at)
    row = await _row_of(runtime, shown.form, name, number)
    if shown.paper is None and not (await voice_of(row, at)).residents:
        raise PaperNeeded
    async with transaction():
        version = await held_of(case_id, "open", ("draft",))
        await touch(version, staff, at)
        row.version_id = version.id
        await row.save(force_create=True)
        await record(version, "show_person", staff.label, at, person=str(row.id))
        if shown.paper is not None:
            await _sign(runtime, row, shown.paper, case_id, at)
            await record(version, "consent_paper", staff.label, at, person=str(row.id))
    return row.id


def _checked(shown: Shown, *, today: date) -> tuple[str, str]:
    """Return name and number, which may be empty, by their form alone. Raises InvalidField (400)."""
    name, number = shown.name.strip(), shown.number.strip().upper()
    if not 2 <= len(name) <= 30:
        raise InvalidField(field="name", zh="姓名应为2–30个字符。", en="A name has 2 to 30 characters.")
    if number and not is_identity_number(number, today=today):
        raise InvalidField(field="number", zh="身份证号有误。", en="This is no identity number.")
    return name, number


async def _record_look(case_id: UUID, staff: Staff, at: datetime) -> None:
    """Put on the trail that somebody asks about a person: the answer tells whether name and number have an account."""
    await audit.record(
        "case.ask_about_person", actor=staff.label, object_kind="exemplary_case", object_id=case_id, detail={}, at=at
    )


async def _row_of(runtime: Runtime, form: NameForm, name: str, number: str) -> CasePerson:
    return CasePerson(
        id=new_id(),
        resident_id=await find_resident_by_identity(runtime, name, number) if number else None,
        adult_on=_adult_on(number) if number else None,
        name_shown=name_in(form, name),
        state="asked",
    )


def _adult_on(number: str) -> date:
    return anniversary(date(int(number[6:10]), int(number[10:12]), int(number[12:14])), ADULT)


async def add_paper(
    runtime: Runtime, case_id: UUID, person_id: UUID, staff: Staff, paper: Paper, *, at: datetime
) -> None:
    """Attach what somebody, or a minor's guardian, has signed under the text as it is.

    Raises NotFound (404), GuardianSigns, InvalidPicture (422), TransitionForbidden, CaseChanged (409).
    """
    await find_case(case_id, staff)
    async with transaction():
        version = await held_of(case_id, "open", OPEN)
        person = await _person_in(version.id, person_id)
        await _sign(runtime, person, paper, case_id, at)
        await add_hands(version.id, [staff.person])
        await record(version, "consent_paper", staff.label, at, person=str(person.id))


async def _sign(runtime: Runtime, person: CasePerson, paper: Paper, case_id: UUID, at: datetime) -> None:
    voice, state = await voice_of(person, at), advance_consent(person.state, "agree")
    if voice.is_minor is not None and voice.is_minor != (paper.signer == "guardian"):
        raise GuardianSigns
    stored = await keep(runtime, case_id, paper.data, "case.consent", at)
    await CasePerson.filter(id=person.id).update(
        state=state, paper_file_id=stored.id, signed_by=paper.signer, answered_by=None, decided_at=at
    )


async def remove_person(case_id: UUID, person_id: UUID, staff: Staff, *, at: datetime) -> None:
    """Take somebody out of a draft; she is told, and the reviewer sees it. Raises NotFound (404), CaseChanged (409)."""
    await find_case(case_id, staff)
    async with transaction():
        version = await held_of(case_id, "open", ("draft",))
        person = await _person_in(version.id, person_id)
        await CasePerson.filter(id=person.id).update(state=advance_consent(person.state, "remove"), decided_at=at)
        await touch(version, staff, at)
        await record(version, "remove_person", staff.label, at, person=str(person.id))
        await tell_removed(version, person, at)


async def _person_in(version_id: UUID, person_id: UUID) -> CasePerson:
    person = await CasePerson.get_or_none(id=person_id, version_id=version_id)
    if person is None or person.state == "removed":
        raise NotFound
    return person
