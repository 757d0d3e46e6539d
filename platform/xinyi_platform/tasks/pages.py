"""My tasks: a page, a card on the console's home, and JSON."""

from __future__ import annotations

from datetime import date
from typing import Any

from litestar import Request, get
from litestar.response import Template

from xinyi_platform.clock import local_date
from xinyi_platform.divisions import division_name
from xinyi_platform.principals import Allow, Staff, caller_of
from xinyi_platform.runtime import Runtime
from xinyi_platform.schemas import Answer
from xinyi_platform.tasks.collecting import Task, TaskSource, tasks_of
from xinyi_platform.web import page

AnyRequest = Request[Any, Any, Any]
_ON_THE_CARD = 5


class TaskAnswer(Answer, kw_only=True, frozen=True):
    """One thing to do, by `due_on` (a day in the city; none where none is set), at the console's page `href`."""

    kind_zh: str
    kind_en: str
    title: str
    title_en: str
    href: str
    due_on: date | None
    is_overdue: bool
    division: str


def _sources(request: AnyRequest) -> list[TaskSource]:
    return [source for feature in request.app.state.features for source in feature.tasks]


@get("/console/tasks", guards=[Allow(Staff)], include_in_schema=False)
async def my_tasks(runtime: Runtime, request: AnyRequest, principal: Staff) -> Template:
    """What waits for me, by its day."""
    tasks, today = await tasks_of(_sources(request), principal), local_date(runtime.clock.now())
    return page("tasks/tasks.html", request, tasks=_shown(tasks, today))


@get("/staff/v1/tasks", guards=[Allow(Staff)], tags=["staff"], operation_id="listMyTasks")
async def my_tasks_as_json(runtime: Runtime, request: AnyRequest, principal: Staff) -> list[TaskAnswer]:
    """What waits for me, by its day: overdue first, what has no day last; up to 200."""
    today = local_date(runtime.clock.now())
    return [
        TaskAnswer(
            kind_zh=task.kind.zh,
            kind_en=task.kind.en,
            title=task.name.zh,
            title_en=task.name.en,
            href=task.href,
            due_on=task.due_on,
            is_overdue=task.is_overdue(today),
            division=task.division,
        )
        for task in await tasks_of(_sources(request), principal)
    ]


async def tasks_card(request: AnyRequest, _: dict[str, Any]) -> dict[str, Any] | None:
    """The next tasks, and how many there are."""
    caller, runtime = caller_of(request), request.app.state.runtime
    if not isinstance(caller, Staff):
        return None
    tasks, today = await tasks_of(_sources(request), caller), local_date(runtime.clock.now())
    overdue = sum(task.is_overdue(today) for task in tasks)
    return {"tasks": _shown(tasks[:_ON_THE_CARD], today), "count": len(tasks), "overdue": overdue}


def _shown(tasks: list[Task], today: date) -> list[dict[str, Any]]:
    return [
        {"task": task, "is_overdue": task.is_overdue(today), "where": division_name(task.division)} for task in tasks
    ]


ROUTES = (my_tasks, my_tasks_as_json)
