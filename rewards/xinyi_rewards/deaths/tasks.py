"""Deaths that wait for the second person of the city's credit office, as tasks."""

from __future__ import annotations

from tortoise.expressions import Q

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
    reported, contested = Q(state="reported"), Q(state="contested")
    others = reported & ~Q(reported_person=staff.person) | contested & ~Q(contested_person=staff.person)
    return [
        Task(
            kind=_CONFIRM if row.state == "reported" else _SETTLE,
            title=row.document,
            href="/console/deaths",
            due_on=None,
            division=staff.division,
        )
        for row in await PersonDeath.filter(others).order_by("put_down_at").limit(MOST_SHOWN)
    ]
