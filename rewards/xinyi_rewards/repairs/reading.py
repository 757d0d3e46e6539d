"""Requests and deferrals as their subjects and the staff of their area see them."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from xinyi_platform.errors import NotFound
from xinyi_platform.principals import Staff
from xinyi_platform.tenancy import area_of, everywhere
from xinyi_rewards.honor_lists.models import HonorEntry
from xinyi_rewards.honor_lists.parties import Party
from xinyi_rewards.repairs.models import MeasureDeferral, RepairPaper, RepairRequest
from xinyi_rewards.repairs.states import OPEN, WAITING

MOST_SHOWN = 200


async def requests_about(party: Party, entry_id: UUID) -> list[RepairRequest]:
    """Return a subject's requests about one entry, the newest first."""
    return await RepairRequest.filter(entry_id=entry_id, **party.columns).order_by("-filed_at", "-id")


async def is_under_way(party: Party, entry_id: UUID) -> bool:
    """Tell whether a request of a subject's about one entry waits for an office."""
    filed = RepairRequest.filter(entry_id=entry_id, state__in=("filed", "passed_on"), **party.columns)
    return await filed.exists()


async def deferral_about(party: Party, entry_id: UUID) -> MeasureDeferral | None:
    """Return a subject's deferral of one measure, or None."""
    return await MeasureDeferral.get_or_none(entry_id=entry_id, **party.columns)


async def papers_of(request_id: UUID) -> list[RepairPaper]:
    """Return a request's papers in their order."""
    return await RepairPaper.filter(request_id=request_id).order_by("place")


async def paper_file(request: RepairRequest, paper_id: UUID) -> UUID:
    """Return the stored file of a request's paper. Raises NotFound (404)."""
    paper = await RepairPaper.get_or_none(id=paper_id, request_id=request.id)
    if paper is None:
        raise NotFound
    return paper.file_id


async def open_requests(staff: Staff) -> list[RepairRequest]:
    """Return the open requests of a member of staff's area, by the next day on which something is due."""
    rows = await area_of(staff).bind(RepairRequest.filter(state__in=OPEN)).order_by("filed_at", "id").limit(MOST_SHOWN)
    return sorted(rows, key=lambda row: row.decide_by or row.pass_on_by)


async def open_deferrals(staff: Staff) -> list[MeasureDeferral]:
    """Return the deferrals of a member of staff's area that wait, by the day promised."""
    return (
        await area_of(staff).bind(MeasureDeferral.filter(state__in=WAITING)).order_by("due_on", "id").limit(MOST_SHOWN)
    )


async def entries_by_id(ids: Iterable[UUID]) -> dict[UUID, HonorEntry]:
    """Return the entries that requests are about, also of the city's own lists."""
    rows = await everywhere(HonorEntry).filter(id__in=list(ids))
    return {entry.id: entry for entry in rows}
