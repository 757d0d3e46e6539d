"""A campaign is planned by one person of an area, and approved by another; each act is on the trail."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest
from support.campaigns import API, PAGE, a_scene, approved, form, planned
from support.lists import act, look
from support.people import DIVISION, Caller, a_member_of_staff
from support.scenes import post_form, problem_code, read_page

from xinyi_platform.audit.models import AuditEntry
from xinyi_platform.clock import FixedClock, local_date
from xinyi_platform.identity.models import Account
from xinyi_platform.ids import new_id
from xinyi_platform.principals import Role
from xinyi_platform.runtime import Runtime
from xinyi_platform.tasks.collecting import MOST_SHOWN
from xinyi_rewards.campaigns.deciding import end_due
from xinyi_rewards.campaigns.models import Campaign

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def gift(app_client: httpx.AsyncClient, runtime: Runtime) -> str:
    return a_scene(runtime)


async def acts() -> list[str]:
    rows: list[str] = (
        await AuditEntry.filter(object_kind="campaign")
        .order_by("at", "id")
        .values_list(  # type: ignore[assignment]
            "action", flat=True
        )
    )
    return [row.removeprefix("campaign.") for row in rows]


async def state() -> str:
    return (await Campaign.get()).state


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"title": "短"}, "title"),
        ({"why": "长" * 401}, "why"),
        ({"division": "410622"}, "division"),
        ({"division": "410600"}, "division"),
        ({"division": "4106"}, "division"),
        ({"kinds": ""}, "kinds"),
        ({"kinds": "red-honest-shop"}, "kinds"),
        ({"kinds": "black-enforcement"}, "kinds"),
        ({"scene": "nothing"}, "scene"),
        ({"first_on": "2020-01-01"}, "first_on"),
        ({"first_on": ""}, "first_on"),
        ({"last_on": "2026-11-22"}, "last_on"),
        ({"units": "0"}, "units"),
        ({"units": "二"}, "units"),
        ({"budget": "49.99"}, "budget"),
        ({"budget": "-1"}, "budget"),
        ({"budget": "1.005"}, "budget"),
        ({"minors": "some"}, "minors"),
    ],
)
async def test_a_plan_that_cannot_be_names_the_field_and_keeps_what_was_typed(
    app_client: httpx.AsyncClient, runtime: Runtime, lin: Caller, change: dict[str, str], field: str
) -> None:
    typed = form(runtime, title="重阳月") | change
    refused = await post_form(app_client, lin, PAGE, typed)
    assert refused.status_code == 400
    assert f'href="#f-{field}"' in refused.text
    assert typed["why"][:50] in refused.text
    assert not await Campaign.exists()


async def test_a_scene_whose_cost_has_no_bound_is_refused_clearly(
    app_client: httpx.AsyncClient, runtime: Runtime, lin: Caller
) -> None:
    a_scene(runtime, "open-ended", value_fen=None, percent_off=20)
    refused = await post_form(app_client, lin, PAGE, form(runtime, scene="open-ended"))
    assert (refused.status_code, "没有上限" in refused.text) == (400, True)
    assert 'value="open-ended"' not in (await read_page(app_client, lin, PAGE)).text


async def test_it_goes_from_draft_to_approved_and_is_shown_to_anybody(
    app_client: httpx.AsyncClient, runtime: Runtime, lin: Caller, zhou: Caller
) -> None:
    made = await planned(app_client, runtime, lin, kinds="red-volunteer")
    path = f"{PAGE}/{made}"
    assert (await post_form(app_client, lin, path, {"act": "submit"})).status_code == 303
    assert (await app_client.get("/api/v1/campaigns")).json() == []
    assert (await post_form(app_client, zhou, f"{path}/review", {"act": "approve"})).status_code == 303
    row = await Campaign.get()
    assert (row.state, row.maker_person, row.approver_person) == ("approved", "person-lin", "person-zhou")
    assert await acts() == ["plan", "submit", "approve"]
    app_client.cookies.clear()
    listed = (await app_client.get("/api/v1/campaigns")).json()
    assert [(one["title"], one["left"], one["kinds"]) for one in listed] == [("好邻居月", 2, ["red-volunteer"])]
    shown = (await app_client.get("/campaigns")).text
    assert "好邻居月" in shown
    assert "2 / 2" in shown
    english = await app_client.get("/campaigns", headers={"Accept-Language": "en"})
    assert "Campaigns that run now" in english.text
    assert "<script src" not in english.text.split("<main")[1]


async def test_nobody_approves_what_she_planned_herself_not_by_another_account_either(
    app_client: httpx.AsyncClient, runtime: Runtime, lin: Caller
) -> None:
    made = await planned(app_client, runtime, lin)
    assert (await act(app_client, lin, f"{API}/{made}/submit")).status_code == 204
    again = await a_member_of_staff(runtime, Role.REVIEWER, username="lin-2")
    await Account.filter(id=again.id).update(person="person-lin")
    for path, body in ((f"{API}/{made}/approve", None), (f"{API}/{made}/send-back", {"comment": "改"})):
        refused = await act(app_client, again, path, body)
        assert (refused.status_code, problem_code(refused)) == (403, "own_campaign")
    assert "批准" not in (await read_page(app_client, again, f"{PAGE}/{made}")).text.split("<main")[1]
    assert (await act(app_client, lin, f"{API}/{made}/approve")).status_code == 403
    assert await state() == "in_review"


async def test_it_is_sent_back_with_a_comment_corrected_by_its_planner_and_handed_in_again(
    app_client: httpx.AsyncClient, runtime: Runtime, lin: Caller, zhou: Caller
) -> None:
    made = await planned(app_client, runtime, lin)
    path = f"{PAGE}/{made}"
    await act(app_client, lin, f"{API}/{made}/submit")
    assert (await tasks(app_client, zhou), await tasks(app_client, lin)) == (["复核激励活动"], [])
    assert (await post_form(app_client, lin, f"{path}/plan", form(runtime, units="1"))).status_code == 409
    bare = await post_form(app_client, zhou, f"{path}/review", {"act": "send_back"})
    assert (bare.status_code, 'href="#f-comment"' in bare.text) == (400, True)
    back = {"act": "send_back", "comment": "请减到一份"}
    assert (await post_form(app_client, zhou, f"{path}/review", back)).status_code == 303
    assert "请减到一份" in (await read_page(app_client, lin, path)).text
    assert await tasks(app_client, lin) == ["修改退回的激励活动"]
    other = await a_member_of_staff(runtime, Role.COMMUNITY_WORKER, username="he")
    strange = await post_form(app_client, other, f"{path}/plan", form(runtime, units="1"))
    assert (strange.status_code, (await Campaign.get()).units) == (403, 2)
    wrong = await post_form(app_client, lin, f"{path}/plan", form(runtime, units="x", title="改后的名称"))
    assert (wrong.status_code, 'value="改后的名称"' in wrong.text) == (400, True)
    assert (await post_form(app_client, lin, f"{path}/plan", form(runtime, units="1"))).status_code == 303
    assert (await post_form(app_client, lin, path, {"act": "submit"})).status_code == 303
    assert (await post_form(app_client, zhou, f"{path}/review", {"act": "approve"})).status_code == 303
    assert (await Campaign.get()).units == 1
    assert await acts() == ["plan", "submit", "send_back", "edit", "submit", "approve"]


async def test_her_own_plans_push_no_task_off_the_list(
    app_client: httpx.AsyncClient, runtime: Runtime, lin: Caller, zhou: Caller
) -> None:
    made = await planned(app_client, runtime, lin, last_on="2027-01-31")
    await act(app_client, lin, f"{API}/{made}/submit")
    row = await Campaign.get()
    values = {name: getattr(row, name) for name in Campaign._meta.db_fields}
    earlier = {**values, "maker_person": "person-zhou", "first_on": row.first_on - timedelta(days=1)}
    for _ in range(MOST_SHOWN):
        await Campaign.create(**{**earlier, "id": new_id()})
    assert await tasks(app_client, zhou) == ["复核激励活动"]


async def tasks(client: httpx.AsyncClient, who: Caller) -> list[str]:
    return [one["kind_zh"] for one in (await look(client, who, "/tasks")).json()]


async def test_its_planner_takes_it_back_until_it_is_approved(
    app_client: httpx.AsyncClient, runtime: Runtime, lin: Caller, zhou: Caller
) -> None:
    made = await planned(app_client, runtime, lin)
    await act(app_client, lin, f"{API}/{made}/submit")
    assert (await post_form(app_client, lin, f"{PAGE}/{made}", {"act": "withdraw"})).status_code == 303
    assert (await act(app_client, zhou, f"{API}/{made}/approve")).status_code == 409
    assert await state() == "withdrawn"
    other = await approved(app_client, runtime, lin, zhou)
    late = await act(app_client, lin, f"{API}/{other}/withdraw")
    assert (late.status_code, problem_code(late)) == (409, "transition_forbidden")


async def test_what_is_over_before_it_is_approved_cannot_be_approved(
    app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock, lin: Caller, zhou: Caller
) -> None:
    made = await planned(app_client, runtime, lin)
    await act(app_client, lin, f"{API}/{made}/submit")
    await Campaign.all().update(first_on="2026-11-01", last_on="2026-11-22")
    late = await act(app_client, zhou, f"{API}/{made}/approve")
    assert (late.status_code, problem_code(late)) == (409, "campaign_over")


async def test_with_its_last_day_it_ends_by_itself(
    app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock, lin: Caller, zhou: Caller
) -> None:
    await approved(app_client, runtime, lin, zhou)
    assert await end_due(clock.now()) == 0
    assert await end_due(clock.now() + timedelta(days=10)) == 1
    assert await end_due(clock.now() + timedelta(days=10)) == 0
    assert (await state(), (await acts())[-1]) == ("ended", "end")


async def test_staff_act_by_json_as_by_the_pages(
    app_client: httpx.AsyncClient, runtime: Runtime, lin: Caller, zhou: Caller
) -> None:
    today = local_date(runtime.clock.now())
    plan: dict[str, Any] = {
        "division": DIVISION, "title": "好邻居月", "why": "感谢邻里", "kinds": ["red-good-neighbour"],
        "scenario": "gift", "first_on": today.isoformat(), "last_on": today.isoformat(), "units": 3,
        "budget_fen": 20_000,
    }  # fmt: skip
    made = await act(app_client, lin, API, plan)
    assert (made.status_code, made.json()["state"], made.json()["minors"]) == (201, "draft", "guardian")
    one = f"{API}/{made.json()['id']}"
    assert (await act(app_client, lin, API, {**plan, "units": "3"})).status_code == 400
    assert problem_code(await act(app_client, lin, API, {**plan, "budget_fen": 4_999})) == "invalid_field"
    assert "100,000,000" in (await act(app_client, lin, API, {**plan, "budget_fen": 10_000_000_001})).text
    token_free = await app_client.put(f"/staff/v1{one}", json=plan, headers=lin.headers())
    assert token_free.status_code == 403
    assert (await act(app_client, lin, f"{one}/submit")).status_code == 204
    assert (await act(app_client, lin, f"{one}/submit")).status_code == 409
    assert (await act(app_client, zhou, f"{one}/approve")).status_code == 204
    assert (await act(app_client, zhou, f"{one}/approve")).status_code == 409
    told = (await look(app_client, lin, one)).json()
    assert (told["state"], told["left"], told["residents"], told["not_given"]) == ("running", 3, 0, [])
    assert [row["title"] for row in (await look(app_client, zhou, API)).json()] == ["好邻居月"]


async def test_another_areas_campaign_is_not_there(
    app_client: httpx.AsyncClient, runtime: Runtime, lin: Caller, zhou: Caller
) -> None:
    made = await approved(app_client, runtime, lin, zhou)
    far = await a_member_of_staff(
        runtime, Role.COMMUNITY_WORKER, Role.REVIEWER, username="far", division="410621001001"
    )
    assert (await read_page(app_client, far, f"{PAGE}/{made}")).status_code == 404
    assert "好邻居月" not in (await read_page(app_client, far, PAGE)).text
    assert (await act(app_client, far, f"{API}/{made}/stop", {"reason": "资金调整"})).status_code == 404
    assert await state() == "approved"


async def test_a_campaign_lies_in_its_planners_area_or_a_part_of_it(
    app_client: httpx.AsyncClient, runtime: Runtime, lin: Caller
) -> None:
    district = await a_member_of_staff(runtime, Role.CREDIT_OFFICE, username="qi", division="410611")
    for division, status in (("410611", 303), ("410611001", 303), (DIVISION, 303), ("410602", 400), ("410600", 400)):
        answer = await post_form(app_client, district, PAGE, form(runtime, division=division))
        assert answer.status_code == status, division
