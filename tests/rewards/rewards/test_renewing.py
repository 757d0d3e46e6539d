"""A reward comes again with the scene's next period, one at a time a resident and household, while the entry lasts."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from itertools import pairwise

import httpx
import pytest
from support.lists import WITH_NOTICE
from support.people import Caller, a_resident
from support.rewards import born, held, list_them, night, reason, rewards, tie, untie
from support.scenes import id_of, post_form, read_page
from support.telling import kinds_told

from xinyi_platform.clock import FixedClock
from xinyi_platform.database import transaction
from xinyi_platform.ids import new_id
from xinyi_platform.runtime import Runtime
from xinyi_rewards.honor_lists.models import HonorEntry
from xinyi_rewards.honor_lists.publishing import end_entry, publish_due
from xinyi_rewards.rewards.granting import grant_due
from xinyi_rewards.rewards.holding import hold
from xinyi_rewards.rewards.models import RewardGrant, RewardHold
from xinyi_rewards.rewards.renewing import renew_rewards
from xinyi_scenarios.entitlements.changing import change_entitlement
from xinyi_scenarios.entitlements.models import Entitlement

pytestmark = pytest.mark.anyio
ELDER, OLD = "elder-care", date(1950, 1, 1)


async def use(who: Caller, clock: FixedClock, policy: str = ELDER) -> None:
    await change_entitlement((await held(who, policy)).id, "redeem", actor="test", at=clock.now())


async def given(who: Caller, policy: str = ELDER) -> list[str]:
    """The periods in which somebody was given a reward."""
    rows = Entitlement.filter(resident_id=who.id, scenario=policy).order_by("created_at")
    periods: list[str] = await rows.values_list("period", flat=True)  # type: ignore[assignment]
    return periods


async def test_what_was_used_comes_again_in_the_next_period_and_not_before(
    app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock, lin: Caller, zhou: Caller, wang: Caller
) -> None:
    await list_them(app_client, lin, zhou, 1)
    await use(wang, clock)
    await night(runtime, clock)
    await night(runtime, clock)
    assert (await given(wang), (await rewards(wang))[ELDER]) == (["2026-11"], "waiting")
    assert "2026-12-01" in await reason(wang, ELDER)
    await night(runtime, clock, 6)
    assert (await given(wang), (await rewards(wang))[ELDER]) == (["2026-11", "2026-12"], "given")
    assert "reward.given" in await kinds_told(id_of(wang))
    await night(runtime, clock, 31)
    assert len(await given(wang)) == 2  # it is not used, and good for sixty days


@pytest.mark.parametrize("way", ["cancel", "expire"])
async def test_what_was_given_back_or_has_run_out_is_closed_too(
    app_client: httpx.AsyncClient,
    runtime: Runtime,
    clock: FixedClock,
    lin: Caller,
    zhou: Caller,
    wang: Caller,
    way: str,
) -> None:
    await list_them(app_client, lin, zhou, 1)
    await change_entitlement((await held(wang, ELDER)).id, way, actor="test", at=clock.now())
    assert await renew_rewards(runtime) == 1
    assert await renew_rewards(runtime) == 0
    await night(runtime, clock, 8)
    assert await given(wang) == ["2026-11", "2026-12"]


async def test_once_ever_stays_once_and_with_the_entry_nothing_comes_any_more(
    app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock, lin: Caller, zhou: Caller, wang: Caller
) -> None:
    await list_them(app_client, lin, zhou, 1)
    await change_entitlement((await held(wang, "read")).id, "cancel", actor="test", at=clock.now())
    await change_entitlement((await held(wang, ELDER)).id, "cancel", actor="test", at=clock.now())
    await renew_rewards(runtime)
    assert [(await rewards(wang))[policy] for policy in ("read", ELDER)] == ["closed", "waiting"]
    await end_entry(runtime, (await HonorEntry.get()).id, "revoke", actor="test", reason="更正", at=clock.now())
    await night(runtime, clock, 40)
    assert (len(await given(wang, "read")), len(await given(wang))) == (1, 1)
    assert not await RewardHold.exists()


async def test_who_asks_after_the_period_has_changed_need_not_wait_for_the_night(
    app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock, lin: Caller, zhou: Caller, wang: Caller
) -> None:
    await list_them(app_client, lin, zhou, 1)
    await use(wang, clock)
    clock.advance(timedelta(days=8))
    grant = await RewardGrant.get(policy=ELDER)
    page = (await read_page(app_client, wang, "/app/honors")).text
    assert "申请下一份" in page
    path = f"/app/honors/rewards/{grant.id}/ask"
    assert (await post_form(app_client, wang, path, {})).status_code == 303
    assert await given(wang) == ["2026-11", "2026-12"]
    assert (await post_form(app_client, wang, path, {})).status_code == 404


async def test_on_two_lists_one_gets_one_a_period(
    app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock, lin: Caller, zhou: Caller, wang: Caller
) -> None:
    await list_them(app_client, lin, zhou, 1)
    await list_them(app_client, lin, zhou, 1, kind=WITH_NOTICE)
    clock.advance(timedelta(days=8))
    await publish_due(runtime)
    await grant_due(runtime)
    assert await given(wang) == ["2026-11"]
    await use(wang, clock)
    await night(runtime, clock, 2)
    assert await given(wang) == ["2026-11", "2026-12"]
    await use(wang, clock)
    await night(runtime, clock, 2)
    await night(runtime, clock, 2)
    assert await given(wang) == ["2026-11", "2026-12"]
    assert "{" not in (await read_page(app_client, wang, "/app/honors")).text.partition("由此获得")[2][:4000]


async def test_what_ended_frees_the_household(
    app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock, lin: Caller, zhou: Caller, wang: Caller
) -> None:
    wife = await a_resident(runtime, 2)
    await born(wang, OLD)
    await born(wife, OLD)
    await tie(runtime, id_of(wife), id_of(wang))
    await list_them(app_client, lin, zhou, 1, 2)
    has, waits = (wang, wife) if await given(wang) else (wife, wang)
    assert (await given(has), await given(waits)) == (["2026-11"], [])
    await use(has, clock)
    await night(runtime, clock, 2)
    assert await given(waits) == ["2026-11"]


async def test_who_left_a_household_is_not_held_by_it_and_who_joined_is(
    app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock, lin: Caller, zhou: Caller, wang: Caller
) -> None:
    wife, son = await a_resident(runtime, 2), await a_resident(runtime, 3)
    for who in (wang, wife, son):
        await born(who, OLD)
    await tie(runtime, id_of(wife), id_of(wang))
    await list_them(app_client, lin, zhou, 1)
    await list_them(app_client, lin, zhou, 2)
    assert (await given(wang), await given(wife)) == (["2026-11"], [])
    await tie(runtime, id_of(son), id_of(wife))
    await list_them(app_client, lin, zhou, 3)
    assert "同一家庭" in await reason(son, ELDER)
    await untie(runtime)
    await night(runtime, clock)
    assert [len(await given(who)) for who in (wang, wife, son)] == [1, 1, 1]


async def test_of_a_household_that_asks_at_once_one_gets_it(
    app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock, lin: Caller, zhou: Caller
) -> None:
    people = [await a_resident(runtime, number) for number in range(1, 5)]
    for who in people:
        await born(who, OLD)
    for one, other in pairwise(people):
        await tie(runtime, id_of(one), id_of(other))
    await list_them(app_client, lin, zhou, *range(1, 5))
    for _ in range(3):
        holder = await RewardGrant.get(policy=ELDER, state="given")
        await change_entitlement(holder.entitlement_id, "cancel", actor="test", at=clock.now())
        await renew_rewards(runtime)
        await RewardGrant.filter(policy=ELDER, state="waiting").update(try_at=clock.now())
        assert await RewardGrant.filter(policy=ELDER, state="waiting").count() == 4
        await asyncio.gather(*(grant_due(runtime) for _ in range(5)))
        assert await RewardGrant.filter(policy=ELDER, state="given").count() == 1
        assert await Entitlement.filter(scenario=ELDER, state="issued").count() == 1


async def test_of_members_at_once_just_one_holds_it_for_all_in_whatever_order_they_come(
    app_client: httpx.AsyncClient,
) -> None:
    people = [new_id() for _ in range(8)]
    grants = [RewardGrant(id=new_id(), policy=ELDER, resident_id=who) for who in reversed(people)]

    async def take(grant: RewardGrant) -> None:
        async with transaction():
            await hold(grant, people)

    answers = await asyncio.gather(*(take(grant) for grant in grants), return_exceptions=True)
    assert sorted(type(answer).__name__ for answer in answers) == ["NoneType"] + ["NotNow"] * 7
    assert await RewardHold.all().count() == len(people)
    assert len(set(await RewardHold.all().values_list("grant_id", flat=True))) == 1
