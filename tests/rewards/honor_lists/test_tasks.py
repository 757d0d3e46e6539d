"""What waits for whom: reviews for those who may review, objections by their day, never what one made oneself."""

from __future__ import annotations

import httpx
import pytest
from support.lists import WHOLE, act, approve, look, make, person
from support.people import Caller, a_member_of_staff
from support.scenes import read_page

from xinyi_platform.identity.models import Account
from xinyi_platform.principals import Role
from xinyi_platform.runtime import Runtime
from xinyi_rewards.honor_lists import tasks
from xinyi_rewards.honor_lists.models import HonorEntry, HonorList

pytestmark = pytest.mark.anyio


async def kinds(client: httpx.AsyncClient, who: Caller) -> list[tuple[str, str | None]]:
    return [(task["kind_zh"], task["due_on"]) for task in (await look(client, who, "/tasks")).json()]


async def test_a_list_waits_for_its_reviewer_and_comes_back_to_its_maker(
    app_client: httpx.AsyncClient, runtime: Runtime, lin: Caller, zhou: Caller
) -> None:
    made = await make(app_client, lin, [person(1)], title="好人榜第一期")
    assert await kinds(app_client, lin) == []
    await act(app_client, lin, f"/honor-lists/{made}/submit")
    assert await kinds(app_client, zhou) == [("复核名单", None)]
    assert "好人榜第一期" in (await read_page(app_client, zhou, "/console/tasks")).text
    assert "好人榜第一期" in (await read_page(app_client, zhou, "/console")).text
    assert await kinds(app_client, lin) == []
    far = await a_member_of_staff(runtime, Role.REVIEWER, username="far")
    await Account.filter(id=far.id).update(division="410621")
    assert await kinds(app_client, far) == []
    await act(app_client, zhou, f"/honor-lists/{made}/send-back", {"comment": "请更正"})
    assert await kinds(app_client, zhou) == []
    assert await kinds(app_client, lin) == [("修改退回的名单", None)]


async def test_an_objection_waits_by_its_day_for_others_than_the_maker(
    app_client: httpx.AsyncClient, runtime: Runtime, zhou: Caller, wang: Caller
) -> None:
    both = await a_member_of_staff(runtime, Role.COMMUNITY_WORKER, Role.REVIEWER, username="both")
    await approve(app_client, both, zhou, await make(app_client, both, [person(1)]))
    entry = await HonorEntry.get()
    app_client.cookies.clear()
    path = f"/api/v1/me/honors/{entry.id}/objections"
    assert (await app_client.post(path, headers=wang.headers(), json={"reason": "不是我"})).status_code == 201
    assert await kinds(app_client, zhou) == [("处理异议", "2026-12-07")]
    assert await kinds(app_client, both) == []


async def test_a_mirrored_decision_waits_for_the_citys_reviewer(
    app_client: httpx.AsyncClient, runtime: Runtime, zhou: Caller, lin: Caller
) -> None:
    xu = await a_member_of_staff(runtime, Role.CREDIT_OFFICE, username="xu")
    await act(app_client, xu, "/honor-lists/mirrored", WHOLE)
    assert await kinds(app_client, zhou) == [("复核名单", None)]
    assert await kinds(app_client, xu) == await kinds(app_client, lin) == []


async def test_what_waits_for_others_keeps_nothing_of_hers_off_the_tasks(
    app_client: httpx.AsyncClient, lin: Caller, zhou: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks, "MOST_SHOWN", 1)
    made = [await make(app_client, lin, [person(number)]) for number in (1, 2, 3)]
    await act(app_client, lin, f"/honor-lists/{made[1]}/submit")
    await HonorList.filter(id=made[1]).update(reviews_needed=2)
    await act(app_client, zhou, f"/honor-lists/{made[1]}/approve")
    assert await kinds(app_client, zhou) == []
    await act(app_client, lin, f"/honor-lists/{made[2]}/submit")
    assert await kinds(app_client, zhou) == [("复核名单", None)]
    await act(app_client, zhou, f"/honor-lists/{made[2]}/send-back", {"comment": "请更正"})
    assert await kinds(app_client, lin) == [("修改退回的名单", None)]
    await act(app_client, lin, f"/honor-lists/{made[2]}/submit")
    assert await kinds(app_client, zhou) == [("复核名单", None)]
