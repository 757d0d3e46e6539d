"""Collect the tasks of a member of staff: overdue first, then by day, what has no day last."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import date

from xinyi_platform.language import Text
from xinyi_platform.principals import Role, Staff

MOST_SHOWN = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One thing to do: what, where it is done, by which local day (None: none is set), and in which division.

    `title` is a name, or a sentence in both languages.
    """

    kind: Text
    title: str | Text
    href: str
    due_on: date | None
    division: str

    @property
    def name(self) -> Text:
        return self.title if isinstance(self.title, Text) else Text(self.title, self.title)

    def is_overdue(self, today: date) -> bool:
        return self.due_on is not None and self.due_on < today


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskSource:
    """Where tasks of one kind come from. `load` returns those of a member of staff with one of `roles`.

    It tells only what she may do: of her area, and not what she made herself.
    """

    name: str
    roles: frozenset[Role]
    load: Callable[[Staff], Awaitable[list[Task]]]


async def tasks_of(sources: Iterable[TaskSource], staff: Staff) -> list[Task]:
    """Return what waits for a member of staff, up to 200, in the order in which it is due."""
    found: list[Task] = []
    for source in sources:
        if source.roles & staff.roles:
            found += await source.load(staff)
    found.sort(key=lambda task: (task.due_on is None, task.due_on or date.max, task.kind.zh, task.name.zh))
    return found[:MOST_SHOWN]
