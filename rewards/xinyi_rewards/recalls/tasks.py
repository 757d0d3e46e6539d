"""Entries that a member of staff exported and has to delete, as tasks."""

from __future__ import annotations

from xinyi_platform.clock import local_date
from xinyi_platform.language import Text
from xinyi_platform.principals import Staff
from xinyi_platform.tasks.collecting import Task
from xinyi_rewards.honor_lists.kinds import list_kinds
from xinyi_rewards.recalls.models import Recall
from xinyi_rewards.recalls.reading import recalls_of
from xinyi_rewards.recalls.silence import receivers_of_staff

_DELETE = Text("确认已停止使用“{zh}”中的条目", "Confirm that you stopped using an entry of “{en}”")


async def recall_tasks(staff: Staff) -> list[Task]:
    """Return the recalls addressed to any account of hers, by the day on which she is reminded."""
    return [
        Task(
            kind=_DELETE.format(zh=_name(row).zh, en=_name(row).en),
            title=str(row.entry_id),
            href="/console/recalls",
            due_on=local_date(row.chase_at),
            division=row.division,
        )
        for row in await recalls_of(await receivers_of_staff(staff), state="issued")
    ]


def _name(row: Recall) -> Text:
    kind = list_kinds().get(row.kind)
    return kind.name if kind else Text(row.kind, row.kind)
