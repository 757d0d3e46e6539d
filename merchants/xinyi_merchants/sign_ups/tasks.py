"""Shops that signed up or changed what another person confirms, as tasks."""

from __future__ import annotations

from xinyi_merchants.registry.history import changes_waiting
from xinyi_merchants.sign_ups.deciding import applications_waiting
from xinyi_platform.language import Text
from xinyi_platform.principals import Staff
from xinyi_platform.tasks.collecting import Task

_SIGN_UP = Text("确认商户入驻", "Confirm a sign-up")
_CHANGE = Text("确认商户变更", "Confirm a shop's change")
_PAGE = "/console/merchants/waiting"


async def registry_tasks(staff: Staff) -> list[Task]:
    """Return the sign-ups of the area, and the changes that somebody else made."""
    found = [
        Task(kind=_SIGN_UP, title=row.name, href=_PAGE, due_on=None, division=row.division)
        for row in await applications_waiting(staff)
    ]
    found += [
        Task(kind=_CHANGE, title="、".join(row.after), href=_PAGE, due_on=None, division=row.division)
        for row in await changes_waiting(staff)
        if row.maker_person != staff.person
    ]
    return found
