"""Proposals to revoke that wait for somebody else than who made them, as tasks."""

from __future__ import annotations

from xinyi_platform.language import Text
from xinyi_platform.principals import Staff
from xinyi_platform.tasks.collecting import MOST_SHOWN, Task
from xinyi_rewards.revocations.reading import decidable_by

_DECIDE = Text("确认撤销条目", "Decide whether an entry is revoked")


async def revocation_tasks(staff: Staff) -> list[Task]:
    """Return the proposals that she may decide, by their day."""
    return [
        Task(
            kind=_DECIDE,
            title=row.entry.name_masked,
            href="/console/revocations",
            due_on=row.decide_by,
            division=row.entry.honor_list.division,
        )
        for row in await decidable_by(staff, limit=MOST_SHOWN)
    ]
