"""Cases that wait for somebody, as tasks. No day is set for them."""

from __future__ import annotations

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
    waiting = area_of(staff).bind(CaseVersion.filter(slot="open"), "case__division").prefetch_related("case")
    rows = await waiting.order_by("changed_at").limit(MOST_SHOWN)
    hands = CaseHand.filter(version_id__in=[row.id for row in rows], person=staff.person)
    mine = {hand.version_id for hand in await hands}
    may_review, found = bool(staff.roles & set(REVIEWERS)), []
    for row in rows:
        if row.state == "in_review" and may_review and row.id not in mine:
            found.append(_task(_REVIEW, row))
        if row.state == "draft" and row.comment and row.id in mine:
            found.append(_task(_CORRECT, row))
    return found


def _task(kind: Text, row: CaseVersion) -> Task:
    return Task(
        kind=kind, title=row.title, href=f"/console/cases/{row.case_id}", due_on=None, division=row.case.division
    )
