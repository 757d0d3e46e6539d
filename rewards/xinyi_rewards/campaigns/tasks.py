"""Campaigns that wait for somebody, as tasks."""

from __future__ import annotations

from tortoise.queryset import QuerySet

from xinyi_platform.language import Text
from xinyi_platform.principals import Staff
from xinyi_platform.tasks.collecting import MOST_SHOWN, Task
from xinyi_platform.tenancy import area_of
from xinyi_rewards.campaigns.models import Campaign
from xinyi_rewards.campaigns.states import MAKERS, REVIEWERS

_REVIEW = Text("复核激励活动", "Review a campaign")
_CORRECT = Text("修改退回的激励活动", "Correct a campaign that was sent back")


async def campaign_tasks(staff: Staff) -> list[Task]:
    """Return what others planned and she may review, by the first day, and her own drafts that were sent back."""
    found = []
    if staff.roles & set(REVIEWERS):
        others = Campaign.filter(state="in_review").exclude(maker_person=staff.person)
        found += await _tasks(_REVIEW, staff, others)
    if staff.roles & set(MAKERS):
        sent_back = Campaign.filter(state="draft", maker_person=staff.person).exclude(comment="")
        found += await _tasks(_CORRECT, staff, sent_back)
    return found


async def _tasks(kind: Text, staff: Staff, rows: QuerySet[Campaign]) -> list[Task]:
    mine = area_of(staff).bind(rows).order_by("first_on", "id")
    return [_task(kind, row) for row in await mine.limit(MOST_SHOWN)]


def _task(kind: Text, row: Campaign) -> Task:
    return Task(
        kind=kind, title=row.title, href=f"/console/campaigns/{row.id}", due_on=row.first_on, division=row.division
    )
