"""Proposed policies of an area that wait for another person, as tasks."""

from __future__ import annotations

from xinyi_platform.division_policies.models import DivisionPolicy
from xinyi_platform.division_policies.reading import is_known
from xinyi_platform.language import Text
from xinyi_platform.principals import Staff
from xinyi_platform.tasks.collecting import MOST_SHOWN, Task
from xinyi_platform.tenancy import area_of
from xinyi_platform.tenancy.narrowing import shown_value, topics

_KIND = Text("批准辖区规定", "Approve a policy")


async def policy_tasks(staff: Staff) -> list[Task]:
    """Return what somebody else proposed, by the day from which it is to hold."""
    waiting = area_of(staff).bind(DivisionPolicy.filter(state="proposed")).exclude(maker_person=staff.person)
    return [
        Task(
            kind=_KIND,
            title=_title(row),
            href="/console/policies",
            due_on=row.in_force_from,
            division=row.division,
        )
        for row in await waiting.order_by("in_force_from").limit(MOST_SHOWN)
    ]


def _title(row: DivisionPolicy) -> Text:
    """Return what is proposed as people read it; the keys of what the program knows no more."""
    value = shown_value(row.value)
    if not is_known(row):
        return Text(f"{row.key} · {row.parameter}: {value}", f"{row.key} · {row.parameter}: {value}")
    topic = topics()[row.topic]
    thing, parameter = topic.bases()[row.key].text, topic.parameter(row.parameter).text
    return Text(f"{thing.zh} · {parameter.zh}: {value}", f"{thing.en} · {parameter.en}: {value}")
