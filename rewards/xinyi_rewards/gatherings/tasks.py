"""Gatherings that were held and wait for their numbers, as tasks."""

from __future__ import annotations

from datetime import timedelta

from xinyi_platform.clock import local_date
from xinyi_platform.language import Text
from xinyi_platform.principals import Staff
from xinyi_platform.tasks.collecting import MOST_SHOWN, Task
from xinyi_platform.tenancy import area_of
from xinyi_rewards.gatherings.models import Gathering

SETTLE_WITHIN = timedelta(days=7)
"""The city's default: how long after its day a gathering's numbers are put down."""
_SETTLE = Text("登记活动到场人数", "Put down what a gathering reached")


async def gathering_tasks(staff: Staff) -> list[Task]:
    """Return the gatherings of the area that are over and whose numbers nobody has put down, by their day."""
    rows = area_of(staff).bind(Gathering.filter(state="done", settled_at=None)).order_by("ends_at")
    return [
        Task(
            kind=_SETTLE,
            title=row.title,
            href=f"/console/gatherings/{row.id}",
            due_on=local_date(row.ends_at + SETTLE_WITHIN),
            division=row.division,
        )
        for row in await rows.limit(MOST_SHOWN)
    ]
