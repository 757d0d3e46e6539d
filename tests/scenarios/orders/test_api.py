"""Deposit-free orders by a partner's system: the verbs, their refusals, and who may see what."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest
from support.people import Caller, a_partner
from support.scenes import a_consenting_resident, add_scene, ask, claim, id_of, problem_code, signed_in_anew

from xinyi_platform.bureau.simulator import Simulator
from xinyi_platform.clock import FixedClock
from xinyi_platform.identity.tokens import issue_partner_token
from xinyi_platform.ids import new_id
from xinyi_platform.outbox import OutboxEvent
from xinyi_platform.runtime import Runtime
from xinyi_scenarios.entitlements.changing import change_entitlement
from xinyi_scenarios.orders.models import ServiceOrder
from xinyi_scenarios.orders.serving import expire_unstarted, mark_overdue

pytestmark = pytest.mark.anyio
PATH = "/partner/v1/orders"


@pytest.fixture
async def bikes(app_client: httpx.AsyncClient, runtime: Runtime) -> Caller:
    return await a_partner(runtime, "orders")


@pytest.fixture
async def ride(app_client: httpx.AsyncClient, wang: Caller) -> dict[str, Any]:
    """No deposit up to 299 yuan, two rides at a time."""
    found: dict[str, Any] = (await claim(app_client, wang, "ride")).json()
    return found


def new(held: dict[str, Any], number: str = "R-1", **more: Any) -> dict[str, Any]:
    items = [{"name": "骑行费", "amount_fen": 150, "description": "每30分钟"}]
    return {
        "out_order_no": number, "code": held["code"], "deposit_fen": 29_900, "expected_hours": 24, "fee_items": items,
        **more,
    }  # fmt: skip


async def create(client: httpx.AsyncClient, who: Caller, held: dict[str, Any], number: str = "R-1") -> str:
    answer = await ask(client, who, PATH, new(held, number))
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


@pytest.mark.parametrize("slug", ["ride", "rent"])
async def test_a_use_from_handing_over_to_paid(
    app_client: httpx.AsyncClient, bikes: Caller, wang: Caller, bureau: Simulator, slug: str
) -> None:
    held = (await claim(app_client, wang, slug)).json()
    bureau.mode = "down"
    order = await create(app_client, bikes, held)
    seen = []
    for verb, body in (
        ("start", None),
        ("complete", {"amount_fen": 450}),
        ("modify", {"amount_fen": 300, "reason": "车辆故障减免"}),
        ("sync", {"paid_at": "2026-11-23T02:00:00Z"}),
    ):
        answer = await ask(app_client, bikes, f"{PATH}/{order}/{verb}", body)
        assert answer.status_code == 200, answer.text
        seen.append((answer.json()["state"], answer.json()["collection"], answer.json()["amount_fen"]))
    assert seen == [
        ("doing", "none", None), ("done", "user_paying", 450), ("done", "user_paying", 300), ("done", "user_paid", 300),
    ]  # fmt: skip
    shown = (await app_client.get(f"{PATH}/{order}", headers=bikes.headers())).json()
    mine = (await app_client.get("/api/v1/me/orders", headers=wang.headers())).json()
    assert mine == [shown]
    news = await OutboxEvent.filter(topic__startswith="service_order.").values_list("topic", "audience")
    for event in ("create", "start", "complete", "modify", "pay"):
        for audience in (f"partner:{bikes.id}", f"resident:{wang.id}"):
            assert (f"service_order.{event}", audience) in news


async def test_nothing_due_is_paid_at_once(app_client: httpx.AsyncClient, bikes: Caller, ride: dict[str, Any]) -> None:
    order = await create(app_client, bikes, ride)
    await ask(app_client, bikes, f"{PATH}/{order}/start")
    done = await ask(app_client, bikes, f"{PATH}/{order}/complete", {"amount_fen": 0})
    assert (done.json()["state"], done.json()["collection"]) == ("done", "user_paid")


async def test_the_amount_only_falls_and_not_after_it_was_paid(
    app_client: httpx.AsyncClient, bikes: Caller, ride: dict[str, Any]
) -> None:
    order = await create(app_client, bikes, ride)
    modify = f"{PATH}/{order}/modify"
    lower = {"amount_fen": 100, "reason": "优惠"}
    for verb, body in (("start", None), ("complete", {"amount_fen": 450})):
        early = await ask(app_client, bikes, modify, lower)
        assert (early.status_code, problem_code(early)) == (409, "transition_forbidden")
        await ask(app_client, bikes, f"{PATH}/{order}/{verb}", body)
    higher = await ask(app_client, bikes, modify, {"amount_fen": 451, "reason": "加价"})
    assert (higher.status_code, problem_code(higher), higher.json()["amount_fen"]) == (422, "amount_may_only_fall", 450)
    assert (await ask(app_client, bikes, modify, lower)).json()["amount_fen"] == 100
    back_up = await ask(app_client, bikes, modify, {"amount_fen": 450, "reason": "恢复"})
    assert problem_code(back_up) == "amount_may_only_fall"
    await ask(app_client, bikes, f"{PATH}/{order}/sync", {"paid_at": "2026-11-23T02:00:00Z"})
    late = await ask(app_client, bikes, modify, {"amount_fen": 50, "reason": "优惠"})
    assert (late.status_code, problem_code(late)) == (409, "order_already_paid")


async def test_two_waivers_of_a_scene_do_not_double_what_may_be_out(
    app_client: httpx.AsyncClient, runtime: Runtime, bikes: Caller, wang: Caller
) -> None:
    gives = {"flow": "waiver", "deposit_cap_fen": 30_000, "max_open_orders": 1}
    add_scene(runtime, "twice", gives=gives, requires=[], quota={"total": 99, "period": "month", "per_resident": 2})
    held = [(await claim(app_client, wang, "twice")).json() for _ in range(2)]
    for round_ in range(4):
        bodies = [new(one, f"R-{round_}-{n}-{again}") for n, one in enumerate(held) for again in range(3)]
        answers = await asyncio.gather(*(ask(app_client, bikes, PATH, body) for body in bodies))
        assert sorted(answer.status_code for answer in answers) == [201] + [409] * 5
        (made,) = [answer.json()["id"] for answer in answers if answer.status_code == 201]
        await ask(app_client, bikes, f"{PATH}/{made}/revoke", {"reason": "用户取消"})


async def test_a_bill_that_is_lowered_to_nothing_is_paid(
    app_client: httpx.AsyncClient, bikes: Caller, ride: dict[str, Any]
) -> None:
    order = await create(app_client, bikes, ride)
    await ask(app_client, bikes, f"{PATH}/{order}/start")
    await ask(app_client, bikes, f"{PATH}/{order}/complete", {"amount_fen": 450})
    free = await ask(app_client, bikes, f"{PATH}/{order}/modify", {"amount_fen": 0, "reason": "免单"})
    assert free.json()["collection"] == "user_paid"


@pytest.mark.parametrize(
    "paid_at",
    ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "2026-11-22T02:00:00Z", "2026-11-23T03:00:00Z"],
)
async def test_an_order_is_paid_after_its_creation_and_not_in_the_future(
    app_client: httpx.AsyncClient, bikes: Caller, ride: dict[str, Any], paid_at: str
) -> None:
    order = await create(app_client, bikes, ride)
    await ask(app_client, bikes, f"{PATH}/{order}/start")
    await ask(app_client, bikes, f"{PATH}/{order}/complete", {"amount_fen": 450})
    answer = await ask(app_client, bikes, f"{PATH}/{order}/sync", {"paid_at": paid_at})
    assert (answer.status_code, problem_code(answer)) == (422, "paid_at_impossible")


@pytest.mark.parametrize("other", [{"expected_hours": 9}, {"fee_items": [{"name": "费", "amount_fen": 1}]}])
async def test_the_same_number_with_other_terms_is_no_repetition(
    app_client: httpx.AsyncClient, bikes: Caller, ride: dict[str, Any], other: dict[str, Any]
) -> None:
    first = await ask(app_client, bikes, PATH, new(ride))
    same = await ask(app_client, bikes, PATH, new(ride))
    assert (same.status_code, same.json()["id"]) == (201, first.json()["id"])
    changed = await ask(app_client, bikes, PATH, new(ride, **other))
    assert (changed.status_code, problem_code(changed)) == (409, "order_number_taken")


@pytest.mark.parametrize(("event", "status"), [("withdraw", 409), ("suspend", 409), ("expire", 200)])
async def test_nothing_is_handed_over_on_a_waiver_that_was_taken_back(
    app_client: httpx.AsyncClient, runtime: Runtime, bikes: Caller, ride: dict[str, Any], event: str, status: int
) -> None:
    order = await create(app_client, bikes, ride)
    await change_entitlement(ride["id"], event, actor="test", at=runtime.clock.now())
    started = await ask(app_client, bikes, f"{PATH}/{order}/start")
    assert started.status_code == status
    if status == 409:
        assert problem_code(started) == "not_usable"
        assert (await ask(app_client, bikes, f"{PATH}/{order}/revoke", {"reason": "资格收回"})).status_code == 200


async def test_of_many_at_once_none_raises_the_amount_or_pays_twice(
    app_client: httpx.AsyncClient, bikes: Caller, ride: dict[str, Any]
) -> None:
    for round_ in range(5):
        order = await create(app_client, bikes, ride, f"R-{round_}")
        await ask(app_client, bikes, f"{PATH}/{order}/start")
        await ask(app_client, bikes, f"{PATH}/{order}/complete", {"amount_fen": 1_000})
        modify, sync = f"{PATH}/{order}/modify", f"{PATH}/{order}/sync"
        amounts = [300, 900, 500, 100, 700]
        lowered = await asyncio.gather(
            *(ask(app_client, bikes, modify, {"amount_fen": fen, "reason": "优惠"}) for fen in amounts)
        )
        taken = [fen for fen, answer in zip(amounts, lowered, strict=True) if answer.status_code == 200]
        shown = (await app_client.get(f"{PATH}/{order}", headers=bikes.headers())).json()
        assert shown["amount_fen"] == min(taken)
        paid = await asyncio.gather(
            *(ask(app_client, bikes, sync, {"paid_at": f"2026-11-23T02:0{n}:00Z"}) for n in range(5))
        )
        assert len({answer.json()["paid_at"] for answer in paid}) == 1
        assert await OutboxEvent.filter(topic="service_order.pay", audience=f"partner:{bikes.id}").count() == round_ + 1


async def test_payment_is_recorded_once_and_repeated_news_changes_nothing(
    app_client: httpx.AsyncClient, bikes: Caller, ride: dict[str, Any]
) -> None:
    order = await create(app_client, bikes, ride)
    await ask(app_client, bikes, f"{PATH}/{order}/start")
    sync = f"{PATH}/{order}/sync"
    early = await ask(app_client, bikes, sync, {"paid_at": "2026-11-23T02:00:00Z"})
    assert (early.status_code, problem_code(early)) == (409, "transition_forbidden")
    await ask(app_client, bikes, f"{PATH}/{order}/complete", {"amount_fen": 450})
    first = await ask(app_client, bikes, sync, {"paid_at": "2026-11-23T02:00:00Z"})
    again = await ask(app_client, bikes, sync, {"paid_at": "2026-11-24T02:00:00Z", "elsewhere": False})
    assert (again.status_code, again.json()) == (200, first.json())
    assert await OutboxEvent.filter(topic="service_order.pay", audience=f"partner:{bikes.id}").count() == 1


async def test_an_order_is_revoked_until_it_is_completed(
    app_client: httpx.AsyncClient, bikes: Caller, ride: dict[str, Any]
) -> None:
    for number, before in (("R-1", ()), ("R-2", ("start",))):
        order = await create(app_client, bikes, ride, number)
        for verb in before:
            await ask(app_client, bikes, f"{PATH}/{order}/{verb}")
        answer = await ask(app_client, bikes, f"{PATH}/{order}/revoke", {"reason": "用户取消"})
        assert (answer.status_code, answer.json()["state"], answer.json()["reason"]) == (200, "revoked", "用户取消")
        again = await ask(app_client, bikes, f"{PATH}/{order}/start")
        assert (again.status_code, problem_code(again)) == (409, "transition_forbidden")
    order = await create(app_client, bikes, ride, "R-3")
    await ask(app_client, bikes, f"{PATH}/{order}/start")
    await ask(app_client, bikes, f"{PATH}/{order}/complete", {"amount_fen": 1})
    late = await ask(app_client, bikes, f"{PATH}/{order}/revoke", {"reason": "用户取消"})
    assert (late.status_code, problem_code(late)) == (409, "transition_forbidden")


async def test_another_partners_order_is_not_there(
    app_client: httpx.AsyncClient, runtime: Runtime, bikes: Caller, ride: dict[str, Any]
) -> None:
    order = await create(app_client, bikes, ride)
    other = await a_partner(runtime, "orders", client_id="other-bikes")
    for identity in (order, str(new_id())):
        shown = await app_client.get(f"{PATH}/{identity}", headers=other.headers())
        assert (shown.status_code, problem_code(shown)) == (404, "not_found")
        for verb, body in (
            ("start", None),
            ("complete", {"amount_fen": 1}),
            ("modify", {"amount_fen": 1, "reason": "x"}),
            ("sync", {"paid_at": "2026-11-23T02:00:00Z"}),
            ("revoke", {"reason": "x"}),
        ):
            answer = await ask(app_client, other, f"{PATH}/{identity}/{verb}", body)
            assert (answer.status_code, problem_code(answer)) == (404, "not_found"), verb
    assert (await ServiceOrder.get(id=order)).state == "created"


async def test_a_repeated_key_makes_one_order_and_a_repeated_number_too(
    app_client: httpx.AsyncClient, bikes: Caller, ride: dict[str, Any]
) -> None:
    first = await ask(app_client, bikes, PATH, new(ride), key="one")
    for key in ("one", "two"):
        again = await ask(app_client, bikes, PATH, new(ride), key=key)
        assert (again.status_code, again.json()) == (201, first.json())
    changed = await ask(app_client, bikes, PATH, new(ride, deposit_fen=100), key="one")
    assert (changed.status_code, problem_code(changed)) == (422, "idempotency_key_reused")
    taken = await ask(app_client, bikes, PATH, new(ride, deposit_fen=100))
    assert (taken.status_code, problem_code(taken)) == (409, "order_number_taken")
    assert await ServiceOrder.all().count() == 1
    order = first.json()["id"]
    started = [await ask(app_client, bikes, f"{PATH}/{order}/start", key="go") for _ in range(2)]
    assert started[0].json() == started[1].json()
    twice = await ask(app_client, bikes, f"{PATH}/{order}/start")
    assert (twice.status_code, problem_code(twice)) == (409, "transition_forbidden")
    missing = await app_client.post(f"{PATH}/{order}/start", headers=bikes.headers())
    assert (missing.status_code, problem_code(missing)) == (400, "idempotency_key_missing")


async def test_no_more_orders_at_a_time_than_the_scene_allows(
    app_client: httpx.AsyncClient, bikes: Caller, ride: dict[str, Any]
) -> None:
    answers = await asyncio.gather(*(ask(app_client, bikes, PATH, new(ride, f"R-{n}")) for n in range(6)))
    assert sorted(answer.status_code for answer in answers) == [201, 201, 409, 409, 409, 409]
    refused = next(answer for answer in answers if answer.status_code == 409)
    assert (problem_code(refused), refused.json()["most"]) == ("too_many_open_orders", 2)
    order = next(answer.json()["id"] for answer in answers if answer.status_code == 201)
    await ask(app_client, bikes, f"{PATH}/{order}/revoke", {"reason": "用户取消"})
    assert (await ask(app_client, bikes, PATH, new(ride, "R-9"))).status_code == 201


async def test_what_a_waiver_does_not_cover_is_refused(
    app_client: httpx.AsyncClient, runtime: Runtime, bikes: Caller, wang: Caller, ride: dict[str, Any]
) -> None:
    voucher = (await claim(app_client, wang, "travel")).json()
    for body, status, problem in (
        (new(ride, deposit_fen=29_901), 422, "deposit_above_cap"),
        (new(voucher), 422, "no_waiver"),
        (new(ride, code="garbled"), 422, "code_unreadable"),
    ):
        answer = await ask(app_client, bikes, PATH, body)
        assert (answer.status_code, problem_code(answer)) == (status, problem)
    await change_entitlement(ride["id"], "suspend", actor="test", at=runtime.clock.now())
    answer = await ask(app_client, bikes, PATH, new(ride))
    assert (answer.status_code, problem_code(answer), answer.json()["state"]) == (409, "not_usable", "suspended")


@pytest.mark.parametrize(
    "more",
    [
        {"out_order_no": ""}, {"out_order_no": "x" * 33}, {"out_order_no": "号"}, {"deposit_fen": -1},
        {"deposit_fen": "one"}, {"expected_hours": 0}, {"expected_hours": 1.5}, {"fee_items": [{"name": "x"}]},
        {"fee_items": [{"name": "x", "amount_fen": 1, "vat": 1}]}, {"insurance": True}, {"code": None},
    ],
)  # fmt: skip
async def test_wrong_fields_are_refused(
    app_client: httpx.AsyncClient, bikes: Caller, ride: dict[str, Any], more: dict[str, Any]
) -> None:
    answer = await ask(app_client, bikes, PATH, new(ride, **more))
    assert (answer.status_code, problem_code(answer)) == (400, "invalid_input")


@pytest.mark.parametrize("paid_at", ["2026-11-23T02:00:00", "yesterday", None])
async def test_a_payment_needs_an_instant_with_its_zone(
    app_client: httpx.AsyncClient, bikes: Caller, ride: dict[str, Any], paid_at: object
) -> None:
    order = await create(app_client, bikes, ride)
    answer = await ask(app_client, bikes, f"{PATH}/{order}/sync", {"paid_at": paid_at})
    assert (answer.status_code, problem_code(answer)) == (400, "invalid_input")


async def test_what_is_out_too_long_is_overdue_once_and_bars_the_next_claim(
    app_client: httpx.AsyncClient, runtime: Runtime, bikes: Caller, wang: Caller, ride: dict[str, Any],
    clock: FixedClock,
) -> None:  # fmt: skip
    order = await create(app_client, bikes, ride)
    await ask(app_client, bikes, f"{PATH}/{order}/start")
    await create(app_client, bikes, ride, "never-started")
    clock.advance(timedelta(hours=23, minutes=59))
    assert await mark_overdue(clock.now()) == 0
    clock.advance(timedelta(minutes=1))
    assert sum(await asyncio.gather(mark_overdue(clock.now()), mark_overdue(clock.now()))) == 1
    assert await mark_overdue(clock.now()) == 0
    assert await OutboxEvent.filter(topic="service_order.overdue", audience=f"resident:{wang.id}").count() == 1
    later = signed_in_anew(runtime, wang)
    refused = await claim(app_client, later, "rent")
    assert (refused.status_code, problem_code(refused)) == (403, "not_eligible")
    assert "1笔逾期" in refused.json()["reasons"][0]["reason"]
    token = issue_partner_token(runtime.keys, id_of(bikes), ["orders"], clock.now()).token
    bikes = Caller("bikes", bikes.id, token)
    assert (await ask(app_client, bikes, f"{PATH}/{order}/complete", {"amount_fen": 0})).status_code == 200
    assert (await claim(app_client, later, "rent")).status_code == 201


async def test_what_was_never_started_ends_after_thirty_days_once(
    app_client: httpx.AsyncClient, bikes: Caller, ride: dict[str, Any], clock: FixedClock
) -> None:
    order = await create(app_client, bikes, ride)
    assert await expire_unstarted(clock.now() + timedelta(days=29, hours=23)) == 0
    later = clock.now() + timedelta(days=30)
    assert sum(await asyncio.gather(expire_unstarted(later), expire_unstarted(later))) == 1
    assert (await ServiceOrder.get(id=order)).state == "expired"
    assert await OutboxEvent.filter(topic="service_order.expire").count() == 2


async def test_ones_list_shows_ones_own_orders_only(
    app_client: httpx.AsyncClient, runtime: Runtime, bureau: Simulator, bikes: Caller, ride: dict[str, Any]
) -> None:
    await create(app_client, bikes, ride)
    other = await a_consenting_resident(runtime, bureau, 2)
    assert (await app_client.get("/api/v1/me/orders", headers=other.headers())).json() == []


async def test_only_the_scope_for_it_makes_orders(
    app_client: httpx.AsyncClient, runtime: Runtime, wang: Caller, ride: dict[str, Any]
) -> None:
    tills = await a_partner(runtime, "redemptions", client_id="tills")
    for who in (tills, wang):
        answer = await ask(app_client, who, PATH, new(ride))
        assert (answer.status_code, problem_code(answer)) == (403, "forbidden")


async def test_a_waiver_is_not_given_back_while_something_is_out_on_it(
    app_client: httpx.AsyncClient, bikes: Caller, wang: Caller, ride: dict[str, Any]
) -> None:
    order = await create(app_client, bikes, ride)
    path = f"/api/v1/entitlements/{ride['id']}"
    refused = await ask(app_client, wang, f"{path}/cancel")
    assert (refused.status_code, problem_code(refused)) == (409, "orders_open")
    assert (await app_client.get(path, headers=wang.headers())).json()["state"] == "issued"
    await ask(app_client, bikes, f"{PATH}/{order}/revoke", {"reason": "无车"})
    assert (await ask(app_client, wang, f"{path}/cancel")).json()["state"] == "cancelled"
