"""Points come once a cause, within the year's cap, are taken back exactly, and are nobody else's business."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from datetime import timedelta
from uuid import UUID

import httpx
import pytest
from support.lists import approve, make, person
from support.people import Caller, a_resident
from support.scenes import id_of, post_form, read_page

from xinyi_platform.clock import FixedClock, local_date
from xinyi_platform.database import transaction
from xinyi_platform.ids import new_id
from xinyi_platform.runtime import Runtime
from xinyi_rewards.gatherings.holding import Attended
from xinyi_rewards.honor_lists.models import HonorEntry
from xinyi_rewards.honor_lists.publishing import end_entry
from xinyi_rewards.points.earning import award_points, refuse_points, reverse_points
from xinyi_rewards.points.models import PointEntry, PointYear
from xinyi_rewards.points.pages import standing_of
from xinyi_rewards.points.policy import point_rules

pytestmark = pytest.mark.anyio


async def points_of(runtime: Runtime, resident_id: UUID) -> int:
    return (await standing_of(resident_id, on=local_date(runtime.clock.now()))).points


async def listed(client: httpx.AsyncClient, lin: Caller, zhou: Caller) -> HonorEntry:
    await approve(client, lin, zhou, await make(client, lin, [person(1)]))
    return await HonorEntry.get()


@pytest.mark.parametrize(("event", "left"), [("expire", 100), ("revoke", 0)])
async def test_a_red_list_earns_points_and_only_a_revocation_takes_them_back(
    app_client: httpx.AsyncClient, runtime: Runtime, lin: Caller, zhou: Caller, wang: Caller, event: str, left: int
) -> None:
    entry = await listed(app_client, lin, zhou)
    assert await points_of(runtime, id_of(wang)) == 100
    mine = await app_client.get("/api/v1/me/points", headers=wang.headers())
    assert (mine.json()["points"], mine.json()["level_zh"]) == (100, "诚信之星")
    await end_entry(runtime, entry.id, event, actor="test", reason="更正", at=runtime.clock.now())
    assert await points_of(runtime, id_of(wang)) == left
    page = (await read_page(app_client, wang, "/app/points")).text
    assert "列入红名单" in page
    assert ("更正" in page) == (event == "revoke")


async def test_coming_to_a_gathering_earns_points_once_and_up_to_the_cap(
    app_client: httpx.AsyncClient, runtime: Runtime
) -> None:
    who, rule = new_id(), point_rules().cause_of("gathering")
    one = new_id()
    for gathering in (one, one, *(new_id() for _ in range(20))):
        await runtime.events.publish(Attended(gathering, who, runtime.clock.now()))
    assert await points_of(runtime, who) == rule.yearly_cap
    assert await PointEntry.all().count() == rule.yearly_cap // rule.points


async def test_many_at_once_stay_within_the_cap_and_count_once(app_client: httpx.AsyncClient, runtime: Runtime) -> None:
    who, cause, now = new_id(), new_id(), runtime.clock.now()
    same = await asyncio.gather(*(award_points("gathering", cause, who, at=now) for _ in range(20)))
    assert sorted(same)[-2:] == [0, 5]
    others = await asyncio.gather(*(award_points("gathering", new_id(), who, at=now) for _ in range(30)))
    assert sum(others) == 45
    backs = [reverse_points("gathering", cause, who, at=now) for _ in range(5)]
    await asyncio.gather(*backs)
    assert await points_of(runtime, who) == 45
    assert (await PointYear.get()).points == 45


async def test_points_are_gone_after_their_time_and_the_cap_is_new_each_year(
    app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock
) -> None:
    who = new_id()
    for _ in range(11):
        await award_points("gathering", new_id(), who, at=clock.now())
    clock.advance(timedelta(days=60))  # the next year
    assert await award_points("gathering", new_id(), who, at=clock.now()) == 5
    assert await points_of(runtime, who) == 55
    clock.advance(timedelta(days=306))
    assert await points_of(runtime, who) == 5


async def test_who_wants_none_has_none_and_may_have_them_again(
    app_client: httpx.AsyncClient, runtime: Runtime, lin: Caller, zhou: Caller, wang: Caller
) -> None:
    await listed(app_client, lin, zhou)
    assert (await post_form(app_client, wang, "/app/points", {"act": "off"})).status_code == 303
    assert not await PointEntry.exists()
    assert await award_points("gathering", new_id(), id_of(wang), at=runtime.clock.now()) == 0
    assert "不积分" in (await read_page(app_client, wang, "/app/points")).text
    app_client.cookies.clear()
    again = await app_client.put("/api/v1/me/points", headers=wang.headers(), json={"is_off": False})
    assert again.status_code == 204
    assert await award_points("gathering", new_id(), id_of(wang), at=runtime.clock.now()) == 5
    other = await a_resident(runtime, 2)
    assert (await app_client.get("/api/v1/me/points", headers=other.headers())).json()["points"] == 0


@pytest.mark.parametrize("is_earned", [True, False])
async def test_nothing_survives_a_refusal_that_it_met(
    app_client: httpx.AsyncClient, runtime: Runtime, is_earned: bool
) -> None:
    """Points are earned, or taken back, while the refusal is not committed; and the other way round."""
    now = runtime.clock.now()
    for is_refusal_first in (True, False):
        who, cause, done = new_id(), new_id(), asyncio.Event()
        await award_points("gathering", cause, who, at=now)
        act = award_points("gathering", new_id(), who, at=now) if is_earned else reverse_points(
            "gathering", cause, who, at=now
        )  # fmt: skip
        acts = [refuse_points(who, at=now), act]
        first, second = acts if is_refusal_first else acts[::-1]
        await asyncio.gather(held_open(first, done), following(second, done))
        assert not await PointEntry.filter(resident_id=who).exists()
        assert not await PointYear.filter(resident_id=who).exists()


async def held_open(act: Awaitable[object], done: asyncio.Event) -> None:
    async with transaction():
        await act
        done.set()
        await asyncio.sleep(0.5)


async def following(act: Awaitable[object], done: asyncio.Event) -> None:
    await done.wait()
    await act
