"""Synthetic lists: a published red list, one in review, one draft, and mirrored black entries."""

from __future__ import annotations

from datetime import timedelta

from xinyi_platform.clock import local_date
from xinyi_platform.database.bulk import bulk_insert
from xinyi_platform.features import CityPlan, Progress
from xinyi_platform.identity.residents import NewResident
from xinyi_platform.ids import new_id
from xinyi_platform.runtime import Runtime
from xinyi_rewards.honor_lists.making import entry_row
from xinyi_rewards.honor_lists.models import HonorEntry, HonorList
from xinyi_rewards.honor_lists.publishing import publish_due
from xinyi_rewards.honor_lists.sheets import SheetRow
from xinyi_rewards.honor_lists.terms import over_at, policy_on, term_of
from xinyi_rewards.rewards.granting import grant_due

_DEEDS = ("长期参与社区夜间巡逻", "照护独居老人两年", "组织旧衣捐赠", "多次无偿献血", "拾金不昧,主动归还失物")
_COMMUNITY = "410611001001"
_LISTS = (
    ("red-good-neighbour", "和睦社区好人榜(演示)", "approved", 1, 12),
    ("red-volunteer", "优秀志愿者(演示)", "in_review", 20, 30),
    ("red-good-neighbour", "第二期好人榜(演示)", "draft", 40, 46),
)


async def seed_lists(runtime: Runtime, plan: CityPlan, progress: Progress) -> None:
    """Make the lists and publish what is due."""
    people: list[NewResident] = plan.shared["people"]
    for done, (kind, title, state, first, last) in enumerate(_LISTS, 1):
        await _seed_one(runtime, kind, title, state, people[first:last])
        progress("名单 honor lists", done, len(_LISTS) + 1)
    await _seed_black(runtime, people[-8:])
    await publish_due(runtime)
    await grant_due(runtime)
    progress("名单 honor lists", len(_LISTS) + 1, len(_LISTS) + 1)


async def _seed_one(runtime: Runtime, kind: str, title: str, state: str, people: list[NewResident]) -> None:
    now = runtime.clock.now()
    made = await HonorList.create(
        id=new_id(),
        kind=kind,
        title=title,
        division=_COMMUNITY,
        state=state,
        approvals=1 if state == "approved" else 0,
        turn=0 if state == "draft" else 1,
        maker_id=new_id(),
        maker_person="person-lin",
        created_at=now - timedelta(days=3),
    )
    entry_state = "noticed" if state == "approved" else state
    rows = []
    for place, person in enumerate(people):
        sheet = SheetRow(place + 2, person.name, person.identity_number, _DEEDS[place % len(_DEEDS)])
        rows.append(
            {
                **entry_row(runtime.keys, made, sheet, at=now),
                "state": entry_state,
                "publish_at": now if entry_state == "noticed" else None,
            }
        )
    await bulk_insert(HonorEntry, rows, skip_conflicts=True)


async def _seed_black(runtime: Runtime, people: list[NewResident]) -> None:
    """Mirror synthetic decisions of a court, each with authority and document number."""
    now = runtime.clock.now()
    made = await HonorList.create(
        id=new_id(),
        kind="black-enforcement",
        title="失信被执行人(演示转载)",
        division="410600",
        state="approved",
        approvals=1,
        maker_id=new_id(),
        maker_person="person-xu",
        created_at=now,
    )
    determined = local_date(now) - timedelta(days=30)
    term = term_of("serious", determined, policy=policy_on(determined))
    rows = []
    for place, person in enumerate(people, 1):
        sheet = SheetRow(place, person.name, person.identity_number, "有履行能力而拒不履行(演示)")
        document = {
            "authority": "演示市人民法院",
            "document_no": f"(2026)演0600执{place:04d}号",
            "source": "credit_office",
            "grade": "serious",
            "determined_on": determined,
            "notified_on": determined,
            "objection_until": determined + timedelta(days=7),
            "repairable_from": term.repairable_from,
            "ends_on": term.longest,
            "valid_until": over_at(term.longest),
        }
        rows.append({**entry_row(runtime.keys, made, sheet, at=now), **document, "state": "noticed", "publish_at": now})
    await bulk_insert(HonorEntry, rows, skip_conflicts=True)
