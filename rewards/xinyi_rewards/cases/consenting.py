"""Agree to a version or take it back, in the app or on paper: each under the lock of the version's row.

Publishing takes the same lock, so that a consent taken back meanwhile is either seen by it, or finds it published and
takes it off.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from xinyi_platform.database import transaction
from xinyi_platform.errors import NotFound
from xinyi_platform.principals import Staff
from xinyi_platform.runtime import Runtime
from xinyi_rewards.cases.asking import consent_now, voice_of
from xinyi_rewards.cases.making import find_case, hold, move, record
from xinyi_rewards.cases.models import CasePerson, CaseVersion
from xinyi_rewards.cases.states import LIVE, advance_consent


async def answer(person_id: UUID, resident_id: UUID, *, agrees: bool, at: datetime) -> None:
    """Agree to a version in review, refuse it, or take an agreement back while it is made, reviewed or published.

    With that a published version is off every page at once. Raises NotFound (404) for what is not hers to answer at
    this moment, TransitionForbidden (409).
    """
    async with transaction():
        version, person = await _held(person_id)
        voice = await voice_of(person, at)
        if resident_id not in voice.residents or (agrees and version.state != "in_review"):
            raise NotFound
        person.state = consent_now(person, voice, version.state)
        event = "agree" if agrees else "withdraw" if person.state == "agreed" else "refuse"
        paper: dict[str, object] = {"paper_file_id": None, "signed_by": ""} if agrees else {}
        await _set(person, event, at, answered_by=resident_id, **paper)
        await record(version, f"consent_{event}", f"resident:{resident_id}", at, person=str(person.id))
        if not agrees:
            await _take_off(version, at)


async def withdraw_paper(case_id: UUID, person_id: UUID, staff: Staff, *, at: datetime) -> None:
    """Take back a consent given on paper, for the person who asks for it.

    Raises NotFound (404), TransitionForbidden (409).
    """
    await find_case(case_id, staff)
    async with transaction():
        version, person = await _held(person_id)
        if version.case_id != case_id or person.paper_file_id is None:
            raise NotFound
        await _set(person, "withdraw", at)
        await record(version, "consent_withdraw", staff.label, at, person=str(person.id))
        await _take_off(version, at)


async def _held(person_id: UUID) -> tuple[CaseVersion, CasePerson]:
    """Lock the version of somebody shown, and return both as they are now. Raises NotFound (404) where it has ended."""
    person = await CasePerson.get_or_none(id=person_id)
    version = await hold(person.version_id) if person else None
    if version is None or version.state not in LIVE:
        raise NotFound
    person = await CasePerson.get_or_none(id=person_id)
    if person is None or person.state == "removed":
        raise NotFound
    return version, person


async def _set(person: CasePerson, event: str, at: datetime, **values: object) -> None:
    state = advance_consent(person.state, event)
    await CasePerson.filter(id=person.id).update(state=state, decided_at=at, **values)


async def _take_off(version: CaseVersion, at: datetime) -> None:
    if version.state == "published":
        await move(version, "withdraw", at=at, ended_at=at)


async def withdraw_unagreed(runtime: Runtime) -> int:
    """Take off whatever is published with somebody in it who has not agreed: a net beneath the locks."""
    now, taken = runtime.clock.now(), 0
    rows = CasePerson.filter(version__state="published").exclude(state__in=("agreed", "removed"))
    for version_id in {row.version_id for row in await rows}:
        async with transaction():
            version = await hold(version_id)
            unagreed = CasePerson.filter(version_id=version_id).exclude(state__in=("agreed", "removed"))
            if version is None or version.state != "published" or not await unagreed.exists():
                continue
            await _take_off(version, now)
            await record(version, "withdraw", "job:cases", now)
            taken += 1
    return taken
