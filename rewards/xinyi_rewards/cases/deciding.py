"""Hand a case in, agree to it or not, review it, publish it; and take it back, by whoever may."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from xinyi_platform.database import transaction
from xinyi_platform.errors import InvalidField, NotFound
from xinyi_platform.language import Text
from xinyi_platform.notices import News, NoticeKind, notify
from xinyi_platform.principals import Staff
from xinyi_platform.tenancy import everywhere
from xinyi_rewards.cases.errors import CaseChanged, ConsentsOutstanding, OwnCase
from xinyi_rewards.cases.making import draft_of, find_case, move, record, version_in
from xinyi_rewards.cases.models import CasePerson, CaseVersion
from xinyi_rewards.cases.states import advance_consent

ASKED = NoticeKind("case.asked", about_loss=True)


async def submit_case(case_id: UUID, staff: Staff, *, at: datetime) -> None:
    """Hand a draft in; everybody who is asked gets this version to read. Raises CaseChanged (409)."""
    version = await draft_of(case_id, staff)
    async with transaction():
        await move(version, "submit", at=at)
        await record(version, "submit", staff.label, at)
        for person in await CasePerson.filter(version_id=version.id, state="asked"):
            if person.asked_id is not None:
                await _ask(version, person.asked_id, at)


async def _ask(version: CaseVersion, resident_id: UUID, at: datetime) -> None:
    told = News(
        resident_id=resident_id,
        kind=ASKED,
        dedupe=f"case:{version.id}:{version.changed_at.isoformat()}:{resident_id}",
        title=Text("社区想发布一个与您有关的案例", "Your community would like to publish a story with you in it"),
        body=Text(
            "请阅读全文,同意或不同意都可以,同意后也可随时撤回。", "Read it; agree or not, and take it back at any time."
        ),
        link="/app/cases",
    )
    await notify(told, at=at)


async def answer(person_id: UUID, resident_id: UUID, *, agrees: bool, at: datetime) -> None:
    """Agree to a version, refuse it, or take an agreement back; with that the version is off every page at once.

    Raises NotFound (404) for what she is not asked about, TransitionForbidden and CaseChanged (409).
    """
    person = await CasePerson.get_or_none(id=person_id, asked_id=resident_id)
    version = await CaseVersion.get_or_none(id=person.version_id) if person else None
    if person is None or version is None or version.state not in ("in_review", "published"):
        raise NotFound
    event = "agree" if agrees else "withdraw" if person.state == "agreed" else "refuse"
    async with transaction():
        await _set(person, advance_consent(person.state, event), at)
        await record(version, f"consent_{event}", f"resident:{resident_id}", at)
        if not agrees:
            await _take_off(version, at)


async def withdraw_paper(case_id: UUID, person_id: UUID, staff: Staff, *, at: datetime) -> None:
    """Take back a consent given on paper, for the person who asks for it. Raises NotFound (404)."""
    await find_case(case_id, staff)
    person = await CasePerson.get_or_none(id=person_id, asked_id=None)
    version = await CaseVersion.get_or_none(id=person.version_id, case_id=case_id) if person else None
    if person is None or version is None or version.state not in ("in_review", "published"):
        raise NotFound
    async with transaction():
        await _set(person, advance_consent(person.state, "withdraw"), at)
        await record(version, "consent_withdraw", staff.label, at)
        await _take_off(version, at)


async def _set(person: CasePerson, state: str, at: datetime) -> None:
    same = everywhere(CasePerson).filter(id=person.id, state=person.state)
    if not await same.update(state=state, decided_at=at):
        raise CaseChanged


async def _take_off(version: CaseVersion, at: datetime) -> None:
    if version.state == "published":
        await move(version, "withdraw", at=at, ended_at=at)


async def publish_case(case_id: UUID, reviewer: Staff, *, at: datetime) -> None:
    """Publish the version in review; the one before it is superseded. Nothing is before everybody has agreed.

    Raises NotFound (404), OwnCase (403), ConsentsOutstanding and CaseChanged (409).
    """
    version = await _in_review(case_id, reviewer)
    async with transaction():
        # The update takes the row's lock: a consent that is taken back meanwhile is seen, or finds it published.
        if not await CaseVersion.filter(id=version.id, state="in_review").update(changed_at=at):
            raise CaseChanged
        missing = await CasePerson.filter(version_id=version.id).exclude(state="agreed").count()
        if missing:
            raise ConsentsOutstanding(count=missing)
        before = await version_in(case_id, "shown")
        if before is not None:
            await move(before, "supersede", at=at, ended_at=at)
        await move(version, "publish", at=at, published_at=at, reviewer_person=reviewer.person)
        await record(version, "publish", reviewer.label, at)


async def send_case_back(case_id: UUID, reviewer: Staff, *, comment: str, at: datetime) -> None:
    """Return the version in review with a comment. Raises NotFound (404), OwnCase (403), CaseChanged (409)."""
    version = await _in_review(case_id, reviewer)
    if not 1 <= len(comment.strip()) <= 400:
        raise InvalidField(field="comment", zh="请填写意见(1–400字)。", en="Give a comment (1 to 400 characters).")
    async with transaction():
        await move(version, "send_back", at=at, comment=comment.strip())
        await record(version, "send_back", reviewer.label, at)


async def withdraw_case(case_id: UUID, staff: Staff, *, slot: str, at: datetime) -> None:
    """Take the published version off, or give the open one up. Raises NotFound (404) and CaseChanged (409)."""
    await find_case(case_id, staff)
    version = await version_in(case_id, "shown" if slot == "shown" else "open")
    if version is None:
        raise CaseChanged
    async with transaction():
        await move(version, "withdraw", at=at, ended_at=at)
        await record(version, "withdraw", staff.label, at)


async def _in_review(case_id: UUID, reviewer: Staff) -> CaseVersion:
    await find_case(case_id, reviewer)
    version = await version_in(case_id, "open")
    if version is None or version.state != "in_review":
        raise CaseChanged
    if version.maker_person == reviewer.person:
        raise OwnCase
    return version
