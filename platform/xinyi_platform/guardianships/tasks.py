"""Guardianships that wait for their community, as tasks."""

from __future__ import annotations

from xinyi_platform.guardianships.models import Guardianship
from xinyi_platform.guardianships.states import RELATION_NAMES
from xinyi_platform.language import Text
from xinyi_platform.principals import Staff
from xinyi_platform.tasks.collecting import MOST_SHOWN, Task
from xinyi_platform.tenancy import area_of

_KIND = Text("确认监护关系", "Confirm a guardianship")


async def guardianship_tasks(staff: Staff) -> list[Task]:
    """Return those asked for in the area."""
    rows = area_of(staff).bind(Guardianship.filter(state="asked")).order_by("asked_at").limit(MOST_SHOWN)
    return [
        Task(
            kind=_KIND,
            title=RELATION_NAMES[row.relation].zh,
            href="/console/guardianships",
            due_on=None,
            division=row.division,
        )
        for row in await rows
    ]
