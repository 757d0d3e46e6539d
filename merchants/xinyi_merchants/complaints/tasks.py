"""Complaints that wait for staff, as tasks."""

from __future__ import annotations

from xinyi_merchants.complaints.deadlines import due_on
from xinyi_merchants.complaints.models import Complaint
from xinyi_merchants.complaints.states import STATES
from xinyi_platform.language import Text
from xinyi_platform.principals import Staff
from xinyi_platform.tasks.collecting import MOST_SHOWN, Task
from xinyi_platform.tenancy import area_of

WAITS_FOR_STAFF = ("submitted", "accepted", "mediation", "reopened")
_KIND = Text("处理投诉", "Handle a complaint")


async def complaint_tasks(staff: Staff) -> list[Task]:
    """Return the complaints of the area whose next step is staff's, each by its day."""
    rows = area_of(staff).bind(Complaint.filter(state__in=WAITS_FOR_STAFF)).order_by("created_at").limit(MOST_SHOWN)
    return [
        Task(
            kind=_KIND,
            title=f"{row.number} {STATES[row.state].zh}",
            href=f"/console/complaints/{row.id}",
            due_on=due_on(row),
            division=row.division,
        )
        for row in await rows
    ]
