"""Requests for repair and promises that wait for staff, as tasks."""

from __future__ import annotations

from xinyi_platform.language import Text
from xinyi_platform.principals import Role, Staff
from xinyi_platform.tasks.collecting import Task
from xinyi_rewards.repairs.holding import barred_from
from xinyi_rewards.repairs.reading import entries_by_id, open_deferrals, open_requests

_PASS_ON = Text("转送修复申请", "Pass a repair request on")
_DECIDE = Text("登记修复决定", "Enter the decision on a repair")
_DEFER = Text("答复暂缓申请", "Answer a deferral")


async def repair_tasks(staff: Staff) -> list[Task]:
    """Return requests to pass on, decisions to enter and deferrals to answer (the credit office's), by their days.

    It tells no decision that another person has to enter.
    """
    requests, deferrals = await open_requests(staff), await open_deferrals(staff)
    entries = await entries_by_id([*(row.entry_id for row in requests), *(row.entry_id for row in deferrals)])
    barred = await barred_from([*requests, *deferrals], staff)
    is_office, found = Role.CREDIT_OFFICE in staff.roles, []
    for row in requests:
        is_passed = row.state == "passed_on"
        if row.state == "filed" or (is_passed and is_office and row.id not in barred):
            found.append(
                Task(
                    kind=_DECIDE if is_passed else _PASS_ON,
                    title=entries[row.entry_id].name_masked,
                    href=f"/console/repairs/{row.id}",
                    due_on=row.decide_by if is_passed else row.pass_on_by,
                    division=row.division,
                )
            )
    found += [
        Task(
            kind=_DEFER,
            title=entries[deferral.entry_id].name_masked,
            href="/console/repairs",
            due_on=deferral.due_on,
            division=deferral.division,
        )
        for deferral in deferrals
        if deferral.state == "asked" and is_office and deferral.id not in barred
    ]
    return found
