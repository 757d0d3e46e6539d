"""Campaigns that wait for somebody, as tasks."""

from __future__ import annotations

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
    open_ones = area_of(staff).bind(Campaign.filter(state__in=("in_review", "draft"))).order_by("first_on", "id")
    found = []
    for row in await open_ones.limit(MOST_SHOWN):
        mine = row.maker_person == staff.person
        if row.state == "in_review" and not mine and staff.roles & set(REVIEWERS):
            found.append(_task(_REVIEW, row))
        if row.state == "draft" and row.comment and mine and staff.roles & set(MAKERS):
            found.append(_task(_CORRECT, row))
    return found


def _task(kind: Text, row: Campaign) -> Task:
    return Task(
        kind=kind, title=row.title, href=f"/console/campaigns/{row.id}", due_on=row.first_on, division=row.division
    )
