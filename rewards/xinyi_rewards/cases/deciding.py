"""Hand a case in, review it, publish it, and take it off."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from xinyi_platform.database import transaction
from xinyi_platform.errors import InvalidField
from xinyi_platform.principals import Staff
from xinyi_rewards.cases.asking import ask, outstanding
from xinyi_rewards.cases.errors import ConsentsOutstanding, OwnCase
from xinyi_rewards.cases.making import (
    add_hands,
    find_case,
    has_hand_in,
    held_of,
    hold,
    move,
    record,
    reset_consents,
    version_in,
)
from xinyi_rewards.cases.models import CasePerson, CaseVersion
from xinyi_rewards.cases.states import LIVE, OPEN


async def submit_case(case_id: UUID, staff: Staff, *, at: datetime) -> None:
    """Hand a draft in; everybody who has an account is asked, whatever she said before, and gets it to read.

    A paper that was signed under this text stands for the answer. Raises NotFound (404) and CaseChanged (409).
    """
    await find_case(case_id, staff)
    async with transaction():
        version = await held_of(case_id, "open", ("draft",))
        await move(version, "submit", at=at)
        version.changed_at = at
        await add_hands(version.id, [staff.person])
        await record(version, "submit", staff.label, at)
        await reset_consents(version.id, state="refused")
        await reset_consents(version.id, paper_file_id=None)
        for person in await CasePerson.filter(version_id=version.id).exclude(state="removed"):
            await ask(version, person, at)


async def publish_case(case_id: UUID, reviewer: Staff, *, at: datetime) -> None:
    """Publish the version in review; the one before it is superseded. Nothing is before everybody has agreed.

    Who may agree is judged at this moment.
    Raises NotFound (404), OwnCase (403), ConsentsOutstanding, CaseChanged (409).
    """
    async with transaction():
        version = await _in_review(case_id, reviewer)
        missing = await outstanding(version.id, at)
        if missing:
            raise ConsentsOutstanding(count=len(missing))
        before = await version_in(case_id, "shown")
        before = await hold(before.id) if before else None
        if before is not None and before.state == "published":
            await move(before, "supersede", at=at, ended_at=at)
        await move(version, "publish", at=at, published_at=at, reviewer_person=reviewer.person)
        await record(version, "publish", reviewer.label, at)


async def send_case_back(case_id: UUID, reviewer: Staff, *, comment: str, at: datetime) -> None:
    """Return the version in review with a comment.

    Raises NotFound (404), OwnCase (403), InvalidField (400), CaseChanged (409).
    """
    async with transaction():
        version = await _in_review(case_id, reviewer)
        if not 1 <= len(comment.strip()) <= 400:
            raise InvalidField(field="comment", zh="请填写意见(1–400字)。", en="Give a comment (1 to 400 characters).")
        await move(version, "send_back", at=at, comment=comment.strip())
        await record(version, "send_back", reviewer.label, at)


async def withdraw_case(case_id: UUID, staff: Staff, *, slot: str, at: datetime) -> None:
    """Take the published version off, or give the open one up. Raises NotFound (404) and CaseChanged (409)."""
    await find_case(case_id, staff)
    async with transaction():
        version = await held_of(case_id, slot, LIVE if slot == "shown" else OPEN)
        await move(version, "withdraw", at=at, ended_at=at)
        await record(version, "withdraw", staff.label, at)


async def _in_review(case_id: UUID, reviewer: Staff) -> CaseVersion:
    """Lock the version in review; nobody reviews what she had a hand in."""
    await find_case(case_id, reviewer)
    version = await held_of(case_id, "open", ("in_review",))
    if await has_hand_in(version.id, reviewer):
        raise OwnCase
    return version
