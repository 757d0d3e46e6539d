"""What staff do with a request for agency: take it, propose an appointment, prepare a draft, close it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from xinyi_platform.clock import local_date
from xinyi_platform.database import transaction
from xinyi_platform.errors import InvalidField, NotFound
from xinyi_platform.ids import new_id
from xinyi_platform.principals import Staff
from xinyi_platform.runtime import Runtime
from xinyi_platform.tenancy import area_of
from xinyi_platform.workdays import add_working_days
from xinyi_rewards.assistance.agency import CONTACT_FIELD, move, record_agency
from xinyi_rewards.assistance.errors import AnotherHandles
from xinyi_rewards.assistance.models import AgencyPaper, AgencyRequest
from xinyi_rewards.assistance.planning import require_near
from xinyi_rewards.assistance.policy import help_policy
from xinyi_rewards.assistance.states import advance_agency
from xinyi_rewards.repairs.handling import required
from xinyi_rewards.repairs.requesting import checked_words, clean_papers, store_papers


async def find_agency(agency_id: UUID, staff: Staff) -> AgencyRequest:
    """Return a request of the area that a member of staff serves. Raises NotFound (404) for any other."""
    row = await AgencyRequest.get_or_none(id=agency_id)
    if row is None or not area_of(staff).covers(row.division):
        raise NotFound
    return row


async def look_at_agency(agency_id: UUID, staff: Staff, *, at: datetime) -> AgencyRequest:
    """Return a request of one's area; that she looked is on the trail. Raises NotFound (404)."""
    row = await find_agency(agency_id, staff)
    async with transaction():
        await record_agency("view", row, staff.label, at)
    return row


async def take(agency_id: UUID, staff: Staff, *, at: datetime) -> AgencyRequest:
    """Take a request on; of several who try at once one does. Raises NotFound (404), AgencyChanged (409)."""
    row = await find_agency(agency_id, staff)
    by = add_working_days(local_date(at), help_policy().prepare_working_days)
    return await move(row, "take", actor=staff.label, at=at, handler_id=staff.id, taken_at=at, prepare_by=by)


async def take_over(agency_id: UUID, staff: Staff, *, at: datetime) -> AgencyRequest:
    """Take over what another member of staff handles, who is away, say. Raises NotFound (404), AgencyChanged (409)."""
    row = await find_agency(agency_id, staff)
    return await move(row, "take_over", actor=staff.label, at=at, handler_id=staff.id)


async def propose(agency_id: UUID, staff: Staff, *, when: datetime, where: str, at: datetime) -> AgencyRequest:
    """Propose an appointment. Raises NotFound (404), InvalidField (400), AnotherHandles and AgencyChanged (409)."""
    row = await _mine(agency_id, staff, "propose")
    if when <= at:
        raise InvalidField(field="when", zh="请填写将来的时间。", en="Give a time to come.")
    require_near(when, "when", at=at)
    place = required(where, "where", 120)
    return await move(row, "propose", actor=staff.label, at=at, appointment_at=when, appointment_place=place)


async def prepare_draft(
    runtime: Runtime, agency_id: UUID, staff: Staff, *, statement: str, papers: Sequence[bytes], at: datetime
) -> AgencyRequest:
    """Write the statement and add pictures of documents, which replace those of the draft before; none keeps them.

    Nothing is filed by it. Raises NotFound (404), InvalidField (400), AnotherHandles and AgencyChanged (409),
    TooManyPapers and InvalidPicture (422), PictureTooLarge (413).
    """
    row = await _mine(agency_id, staff, "prepare")
    words, cleaned = checked_words(statement, "statement"), await clean_papers(papers)
    async with transaction():
        moved = await move(row, "prepare", actor=staff.label, at=at, statement=words, draft=row.draft + 1, reason="")
        if cleaned:
            await AgencyPaper.filter(agency_id=row.id).delete()
            stored = await store_papers(runtime, cleaned, owner=f"agency_request:{row.id}", at=at)
            for place, file_id in enumerate(stored, 1):
                await AgencyPaper.create(id=new_id(), agency_id=row.id, file_id=file_id, place=place)
    return moved


async def close(agency_id: UUID, staff: Staff, *, reason: str, at: datetime) -> AgencyRequest:
    """Close a request without filing, with the reason. Raises as `propose`."""
    row = await _mine(agency_id, staff, "close")
    return await move(row, "close", actor=staff.label, at=at, reason=required(reason, "reason", 400))


async def read_contact(runtime: Runtime, agency_id: UUID, staff: Staff, *, at: datetime) -> str:
    """Return in full how the subject is reached, for who handles the request, while it is open; on the trail.

    Raises NotFound (404), AnotherHandles and TransitionForbidden (409).
    """
    row = await _mine(agency_id, staff, "propose")
    async with transaction():
        await record_agency("contact_read", row, staff.label, at)
    return runtime.keys.decrypt(row.contact_cipher, field=CONTACT_FIELD)


async def _mine(agency_id: UUID, staff: Staff, event: str) -> AgencyRequest:
    """Return a request that she handles and that can take the step, for what is looked at before it is taken."""
    row = await find_agency(agency_id, staff)
    advance_agency(row.state, event)
    if row.handler_id != staff.id:
        raise AnotherHandles
    return row
