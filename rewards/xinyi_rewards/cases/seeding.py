"""Synthetic cases: one published with the consent of whom it shows, one that waits for review."""

from __future__ import annotations

from uuid import UUID

from xinyi_platform.features import CityPlan, Progress
from xinyi_platform.ids import new_id
from xinyi_platform.masking import mask_name
from xinyi_platform.runtime import Runtime
from xinyi_rewards.cases.models import CaseHand, CasePerson, CaseVersion, ExemplaryCase

_COMMUNITY = "410611001001"
_CASES = (
    (
        "published",
        "拾到两万元,她在风里等了一个小时(演示)",
        "清晨五点半,她在广场的长椅下发现一个黑色布包,里面是两万元现金。\n"
        "她没有离开,在原地等了一个小时,直到失主赶来。失主要拿出一千元酬谢,她摆摆手,又去扫下一条街了。",
    ),
    (
        "in_review",
        "一家早点铺的“无人收银盒”(演示)",
        "开店十一年,门口的收银盒没有锁,找零自取。\n"
        "店主说,每天打烊一数,多的时候比账上还多几块。社区里的孩子从小就知道,这里的钱要自己放对。",
    ),
)


async def seed_cases(runtime: Runtime, plan: CityPlan, progress: Progress) -> None:
    """Make the cases."""
    now, people, ids = runtime.clock.now(), plan.shared["people"], plan.shared["residents"]
    for place, (state, title, body) in enumerate(_CASES):
        case = await ExemplaryCase.create(id=new_id(), division=_COMMUNITY, created_at=now)
        shown = state == "published"
        version = await CaseVersion.create(
            id=new_id(), case_id=case.id, number=1, slot="shown" if shown else "open", state=state, title=title,
            body=body, maker_id=new_id(), maker_person="person-lin", changed_at=now,
            reviewer_person="person-zhou" if shown else "", published_at=now if shown else None,
        )  # fmt: skip
        await CaseHand.create(id=new_id(), version_id=version.id, person="person-lin")
        resident_id: UUID = ids[place]
        await CasePerson.create(
            id=new_id(), version_id=version.id, resident_id=resident_id, answered_by=resident_id if shown else None,
            name_shown=mask_name(people[place].name), state="agreed" if shown else "asked",
            decided_at=now if shown else None,
        )  # fmt: skip
        progress("案例 cases", place + 1, len(_CASES))
