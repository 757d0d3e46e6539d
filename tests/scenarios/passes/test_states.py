"""Every edge of a pass that is not in the table is refused, and numbers hold against a crowd."""

from __future__ import annotations

import asyncio

import pytest
from support.scenes import add_scene

from xinyi_platform.errors import DomainError
from xinyi_platform.ids import new_id
from xinyi_platform.runtime import Runtime
from xinyi_platform.transitions import TransitionForbidden
from xinyi_scenarios.entitlements.models import Entitlement
from xinyi_scenarios.passes.booking import book_pass
from xinyi_scenarios.passes.models import CounterDay, CounterPass
from xinyi_scenarios.passes.states import STATES, TRANSITIONS, USED, WAITING, advance

EVENTS = sorted({event for edges in TRANSITIONS.values() for event in edges})


@pytest.mark.parametrize("state", TRANSITIONS)
@pytest.mark.parametrize("event", EVENTS)
def test_an_edge_is_in_the_table_or_refused(state: str, event: str) -> None:
    if event in TRANSITIONS[state]:
        assert advance(state, event) in TRANSITIONS
        return
    with pytest.raises(TransitionForbidden):
        advance(state, event)


def test_every_state_is_worded_and_stands_on_one_side() -> None:
    assert set(STATES) == set(TRANSITIONS)
    assert set(TRANSITIONS) - {*WAITING, *USED} == {"cancelled", "no_show"}


@pytest.mark.anyio
async def test_of_many_at_once_each_gets_a_number_of_her_own_and_no_more_than_there_are(runtime: Runtime) -> None:
    name = {"zh": "窗口", "en": "Counter"}
    counters = [{"key": "one", "a_day": 7, "name": name}]
    scene = add_scene(runtime, "lane", gives={"flow": "fast_track", "counters": counters}, quota={"total": 99})
    now = runtime.clock.now()
    rows = [
        await Entitlement.create(
            code=f"{n:016d}", scenario="lane", version=1, resident_id=new_id(), period="2026-11", slot="2026-11",
            quota_id=new_id(), state="issued", benefit=scene.benefit(), created_at=now,
            valid_until=now.replace(month=12),
        )
        for n in range(20)
    ]  # fmt: skip

    async def book(held: Entitlement) -> int | str:
        try:
            return (await book_pass(held.resident_id, held.id, "one", now.date(), at=now)).number
        except DomainError as error:
            return error.code

    answers = await asyncio.gather(*(book(held) for held in rows))
    assert sorted(a for a in answers if isinstance(a, int)) == [1, 2, 3, 4, 5, 6, 7]
    assert [a for a in answers if isinstance(a, str)] == ["counter_full"] * 13
    assert (await CounterDay.get()).taken == await CounterPass.all().count() == 7
