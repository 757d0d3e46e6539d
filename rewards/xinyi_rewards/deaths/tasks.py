"""Deaths that wait for the second person of the city's credit office, as tasks."""

from __future__ import annotations

from xinyi_platform.divisions import is_city
from xinyi_platform.language import Text
from xinyi_platform.principals import Staff
from xinyi_platform.tasks.collecting import MOST_SHOWN, Task
from xinyi_rewards.deaths.models import PersonDeath

_CONFIRM = Text("确认死亡登记", "Confirm a death")
_SETTLE = Text("决定死亡登记更正", "Decide on a death said to be wrong")


async def death_tasks(staff: Staff) -> list[Task]:
    """Return the deaths that she did not put down herself and can confirm, and those another says are wrong."""
    if not is_city(staff.division):
        return []
    waiting = PersonDeath.filter(state__in=("reported", "contested")).order_by("put_down_at")
    found = []
    for row in await waiting.limit(MOST_SHOWN):
        before = row.reported_person if row.state == "reported" else row.contested_person
        if before != staff.person:
            kind = _CONFIRM if row.state == "reported" else _SETTLE
            found.append(
                Task(kind=kind, title=row.document, href="/console/deaths", due_on=None, division=staff.division)
            )
    return found
