"""Hold an entry for a step of its repair, and keep apart those who take the steps.

Whatever changes an entry and a request or a deferral of it locks the entry first: the job that ends entries and the one
that publishes them go the same way, so that none of them waits for the other in a circle.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from xinyi_platform.errors import DomainError
from xinyi_platform.principals import Staff
from xinyi_platform.tenancy import everywhere
from xinyi_rewards.honor_lists.models import HonorEntry, HonorList
from xinyi_rewards.repairs.errors import OwnRepair, RepairChanged
from xinyi_rewards.repairs.models import MeasureDeferral, RepairRequest


async def hold_entry(
    entry_id: UUID, state: str, *, otherwise: type[DomainError] = RepairChanged, **still: object
) -> None:
    """Lock an entry that is in a state; joins the caller's transaction. Raises `otherwise` (409) where it is not.

    `still` says what else has to be so, as a filter does.
    """
    if not await everywhere(HonorEntry).filter(id=entry_id, state=state, **still).update(state=state):
        raise otherwise


async def barred_from(rows: Sequence[RepairRequest | MeasureDeferral], staff: Staff) -> set[UUID]:
    """Return the requests or deferrals whose next decision another person has to enter: she had a hand in it before."""
    entries = {entry.id: entry for entry in await everywhere(HonorEntry).filter(id__in=[row.entry_id for row in rows])}
    made = {entry.honor_list_id for entry in entries.values()}
    mine = everywhere(HonorList).filter(id__in=list(made), maker_person=staff.person)
    hers = {one.id for one in await mine}
    return {row.id for row in rows if _before(row) == staff.person or entries[row.entry_id].honor_list_id in hers}


def _before(row: RepairRequest | MeasureDeferral) -> str:
    return row.passed_on_person if isinstance(row, RepairRequest) else row.decided_person


async def require_another(row: RepairRequest | MeasureDeferral, staff: Staff) -> None:
    """Raise OwnRepair (403) for a person who made the list of the entry or took the step before."""
    if row.id in await barred_from([row], staff):
        raise OwnRepair
