"""Lists and objections that wait for somebody, as tasks."""

from __future__ import annotations

from uuid import UUID

from tortoise.expressions import Q

from xinyi_platform.clock import local_date
from xinyi_platform.language import Text
from xinyi_platform.principals import Staff
from xinyi_platform.tasks.collecting import MOST_SHOWN, Task
from xinyi_platform.tenancy import area_of
from xinyi_rewards.honor_lists.kinds import list_kinds
from xinyi_rewards.honor_lists.models import HonorEntry, HonorList, ListReview, Objection

_REVIEW = Text("复核名单", "Review a list")
_CORRECT = Text("修改退回的名单", "Correct a list that was sent back")
_STUCK = Text("条目未能按时处理,请联系管理员", "What was due for an entry could not be done; tell an administrator")
_DECIDE = Text("处理异议", "Decide an objection")


async def list_tasks(staff: Staff) -> list[Task]:
    """Return the lists that she may review and has not yet this turn, and her own that were sent back."""
    kinds = [kind.slug for kind in list_kinds().values() if kind.may_review(staff.roles)]
    to_review = Q(state="in_review", kind__in=kinds) & ~Q(maker_person=staff.person)
    to_correct = Q(state="draft", maker_person=staff.person, turn__gt=0)
    lists = area_of(staff).bind(HonorList.filter(to_review | to_correct).exclude(id__in=await _reviewed_by(staff)))
    rows = await lists.order_by("created_at").limit(MOST_SHOWN)
    return [_task(_REVIEW if row.state == "in_review" else _CORRECT, row) for row in rows]


async def _reviewed_by(staff: Staff) -> list[UUID]:
    """Return the lists in review on which she has had her word this turn; they wait for others."""
    hers = ListReview.filter(person=staff.person, honor_list__state="in_review")
    said = await hers.values_list("honor_list_id", "turn", "honor_list__turn")
    return [list_id for list_id, turn, now in said if turn == now]


async def stuck_tasks(staff: Staff) -> list[Task]:
    """Return the entries of her area for which a job could not do what was due; the public sees none of them late."""
    mine = area_of(staff).bind(HonorEntry.filter(stuck_since__isnull=False), "honor_list__division")
    return [
        Task(
            kind=_STUCK,
            title=row.name_masked,
            href=f"/console/lists/{row.honor_list_id}",
            due_on=local_date(row.stuck_since) if row.stuck_since else None,
            division=row.honor_list.division,
        )
        for row in await mine.order_by("stuck_since").limit(MOST_SHOWN).prefetch_related("honor_list")
    ]


def _task(kind: Text, row: HonorList) -> Task:
    return Task(kind=kind, title=row.title, href=f"/console/lists/{row.id}", due_on=None, division=row.division)


async def objection_tasks(staff: Staff) -> list[Task]:
    """Return the open objections to entries that she did not make, by their day."""
    mine = area_of(staff).bind(Objection.filter(state="open"), "entry__honor_list__division")
    others = mine.exclude(entry__honor_list__maker_person=staff.person).order_by("decide_by")
    return [
        Task(
            kind=_DECIDE,
            title=row.entry.name_masked,
            href="/console/objections",
            due_on=row.decide_by,
            division=row.entry.honor_list.division,
        )
        for row in await others.prefetch_related("entry__honor_list").limit(MOST_SHOWN)
    ]
