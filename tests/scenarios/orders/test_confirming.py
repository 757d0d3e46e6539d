"""An order that the resident confirms, and how an order was kept, which goes to the bureau only as she consents."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest
from support.people import Caller, a_partner
from support.scenes import (
    a_consenting_resident,
    add_scene,
    ask,
    claim,
    id_of,
    post_form,
    problem_code,
    read_page,
)

from xinyi_platform.bureau.simulator import Simulator
from xinyi_platform.clock import FixedClock
from xinyi_platform.consents import grant, purpose_of, withdraw
from xinyi_platform.identity.seeding import synthetic_identity_number
from xinyi_platform.runtime import Runtime
from xinyi_scenarios.orders.models import OrderOutcome, ServiceOrder
from xinyi_scenarios.orders.outcomes import PURPOSE, RETRY_SECONDS, tell_outcomes
from xinyi_scenarios.orders.serving import expire_unstarted, mark_overdue

pytestmark = pytest.mark.anyio
PATH = "/partner/v1/orders"
CAREFUL = {"flow": "waiver", "deposit_cap_fen": 50_000, "max_open_orders": 2, "needs_confirmation": True}


@pytest.fixture
async def firm(runtime: Runtime) -> Caller:
    return await a_partner(runtime, "orders")


async def order(client: httpx.AsyncClient, firm: Caller, held: dict[str, Any], number: str = "R-1") -> dict[str, Any]:
    body = {"out_order_no": number, "code": held["code"], "deposit_fen": 10_000, "expected_hours": 24}
    answer = await ask(client, firm, PATH, body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def completed(client: httpx.AsyncClient, firm: Caller, made: dict[str, Any]) -> dict[str, Any]:
    await ask(client, firm, f"{PATH}/{made['id']}/start")
    return dict((await ask(client, firm, f"{PATH}/{made['id']}/complete", {"amount_fen": 0})).json())


@pytest.fixture
async def careful(app_client: httpx.AsyncClient, runtime: Runtime, wang: Caller) -> dict[str, Any]:
    add_scene(runtime, "car", like="ride", gives=CAREFUL)
    return dict((await claim(app_client, wang, "car")).json())


async def test_nothing_starts_before_the_yes(
    app_client: httpx.AsyncClient, wang: Caller, firm: Caller, careful: dict[str, Any]
) -> None:
    made = await order(app_client, firm, careful)
    assert (made["needs_confirmation"], made["confirmed_at"]) == (True, None)
    early = await ask(app_client, firm, f"{PATH}/{made['id']}/start")
    assert (early.status_code, problem_code(early)) == (409, "order_not_confirmed")
    yes = await ask(app_client, wang, f"/api/v1/me/orders/{made['id']}/confirm", key="yes")
    again = await ask(app_client, wang, f"/api/v1/me/orders/{made['id']}/confirm", key="yes")
    assert (yes.json()["state"], again.json()) == ("created", yes.json())
    twice = await ask(app_client, wang, f"/api/v1/me/orders/{made['id']}/confirm")
    assert (twice.status_code, problem_code(twice)) == (409, "nothing_to_confirm")
    assert (await ask(app_client, firm, f"{PATH}/{made['id']}/start")).json()["state"] == "doing"
    late = await ask(app_client, wang, f"/api/v1/me/orders/{made['id']}/decline")
    assert (late.status_code, problem_code(late)) == (409, "transition_forbidden")


async def test_a_no_ends_the_order_and_silence_does_so_after_half_an_hour(
    app_client: httpx.AsyncClient, wang: Caller, firm: Caller, careful: dict[str, Any], clock: FixedClock
) -> None:
    made = await order(app_client, firm, careful)
    no = await ask(app_client, wang, f"/api/v1/me/orders/{made['id']}/decline")
    assert (no.json()["state"], no.json()["reason"]) == ("revoked", "declined by the resident")
    silent = await order(app_client, firm, careful, "R-2")
    confirmed = await order(app_client, firm, careful, "R-3")
    await ask(app_client, wang, f"/api/v1/me/orders/{confirmed['id']}/confirm")
    clock.advance(timedelta(minutes=31))
    assert await expire_unstarted(clock.now()) == 1
    assert (await ServiceOrder.get(id=silent["id"])).state == "expired"
    assert (await ServiceOrder.get(id=confirmed["id"])).state == "created"


async def test_an_order_without_the_need_has_nothing_to_confirm_and_another_has_none_at_all(
    app_client: httpx.AsyncClient, runtime: Runtime, bureau: Simulator, wang: Caller, firm: Caller
) -> None:
    made = await order(app_client, firm, (await claim(app_client, wang, "ride")).json())
    answer = await ask(app_client, wang, f"/api/v1/me/orders/{made['id']}/confirm")
    assert (answer.status_code, problem_code(answer)) == (409, "nothing_to_confirm")
    stranger = await a_consenting_resident(runtime, bureau, 2)
    assert (await ask(app_client, stranger, f"/api/v1/me/orders/{made['id']}/decline")).status_code == 404
    by_number = await app_client.get(f"{PATH}/by-number/R-1", headers=firm.headers())
    assert by_number.json()["id"] == made["id"]
    assert (await app_client.get(f"{PATH}/by-number/R-9", headers=firm.headers())).status_code == 404


async def test_the_pages_ask_for_the_yes_and_tell_what_was_told(
    app_client: httpx.AsyncClient, wang: Caller, firm: Caller, careful: dict[str, Any]
) -> None:
    made = await order(app_client, firm, careful)
    assert "等您确认" in (await read_page(app_client, wang, f"/app/entitlements/{careful['id']}")).text
    assert "确认使用" in (await read_page(app_client, wang, "/app/orders")).text
    assert (await post_form(app_client, wang, f"/app/orders/{made['id']}/confirm")).status_code == 303
    await completed(app_client, firm, made)
    assert "未授权,没有反馈" in (await read_page(app_client, wang, "/app/orders")).text


async def agree(runtime: Runtime, who: Caller) -> None:
    await grant(id_of(who), PURPOSE, version=purpose_of(PURPOSE).version, at=runtime.clock.now())


async def test_an_outcome_is_told_once_under_consent_and_leaves_a_line(
    app_client: httpx.AsyncClient, runtime: Runtime, bureau: Simulator, wang: Caller, firm: Caller, clock: FixedClock
) -> None:
    await agree(runtime, wang)
    held = (await claim(app_client, wang, "ride")).json()
    kept = await order(app_client, firm, held, "R-1")
    late = await order(app_client, firm, held, "R-2")
    await completed(app_client, firm, kept)
    await ask(app_client, firm, f"{PATH}/{late['id']}/start")
    await ServiceOrder.filter(id=late["id"]).update(due_at=clock.now() - timedelta(minutes=1))
    assert await mark_overdue(clock.now()) == 1
    await ask(app_client, firm, f"{PATH}/{late['id']}/complete", {"amount_fen": 0})
    assert await tell_outcomes(runtime) == 2
    assert await tell_outcomes(runtime) == 0
    number = synthetic_identity_number(1)
    assert sorted(bureau.outcomes.values()) == [(number, "in_time"), (number, "late")]
    log = (await app_client.get("/api/v1/me/access-log", headers=wang.headers())).text
    assert "订单逾期完成" in log


async def test_a_silent_bureau_is_told_later_by_the_same_id(
    app_client: httpx.AsyncClient, runtime: Runtime, bureau: Simulator, wang: Caller, firm: Caller, clock: FixedClock
) -> None:
    await agree(runtime, wang)
    await completed(app_client, firm, await order(app_client, firm, (await claim(app_client, wang, "ride")).json()))
    bureau.mode = "down"
    assert (await tell_outcomes(runtime), bureau.outcomes) == (1, {})
    assert await tell_outcomes(runtime) == 0
    bureau.mode = "ok"
    clock.advance(timedelta(seconds=RETRY_SECONDS[0]))
    assert await tell_outcomes(runtime) == 1
    row = await OrderOutcome.get()
    assert (row.state, row.attempts, list(bureau.outcomes)) == ("told", 2, [str(row.id)])


async def test_without_consent_or_after_its_withdrawal_nothing_leaves(
    app_client: httpx.AsyncClient, runtime: Runtime, bureau: Simulator, wang: Caller, firm: Caller
) -> None:
    held = (await claim(app_client, wang, "ride")).json()
    await completed(app_client, firm, await order(app_client, firm, held, "R-1"))
    await agree(runtime, wang)
    assert await tell_outcomes(runtime) == 0
    await completed(app_client, firm, await order(app_client, firm, held, "R-2"))
    await withdraw(runtime.events, id_of(wang), PURPOSE, at=runtime.clock.now())
    await agree(runtime, wang)  # a new consent covers nothing of what was before it
    assert await tell_outcomes(runtime) == 0
    assert bureau.outcomes == {}
    assert {row.state for row in await OrderOutcome.all()} == {"withheld"}


async def test_a_bureau_that_stays_away_is_given_up_in_the_end(
    app_client: httpx.AsyncClient, runtime: Runtime, bureau: Simulator, wang: Caller, firm: Caller, clock: FixedClock
) -> None:
    await agree(runtime, wang)
    await completed(app_client, firm, await order(app_client, firm, (await claim(app_client, wang, "ride")).json()))
    bureau.mode = "down"
    for seconds in RETRY_SECONDS:
        assert await tell_outcomes(runtime) == 1
        clock.advance(timedelta(seconds=seconds))
    assert (await OrderOutcome.get()).state == "given_up"
