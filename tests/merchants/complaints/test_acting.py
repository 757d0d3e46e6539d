"""Complaints in the database: clocks, races, the sweep and the seed."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from xinyi_merchants.complaints.acting import SYSTEM, Actor, act
from xinyi_merchants.complaints.errors import ComplaintChanged, ReopenedTooOften
from xinyi_merchants.complaints.facts import complaint_facts
from xinyi_merchants.complaints.filing import Filing, file_complaint
from xinyi_merchants.complaints.models import Complaint, ComplaintStep
from xinyi_merchants.complaints.seeding import seed_complaints
from xinyi_merchants.complaints.states import STATES
from xinyi_merchants.complaints.sweeping import settle_due
from xinyi_platform.audit.models import AuditEntry
from xinyi_platform.clock import local_date
from xinyi_platform.errors import Forbidden, InvalidField
from xinyi_platform.features import CityPlan
from xinyi_platform.ids import new_id
from xinyi_platform.notices.models import Notice
from xinyi_platform.outbox.models import OutboxEvent

pytestmark = pytest.mark.anyio
RESIDENT, OPERATOR, STAFF = (Actor(kind, new_id()) for kind in ("resident", "operator", "staff"))
FILING = Filing(category="price", text="多收了十元钱。", wish="退款", phone="13800000000", resident_id=RESIDENT.id)


async def _filed(runtime: Any, plan: CityPlan) -> Complaint:
    shop = plan.shared["merchants"][0]
    receipt = await file_complaint(runtime, shop, FILING, now=runtime.clock.now())
    return await Complaint.get(id=receipt.id)


async def _walk(runtime: Any, row: Complaint, *steps: tuple[Actor, str]) -> Complaint:
    for actor, event in steps:
        row = await Complaint.get(id=row.id)
        await act(runtime, row, event, actor, text="说明情况", now=runtime.clock.now())
    return await Complaint.get(id=row.id)


async def test_the_deadlines_are_working_days(runtime: Any, plan: CityPlan) -> None:
    row = await _filed(runtime, plan)
    assert row.accept_by == date(2026, 12, 2)
    row = await _walk(runtime, row, (STAFF, "accept"))
    assert (row.state, row.answer_by) == ("waiting_merchant", date(2026, 11, 26))


async def test_asking_the_consumer_stops_the_merchants_clock(runtime: Any, plan: CityPlan) -> None:
    row = await _walk(runtime, await _filed(runtime, plan), (STAFF, "accept"), (OPERATOR, "ask"))
    runtime.clock.advance(timedelta(days=7))
    assert await settle_due(runtime) == 0
    row = await _walk(runtime, row, (RESIDENT, "reply"))
    assert (row.state, row.paused_on, row.answer_by) == ("waiting_merchant", None, date(2026, 12, 3))


async def test_of_two_who_act_on_the_same_sight_one_is_told_it_changed(runtime: Any, plan: CityPlan) -> None:
    row = await _filed(runtime, plan)
    await act(runtime, row, "withdraw", RESIDENT, now=runtime.clock.now())
    with pytest.raises(ComplaintChanged):
        await act(runtime, row, "reject", STAFF, text="不属于受理范围", now=runtime.clock.now())
    assert (await Complaint.get(id=row.id)).state == "withdrawn"
    assert await ComplaintStep.filter(complaint_id=row.id).count() == 2


async def test_a_complaint_is_reopened_twice_and_not_thrice(runtime: Any, plan: CityPlan) -> None:
    row = await _walk(runtime, await _filed(runtime, plan), (STAFF, "accept"), (OPERATOR, "answer"))
    again = ((RESIDENT, "reopen"), (STAFF, "forward"), (OPERATOR, "answer"))
    row = await _walk(runtime, row, *again, *again)
    with pytest.raises(ReopenedTooOften):
        await act(runtime, row, "reopen", RESIDENT, text="还是没有解决", now=runtime.clock.now())


async def test_nobody_takes_the_step_of_another(runtime: Any, plan: CityPlan) -> None:
    row = await _filed(runtime, plan)
    for actor, event in ((OPERATOR, "accept"), (RESIDENT, "answer"), (STAFF, "confirm"), (SYSTEM, "withdraw")):
        with pytest.raises(Forbidden):
            await act(runtime, row, event, actor, text="说明情况", now=runtime.clock.now())
    with pytest.raises(InvalidField):
        await act(runtime, row, "reject", STAFF, text=" ", now=runtime.clock.now())


async def test_a_late_merchant_is_noted_once_and_an_uncontested_answer_lapses(runtime: Any, plan: CityPlan) -> None:
    row = await _walk(runtime, await _filed(runtime, plan), (STAFF, "accept"))
    runtime.clock.advance(timedelta(days=4))
    assert (await settle_due(runtime), await settle_due(runtime)) == (1, 0)
    row = await _walk(runtime, row, (OPERATOR, "answer"))
    facts = await complaint_facts(row.merchant_id, today=local_date(runtime.clock.now()))
    assert (facts.received, facts.answered_in_time, facts.resolved, facts.open) == (1, 0, 1, 0)
    runtime.clock.advance(timedelta(days=7))
    assert await settle_due(runtime) == 0  # the seventh day is still hers
    runtime.clock.advance(timedelta(days=1))
    assert await settle_due(runtime) == 1
    assert (await Complaint.get(id=row.id)).state == "confirmed"


async def test_each_step_leaves_a_trail_and_news(runtime: Any, plan: CityPlan) -> None:
    row = await _walk(runtime, await _filed(runtime, plan), (STAFF, "accept"), (OPERATOR, "answer"))
    acts = [entry.action for entry in await AuditEntry.filter(object_id=str(row.id)).order_by("at", "id")]
    assert acts == ["complaint.submit", "complaint.accept", "complaint.forward", "complaint.answer"]
    hers = OutboxEvent.filter(audience=f"resident:{RESIDENT.id}")
    assert await hers.filter(topic__startswith="complaint.").count() == 4
    assert [notice.kind for notice in await Notice.all().order_by("id")] == [
        "complaint.moved",
        "complaint.waits_for_you",
    ]
    assert await OutboxEvent.filter(audience=f"merchant:{row.merchant_id}").count() == 2  # from passing it on


async def test_the_seed_has_complaints_in_every_state(runtime: Any, plan: CityPlan) -> None:
    plan.shared["residents"] = [new_id() for _ in range(5)]
    await seed_complaints(runtime, plan, lambda *_: None)
    assert {row.state for row in await Complaint.all()} == set(STATES)
