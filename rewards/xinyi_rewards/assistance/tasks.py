"""Requests for agency that wait for staff, as tasks."""

from __future__ import annotations

from xinyi_platform.language import Text
from xinyi_platform.principals import Staff
from xinyi_platform.tasks.collecting import Task
from xinyi_rewards.assistance.reading import agency_for, due_on
from xinyi_rewards.repairs.reading import entries_by_id

_KINDS = {
    "asked": Text("答复代办申请", "Answer a request for agency"),
    "taken": Text("准备代办材料", "Prepare the papers of an agency"),
}


async def agency_tasks(staff: Staff) -> list[Task]:
    """Return requests to answer and those to prepare that she has taken, by their days."""
    rows = await agency_for(staff)
    entries = await entries_by_id(row.entry_id for row in rows)
    return [
        Task(
            kind=_KINDS[row.state],
            title=entries[row.entry_id].name_masked,
            href=f"/console/help/agency/{row.id}",
            due_on=due_on(row),
            division=row.division,
        )
        for row in rows
    ]
