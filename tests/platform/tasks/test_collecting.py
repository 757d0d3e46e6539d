"""Tasks come from every feature, in the order in which they are due."""

from __future__ import annotations

from datetime import date

import pytest

from xinyi_platform.ids import new_id
from xinyi_platform.language import Text
from xinyi_platform.principals import Role, Staff
from xinyi_platform.tasks import Task, TaskSource, tasks_of

pytestmark = pytest.mark.anyio


def staff(*roles: Role) -> Staff:
    return Staff(new_id(), session_id=new_id(), person="p", roles=frozenset(roles), division="410600")


def a_task(title: str, due: date | None) -> Task:
    return Task(kind=Text("事", "Thing"), title=title, href="/console", due_on=due, division="410600")


def source(name: str, role: Role, *tasks: Task) -> TaskSource:
    async def load(_: Staff) -> list[Task]:
        return list(tasks)

    return TaskSource(name=name, roles=frozenset({role}), load=load)


async def test_overdue_first_then_by_day_and_what_has_no_day_last() -> None:
    late, soon, open_end = a_task("b", date(2026, 1, 1)), a_task("a", date(2026, 3, 1)), a_task("c", None)
    sources = [source("one", Role.REVIEWER, open_end, soon), source("two", Role.REVIEWER, late)]
    assert [task.title for task in await tasks_of(sources, staff(Role.REVIEWER))] == ["b", "a", "c"]
    assert late.is_overdue(date(2026, 1, 2))
    assert not late.is_overdue(date(2026, 1, 1))
    assert not open_end.is_overdue(date(2026, 1, 2))


async def test_a_source_is_asked_for_its_roles_alone() -> None:
    sources = [source("one", Role.REVIEWER, a_task("mine", None)), source("two", Role.ADMIN, a_task("theirs", None))]
    assert [task.title for task in await tasks_of(sources, staff(Role.REVIEWER))] == ["mine"]
