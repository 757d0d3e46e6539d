"""A green lane from the number on the phone to what is paid later, over HTTP."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest
from support.people import Caller, a_member_of_staff, a_partner
from support.scenes import (
    a_consenting_resident,
    add_scene,
    ask,
    claim,
    id_of,
    post_form,
    problem_code,
    read_page,
    signed_in_anew,
)

from xinyi_platform.bureau.simulator import Simulator
from xinyi_platform.clock import FixedClock
from xinyi_platform.notices.models import Notice
from xinyi_platform.principals import Role
from xinyi_platform.runtime import Runtime
from xinyi_scenarios.entitlements.changing import change_entitlement
from xinyi_scenarios.entitlements.models import Entitlement
from xinyi_scenarios.passes.models import CounterDay, CounterPass
from xinyi_scenarios.passes.serving import settle_passes

pytestmark = pytest.mark.anyio
Held = dict[str, Any]
TODAY = "2026-11-23"
COUNTERS = [
    {"key": "north", "a_day": 2, "name": {"zh": "北窗口", "en": "North"}},
    {"key": "south", "a_day": 9, "name": {"zh": "南窗口", "en": "South"}},
]
LANE = {"flow": "fast_track", "counters": COUNTERS, "passes": 2, "validity_days": 30, "book_days_ahead": 3}
LATER = {**LANE, "pay_within_days": 15, "pay_cap_fen": 300_000}


@pytest.fixture
async def office(runtime: Runtime) -> Caller:
    return await a_partner(runtime, "passes", "scene:lane", client_id="hall")


@pytest.fixture
async def held(app_client: httpx.AsyncClient, runtime: Runtime, wang: Caller) -> dict[str, Any]:
    add_scene(runtime, "lane", gives=LATER, quota={"total": 99})
    found: dict[str, Any] = (await claim(app_client, wang, "lane")).json()
    return found


async def book(
    client: httpx.AsyncClient,
    who: Caller,
    held: dict[str, Any],
    counter: str = "north",
    day: str = TODAY,
    key: str = "",
) -> httpx.Response:
    body = {"counter": counter, "day": day}
    return await ask(client, who, f"/api/v1/entitlements/{held['id']}/passes", body, key=key)


async def serve_one(client: httpx.AsyncClient, office: Caller, held: dict[str, Any], unpaid_fen: int = 0) -> Any:
    arrived = await ask(client, office, "/partner/v1/passes/check-in", {"code": held["code"]})
    assert arrived.status_code == 200, arrived.text
    path = f"/partner/v1/passes/{arrived.json()['id']}/serve"
    return (await ask(client, office, path, {"unpaid_fen": unpaid_fen})).json()


async def test_numbers_are_given_out_in_order_and_a_repeated_key_gets_the_same(
    app_client: httpx.AsyncClient, runtime: Runtime, wang: Caller, held: dict[str, Any]
) -> None:
    first = await book(app_client, wang, held, key="one")
    again = await book(app_client, wang, held, key="one")
    second = await book(app_client, wang, held)
    assert (first.status_code, again.json(), second.json()["number"]) == (201, first.json(), 2)
    third = await book(app_client, wang, held, "south")
    assert (third.status_code, problem_code(third), third.json()["passes"]) == (409, "no_pass_left", 2)
    mine = (await app_client.get("/api/v1/me/passes", headers=wang.headers())).json()
    assert [row["number"] for row in mine] == [2, 1]


async def test_a_number_given_back_frees_the_counter_and_is_not_given_twice(
    app_client: httpx.AsyncClient, runtime: Runtime, bureau: Simulator, wang: Caller, held: dict[str, Any]
) -> None:
    taken = [(await book(app_client, wang, held)).json() for _ in range(2)]
    other = await a_consenting_resident(runtime, bureau, 2)
    theirs = (await claim(app_client, other, "lane")).json()
    full = await book(app_client, other, theirs)
    assert (full.status_code, problem_code(full)) == (409, "counter_full")
    back = await ask(app_client, wang, f"/api/v1/me/passes/{taken[0]['id']}/cancel")
    assert back.json()["state"] == "cancelled"
    assert (await book(app_client, other, theirs)).json()["number"] == 3
    assert (await CounterDay.get(counter="north")).taken == 2


@pytest.mark.parametrize(
    ("counter", "day", "code"),
    [
        ("west", TODAY, "no_such_counter"),
        ("north", "2026-11-22", "day_not_open"),
        ("north", "2026-11-27", "day_not_open"),
    ],
)
async def test_other_counters_and_days_are_refused(
    app_client: httpx.AsyncClient, wang: Caller, held: dict[str, Any], counter: str, day: str, code: str
) -> None:
    answer = await book(app_client, wang, held, counter, day)
    assert (answer.status_code, problem_code(answer)) == (422, code)
    assert await CounterPass.all().count() == 0


async def test_what_is_held_in_another_flow_gives_no_numbers(
    app_client: httpx.AsyncClient, runtime: Runtime, wang: Caller
) -> None:
    voucher = (await claim(app_client, wang, "travel")).json()
    answer = await book(app_client, wang, voucher)
    assert (answer.status_code, problem_code(answer)) == (422, "no_fast_track")


async def test_the_last_pass_uses_the_entitlement_up(
    app_client: httpx.AsyncClient, wang: Caller, held: Held, office: Caller
) -> None:
    for _ in range(2):
        await book(app_client, wang, held)
    assert (await serve_one(app_client, office, held))["state"] == "served"
    assert (await Entitlement.get(id=held["id"])).state == "issued"
    assert (await serve_one(app_client, office, held))["state"] == "served"
    assert (await Entitlement.get(id=held["id"])).state == "redeemed"
    gone = await ask(app_client, office, "/partner/v1/passes/check-in", {"code": held["code"]})
    assert gone.status_code == 404


async def test_what_is_paid_later_is_owed_then_overdue_and_stands_in_the_way_until_it_is_paid(
    app_client: httpx.AsyncClient,
    runtime: Runtime,
    clock: FixedClock,
    wang: Caller,
    held: dict[str, Any],
    office: Caller,
) -> None:
    await book(app_client, wang, held)
    owed = await serve_one(app_client, office, held, 25_000)
    assert (owed["state"], owed["amount_fen"], owed["due_on"]) == ("owing", 25_000, "2026-12-08")
    clock.advance(timedelta(days=16))
    assert await settle_passes(clock.now()) == 1
    assert await settle_passes(clock.now()) == 0
    assert await Notice.filter(resident_id=id_of(wang), kind="pass.overdue").count() == 1
    wang = signed_in_anew(runtime, wang)
    refused = (await claim(app_client, wang, "read")).json()
    assert "逾期" in str(refused["reasons"])
    office = await a_partner(runtime, "passes", "scene:lane", client_id="hall-2")
    paid = await ask(app_client, office, f"/partner/v1/passes/{owed['id']}/pay")
    assert paid.json()["state"] == "settled"
    assert (await claim(app_client, wang, "read")).status_code == 201


async def test_no_more_is_paid_later_than_was_promised(
    app_client: httpx.AsyncClient, runtime: Runtime, wang: Caller, held: Held, office: Caller
) -> None:
    await book(app_client, wang, held)
    arrived = (await ask(app_client, office, "/partner/v1/passes/check-in", {"code": held["code"]})).json()
    path = f"/partner/v1/passes/{arrived['id']}/serve"
    above = await ask(app_client, office, path, {"unpaid_fen": 300_001})
    assert (above.status_code, problem_code(above)) == (422, "amount_above_cap")
    await Entitlement.filter(id=held["id"]).update(benefit={**held["benefit"], "pay_within_days": 0})
    never = await ask(app_client, office, path, {"unpaid_fen": 1})
    assert (never.status_code, problem_code(never)) == (422, "nothing_paid_later")
    assert (await CounterPass.get()).state == "checked_in"


async def test_a_number_of_tomorrow_is_not_for_today_and_one_of_yesterday_is_missed(
    app_client: httpx.AsyncClient,
    runtime: Runtime,
    clock: FixedClock,
    wang: Caller,
    held: dict[str, Any],
    office: Caller,
) -> None:
    await book(app_client, wang, held, day="2026-11-24")
    early = await ask(app_client, office, "/partner/v1/passes/check-in", {"code": held["code"]})
    assert (early.status_code, problem_code(early), early.json()["day"]) == (409, "pass_not_today", "2026-11-24")
    clock.advance(timedelta(days=2))
    assert await settle_passes(clock.now()) == 1
    assert (await CounterPass.get()).state == "no_show"
    wang = signed_in_anew(runtime, wang)
    assert (await book(app_client, wang, held, day="2026-11-25")).status_code == 201


async def test_an_office_sees_its_own_scenes_only(
    app_client: httpx.AsyncClient, runtime: Runtime, wang: Caller, held: Held, office: Caller
) -> None:
    taken = (await book(app_client, wang, held)).json()
    listed = (await app_client.get("/partner/v1/passes/", headers=office.headers())).json()
    assert [row["id"] for row in listed] == [taken["id"]]
    stranger = await a_partner(runtime, "passes", "scene:permit", client_id="stranger")
    assert (await app_client.get("/partner/v1/passes/", headers=stranger.headers())).json() == []
    for path, body in (("check-in", {"code": held["code"]}), ("call", {"scenario": "lane", "counter": "north"})):
        assert (await ask(app_client, stranger, f"/partner/v1/passes/{path}", body)).status_code == 404


async def test_calling_takes_the_lowest_number_and_tells_its_holder(
    app_client: httpx.AsyncClient, wang: Caller, held: Held, office: Caller
) -> None:
    for _ in range(2):
        await book(app_client, wang, held)
    call = {"scenario": "lane", "counter": "north"}
    called = [(await ask(app_client, office, "/partner/v1/passes/call", call)).json()["number"] for _ in range(2)]
    assert called == [1, 2]
    assert (await ask(app_client, office, "/partner/v1/passes/call", call)).status_code == 404
    assert await Notice.filter(resident_id=id_of(wang), kind="pass.called").count() == 2


async def test_giving_the_benefit_back_gives_its_numbers_back(
    app_client: httpx.AsyncClient, wang: Caller, held: Held, office: Caller
) -> None:
    await book(app_client, wang, held)
    await book(app_client, wang, held, "south")
    await ask(app_client, office, "/partner/v1/passes/check-in", {"code": held["code"]})
    refused = await ask(app_client, wang, f"/api/v1/entitlements/{held['id']}/cancel")
    assert (refused.status_code, problem_code(refused)) == (409, "passes_waiting")
    row = await CounterPass.get(state="checked_in")
    await ask(app_client, office, f"/partner/v1/passes/{row.id}/miss")
    assert (await ask(app_client, wang, f"/api/v1/entitlements/{held['id']}/cancel")).status_code < 300
    assert {row.state for row in await CounterPass.all()} == {"no_show", "cancelled"}


async def test_what_was_used_in_part_is_not_given_back_and_claimed_anew(
    app_client: httpx.AsyncClient, wang: Caller, held: Held, office: Caller
) -> None:
    await book(app_client, wang, held)
    await serve_one(app_client, office, held)
    refused = await ask(app_client, wang, f"/api/v1/entitlements/{held['id']}/cancel")
    assert (refused.status_code, problem_code(refused), refused.json()["used"]) == (409, "passes_used", 1)
    assert (await Entitlement.get(id=held["id"])).state == "issued"


@pytest.mark.parametrize("event", ["expire", "withdraw", "suspend"])
async def test_who_is_at_the_counter_is_served_whatever_becomes_of_the_benefit(
    app_client: httpx.AsyncClient, runtime: Runtime, wang: Caller, held: Held, office: Caller, event: str
) -> None:
    await book(app_client, wang, held)
    await serve_one(app_client, office, held)
    await book(app_client, wang, held)
    arrived = (await ask(app_client, office, "/partner/v1/passes/check-in", {"code": held["code"]})).json()
    ended = await change_entitlement(held["id"], event, actor="test", at=runtime.clock.now())
    served = await ask(app_client, office, f"/partner/v1/passes/{arrived['id']}/serve", {"unpaid_fen": 0})
    assert (served.status_code, served.json()["state"]) == (200, "served")
    assert (await Entitlement.get(id=held["id"])).state == ended.state


async def test_a_second_scan_of_her_code_checks_nobody_else_in(
    app_client: httpx.AsyncClient, wang: Caller, held: Held, office: Caller
) -> None:
    await book(app_client, wang, held)
    await book(app_client, wang, held, counter="south")
    scans = [(await ask(app_client, office, "/partner/v1/passes/check-in", {"code": held["code"]})) for _ in range(2)]
    assert [scan.json()["counter"] for scan in scans] == ["north", "north"]
    south = await ask(app_client, office, "/partner/v1/passes/check-in", {"code": held["code"], "counter": "south"})
    assert south.json()["counter"] == "south"
    nowhere = await ask(app_client, office, "/partner/v1/passes/check-in", {"code": held["code"], "counter": "west"})
    assert nowhere.status_code == 404


async def test_a_double_click_calls_one_number(
    app_client: httpx.AsyncClient, runtime: Runtime, wang: Caller, held: Held
) -> None:
    for _ in range(2):
        await book(app_client, wang, held)
    first = await CounterPass.get(number=1)
    clerk = await a_member_of_staff(runtime, Role.CREDIT_OFFICE)
    form = {"act": "call", "scene": "lane", "counter": "north", "number": str(first.id)}
    answers = [await post_form(app_client, clerk, "/console/counters", form) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 409]
    assert [row.state for row in await CounterPass.all().order_by("number")] == ["called", "booked"]


async def test_who_checked_in_before_midnight_is_served_after_it(
    app_client: httpx.AsyncClient, runtime: Runtime, wang: Caller, held: Held, office: Caller
) -> None:
    await book(app_client, wang, held)
    await ask(app_client, office, "/partner/v1/passes/check-in", {"code": held["code"]})
    now = runtime.clock.now()
    assert await settle_passes(now + timedelta(days=1)) == 0
    assert await settle_passes(now + timedelta(days=2)) == 1
    assert (await CounterPass.get()).state == "no_show"


async def test_pages_lead_from_the_benefit_to_the_counter(
    app_client: httpx.AsyncClient, runtime: Runtime, wang: Caller, held: dict[str, Any]
) -> None:
    assert "取号" in (await read_page(app_client, wang, f"/app/entitlements/{held['id']}")).text
    assert "北窗口" in (await read_page(app_client, wang, f"/app/passes/book/{held['id']}")).text
    wrong = await post_form(app_client, wang, f"/app/passes/book/{held['id']}", {"counter": "north", "day": "soon"})
    assert (wrong.status_code, "请选择日期" in wrong.text) == (400, True)
    done = await post_form(app_client, wang, f"/app/passes/book/{held['id']}", {"counter": "north", "day": TODAY})
    assert done.status_code == 303
    row = await CounterPass.get()
    assert "下一个就是您" in (await read_page(app_client, wang, f"/app/passes/{row.id}")).text
    clerk = await a_member_of_staff(runtime, Role.CREDIT_OFFICE)
    place = {"scene": "lane", "counter": "north"}
    assert "北窗口" in (await read_page(app_client, clerk, "/console/counters")).text
    for act in ({"act": "call"}, {"act": "check_in", "code": held["code"]}, {"act": "serve", "unpaid": "12.50"}):
        sent = await post_form(app_client, clerk, "/console/counters", {**place, "number": str(row.id), **act})
        assert sent.status_code == 303, sent.text
    assert (await CounterPass.get()).amount_fen == 1_250
    shown = (await read_page(app_client, clerk, "/console/counters?scene=lane&counter=north")).text
    assert "待付款" in shown
    assert "12.50" in (await read_page(app_client, wang, f"/app/passes/{row.id}")).text
    late = await post_form(app_client, clerk, "/console/counters", {**place, "act": "miss", "number": str(row.id)})
    assert late.status_code == 409
