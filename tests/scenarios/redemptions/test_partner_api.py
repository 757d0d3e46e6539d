"""Partners redeem: once, where it holds, with a code that is ours, also while the bureau is down."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest
from support.people import Caller, a_partner
from support.scenes import Shop, a_consenting_resident, a_shop, ask, claim, post_form, problem_code

from xinyi_platform.bureau.simulator import Simulator
from xinyi_platform.clock import FixedClock
from xinyi_platform.identity.tokens import issue_partner_token
from xinyi_platform.ids import new_id, new_public_code
from xinyi_platform.runtime import Runtime
from xinyi_scenarios.entitlements.changing import change_entitlement
from xinyi_scenarios.entitlements.codes import sign_code
from xinyi_scenarios.entitlements.models import Entitlement
from xinyi_scenarios.ledger import balance_of
from xinyi_scenarios.redemptions.models import Redemption

pytestmark = pytest.mark.anyio
PATH = "/partner/v1/redemptions"


@pytest.fixture
async def till(app_client: httpx.AsyncClient, runtime: Runtime) -> Caller:
    return await a_partner(runtime, "redemptions", client_id="tills")


@pytest.fixture
async def park(app_client: httpx.AsyncClient, runtime: Runtime) -> Shop:
    return await a_shop(runtime, "attraction")


@pytest.fixture
async def held(app_client: httpx.AsyncClient, wang: Caller) -> dict[str, Any]:
    """20 % off at attractions, 100 yuan at most."""
    found: dict[str, Any] = (await claim(app_client, wang, "travel")).json()
    return found


def use(held: dict[str, Any], shop: Shop, price_fen: int | None = 8_000) -> dict[str, Any]:
    return {"code": held["code"], "price_fen": price_fen, "merchant": shop.merchant.code}


async def test_a_scanned_code_is_redeemed_while_the_bureau_is_down(
    app_client: httpx.AsyncClient, till: Caller, park: Shop, wang: Caller, held: dict[str, Any], bureau: Simulator
) -> None:
    bureau.mode = "down"
    shown = (await app_client.get(f"/api/v1/entitlements/{held['id']}/qr", headers=wang.headers())).json()
    answer = await ask(app_client, till, PATH, {**use(held, park), "code": shown["token"]})
    assert (answer.status_code, answer.json()["discount_fen"], answer.json()["scenario"]) == (201, 1_600, "travel")
    row = await Entitlement.get(id=held["id"])
    assert row.state == "redeemed"
    assert await balance_of(row.quota_id) == {"pool": -1, "resident": 0, "used": 1}


async def test_a_repeated_key_gets_the_first_answer_and_another_key_a_reason(
    app_client: httpx.AsyncClient, till: Caller, park: Shop, held: dict[str, Any]
) -> None:
    first = await ask(app_client, till, PATH, use(held, park), key="one")
    again = await ask(app_client, till, PATH, use(held, park), key="one")
    assert (again.status_code, again.json()) == (201, first.json())
    changed = await ask(app_client, till, PATH, use(held, park, 9_000), key="one")
    assert (changed.status_code, problem_code(changed)) == (422, "idempotency_key_reused")
    for language, word in (("zh", "2026-11-23 10:00"), ("en", "already redeemed at 2026-11-23 10:00")):
        twice = await ask(app_client, till, PATH, use(held, park), language=language)
        assert (twice.status_code, problem_code(twice)) == (409, "already_redeemed")
        assert word in twice.json()["detail"]
    assert await Redemption.all().count() == 1


async def test_of_many_tills_at_once_one_redeems(
    app_client: httpx.AsyncClient, till: Caller, park: Shop, held: dict[str, Any]
) -> None:
    answers = await asyncio.gather(*(ask(app_client, till, PATH, use(held, park)) for _ in range(8)))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 7
    assert await Redemption.all().count() == 1


async def test_without_a_key_nothing_is_redeemed(
    app_client: httpx.AsyncClient, till: Caller, park: Shop, held: dict[str, Any]
) -> None:
    answer = await app_client.post(PATH, json=use(held, park), headers=till.headers())
    assert (answer.status_code, problem_code(answer)) == (400, "idempotency_key_missing")


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_it_holds_only_in_its_trades(
    app_client: httpx.AsyncClient, runtime: Runtime, till: Caller, held: dict[str, Any], language: str
) -> None:
    bookshop = await a_shop(runtime, "bookshop", number=2)
    for body in (use(held, bookshop), {"code": held["code"], "price_fen": 8_000}):
        answer = await ask(app_client, till, PATH, body, language=language)
        assert (answer.status_code, problem_code(answer)) == (403, "not_usable_here")
    assert ("行业" in answer.json()["detail"]) is (language == "zh")
    unknown = await ask(app_client, till, PATH, {"code": held["code"], "merchant": new_public_code()})
    assert (unknown.status_code, problem_code(unknown)) == (404, "not_found")
    assert (await Entitlement.get(id=held["id"])).state == "issued"


@pytest.mark.parametrize(("honest_days", "status"), [(None, 403), (-1, 403), (0, 201), (30, 201)])
async def test_what_is_for_honest_merchants_asks_for_an_award_that_is_valid_today(
    app_client: httpx.AsyncClient, runtime: Runtime, till: Caller, wang: Caller, honest_days: int | None, status: int
) -> None:
    kitchen = await a_shop(runtime, "catering", honest_days=honest_days)
    meal = (await claim(app_client, wang, "dining")).json()
    answer = await ask(app_client, till, PATH, use(meal, kitchen))
    assert answer.status_code == status, answer.text
    if status == 403:
        assert problem_code(answer) == "not_usable_here"


async def test_a_deposit_waiver_is_not_used_up_at_a_till(
    app_client: httpx.AsyncClient, till: Caller, park: Shop, wang: Caller
) -> None:
    waiver = (await claim(app_client, wang, "ride")).json()
    answer = await ask(app_client, till, PATH, use(waiver, park))
    assert (answer.status_code, problem_code(answer)) == (403, "not_usable_here")
    assert (await Entitlement.get(id=waiver["id"])).state == "issued"


async def test_codes_that_are_old_forged_garbled_or_nobodys(
    app_client: httpx.AsyncClient, runtime: Runtime, till: Caller, park: Shop, held: dict[str, Any], clock: FixedClock
) -> None:
    old = sign_code(runtime.keys, code=held["code"], scenario="travel", now=clock.now() - timedelta(minutes=5)).token
    fresh = sign_code(runtime.keys, code=held["code"], scenario="travel", now=clock.now()).token
    for code, status, problem in (
        (old, 422, "code_expired"),
        (fresh[:-20] + "A" * 20, 422, "code_unreadable"),
        ("…", 422, "code_unreadable"),
        ("", 422, "code_unreadable"),
        ("\x00" * 8, 422, "code_unreadable"),
        (new_public_code(), 404, "not_found"),
        ("x" * 1_025, 400, "invalid_input"),
    ):
        answer = await ask(app_client, till, PATH, {**use(held, park), "code": code})
        assert (answer.status_code, problem_code(answer)) == (status, problem), code
    assert (await Entitlement.get(id=held["id"])).state == "issued"


@pytest.mark.parametrize(
    "more",
    [
        {"price_fen": "eighty"},
        {"price_fen": -1},
        {"price_fen": 10_000_001},
        {"price_fen": 1.5},
        {"tip": 1},
        {"code": 1},
    ],
)
async def test_wrong_fields_are_refused(
    app_client: httpx.AsyncClient, till: Caller, park: Shop, held: dict[str, Any], more: dict[str, Any]
) -> None:
    answer = await ask(app_client, till, PATH, {**use(held, park), **more})
    assert (answer.status_code, problem_code(answer)) == (400, "invalid_input")


async def test_a_percentage_needs_its_price(
    app_client: httpx.AsyncClient, till: Caller, park: Shop, held: dict[str, Any]
) -> None:
    answer = await ask(app_client, till, PATH, use(held, park, None))
    assert (answer.status_code, problem_code(answer)) == (422, "price_needed")


@pytest.mark.parametrize("event", ["cancel", "expire", "suspend", "withdraw"])
async def test_what_is_not_usable_is_refused_with_its_state(
    app_client: httpx.AsyncClient, till: Caller, park: Shop, held: dict[str, Any], clock: FixedClock, event: str
) -> None:
    row = await change_entitlement(held["id"], event, actor="test", at=clock.now())
    answer = await ask(app_client, till, PATH, use(held, park))
    assert (answer.status_code, problem_code(answer), answer.json()["state"]) == (409, "not_usable", row.state)


async def test_a_mistake_is_undone_exactly_once_and_the_voucher_works_again(
    app_client: httpx.AsyncClient, till: Caller, park: Shop, held: dict[str, Any]
) -> None:
    done = (await ask(app_client, till, PATH, use(held, park))).json()
    path, reason = f"{PATH}/{done['id']}/reverse", {"reason": "扫错了"}
    undone = await ask(app_client, till, path, reason, key="undo")
    assert (undone.status_code, undone.json()["reversed_at"] is not None) == (200, True)
    assert (await ask(app_client, till, path, reason, key="undo")).json() == undone.json()
    twice = await ask(app_client, till, path, reason)
    assert (twice.status_code, problem_code(twice)) == (409, "already_reversed")
    row = await Entitlement.get(id=held["id"])
    assert (row.state, (await balance_of(row.quota_id))["resident"]) == ("reversed", 1)
    assert (await ask(app_client, till, PATH, use(held, park))).status_code == 201


async def test_a_reversal_is_for_ones_own_within_a_day_and_with_a_reason(
    app_client: httpx.AsyncClient, runtime: Runtime, till: Caller, park: Shop, held: dict[str, Any], clock: FixedClock
) -> None:
    done = (await ask(app_client, till, PATH, use(held, park))).json()
    path = f"{PATH}/{done['id']}/reverse"
    other = await a_partner(runtime, "redemptions", client_id="other-tills")
    for who, where in ((other, path), (till, f"{PATH}/{new_id()}/reverse")):
        answer = await ask(app_client, who, where, {"reason": "扫错了"})
        assert (answer.status_code, problem_code(answer)) == (404, "not_found")
    for body in ({"reason": ""}, {"reason": "x" * 201}, {}, {"reason": "x", "force": True}):
        answer = await ask(app_client, till, path, body)
        assert (answer.status_code, problem_code(answer)) == (400, "invalid_input")
    clock.advance(timedelta(hours=24, seconds=1))
    till_later = await a_token_anew(runtime, till)
    answer = await ask(app_client, till_later, path, {"reason": "扫错了"})
    assert (answer.status_code, problem_code(answer)) == (409, "reversal_too_late")
    assert (await Entitlement.get(id=held["id"])).state == "redeemed"


async def a_token_anew(runtime: Runtime, partner: Caller) -> Caller:
    assert partner.id
    token = issue_partner_token(runtime.keys, partner.id, ["redemptions"], runtime.clock.now()).token
    return Caller(partner.name, partner.id, token)


async def test_only_the_scope_for_it_redeems(
    app_client: httpx.AsyncClient, runtime: Runtime, bureau: Simulator, park: Shop, held: dict[str, Any]
) -> None:
    orders_only = await a_partner(runtime, "orders", client_id="bikes")
    resident = await a_consenting_resident(runtime, bureau, 2)
    for who in (orders_only, resident):
        answer = await ask(app_client, who, PATH, use(held, park))
        assert (answer.status_code, problem_code(answer)) == (403, "forbidden")


async def test_what_a_provider_gives_itself_is_used_up_by_its_own_system_only(
    app_client: httpx.AsyncClient, till: Caller, park: Shop, wang: Caller
) -> None:
    care = (await claim(app_client, wang, "elder-care")).json()
    at_a_shop = await post_form(app_client, park.operator, "/portal/redeem", {"code": care["code"], "price": "80"})
    assert at_a_shop.status_code == 403
    assert "服务提供方" in at_a_shop.text
    answer = await ask(app_client, till, PATH, {"code": care["code"], "price_fen": 8_000})
    assert answer.status_code == 201, answer.text
    assert (await Entitlement.get(id=care["id"])).state == "redeemed"
