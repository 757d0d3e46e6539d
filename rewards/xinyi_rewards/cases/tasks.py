"""Cases that wait for somebody, as tasks. No day is set for them."""

from __future__ import annotations

from uuid import UUID

from tortoise.expressions import Q

from xinyi_platform.language import Text
from xinyi_platform.principals import Staff
from xinyi_platform.tasks.collecting import MOST_SHOWN, Task
from xinyi_platform.tenancy import area_of
from xinyi_rewards.cases.models import CaseHand, CaseVersion
from xinyi_rewards.cases.states import REVIEWERS

_REVIEW = Text("复核案例", "Review a case")
_CORRECT = Text("修改退回的案例", "Correct a case that was sent back")


async def case_tasks(staff: Staff) -> list[Task]:
    """Return the cases that she may review, having no hand in them, and those of hers that were sent back."""
    hands = CaseHand.filter(person=staff.person, version__slot="open")
    mine: list[UUID] = await hands.values_list("version_id", flat=True)  # type: ignore[assignment]
    due = Q(state="draft", id__in=mine) & ~Q(comment="")
    if staff.roles & set(REVIEWERS):
        due |= Q(state="in_review") & ~Q(id__in=mine)
    waiting = area_of(staff).bind(CaseVersion.filter(due, slot="open"), "case__division").prefetch_related("case")
    rows = await waiting.order_by("changed_at").limit(MOST_SHOWN)
    return [_task(_REVIEW if row.state == "in_review" else _CORRECT, row) for row in rows]


def _task(kind: Text, row: CaseVersion) -> Task:
    return Task(
        kind=kind, title=row.title, href=f"/console/cases/{row.case_id}", due_on=None, division=row.case.division
    )
