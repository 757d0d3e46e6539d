"""Limits inside limits: a claim takes from all of them or from none, and says which one ran out."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest
from support.people import Caller
from support.scenes import Shop, a_consenting_resident, a_shop, add_scene, ask, claim, id_of, post_form, signed_in_anew

from xinyi_merchants.registry import find_merchant
from xinyi_platform.bureau.simulator import Simulator
from xinyi_platform.clock import FixedClock
from xinyi_platform.identity.models import ResidentAccount
from xinyi_platform.runtime import Runtime
from xinyi_scenarios.entitlements.changing import expire_due
from xinyi_scenarios.ledger import balance_of
from xinyi_scenarios.manifests import Catalogue
from xinyi_scenarios.participation import join_scene
from xinyi_scenarios.quotas.models import Quota
from xinyi_scenarios.redemptions.models import Redemption
from xinyi_scenarios.redemptions.redeeming import Use, redeem_entitlement, reverse_redemption
from xinyi_scenarios.redemptions.spending import return_unspent

pytestmark = pytest.mark.anyio
GIVES = {"flow": "voucher", "percent_off": 20, "cap_fen": 1_000, "validity_days": 10}


async def rows(slug: str) -> dict[tuple[str, str, str], int]:
    """Return what is used of every row of a scene, having checked it against the books."""
    found = {}
    for row in await Quota.filter(scenario=slug):
        assert -(await balance_of(row.id)).get("pool", 0) == row.used
        found[row.measure, row.scope, row.period] = row.used
    return found


async def people(runtime: Runtime, bureau: Simulator, number: int, division: str = "") -> list[Caller]:
    callers = [await a_consenting_resident(runtime, bureau, n) for n in range(1, number + 1)]
    if division:
        await ResidentAccount.filter(id__in=[id_of(caller) for caller in callers]).update(division=division)
    return callers


async def test_a_day_inside_a_month_runs_out_first_and_opens_again_tomorrow(
    app_client: httpx.AsyncClient, runtime: Runtime, bureau: Simulator, clock: FixedClock
) -> None:
    add_scene(runtime, "gala", quota={"total": 9, "limits": [{"per": "scene", "period": "day", "total": 2}]})
    callers = await people(runtime, bureau, 3)
    assert [(await claim(app_client, who, "gala")).status_code for who in callers] == [201, 201, 409]
    refused = (await claim(app_client, callers[2], "gala", language="en")).json()
    assert (refused["code"], refused["limit"], refused["again_on"]) == ("sold_out", "scene", "2026-11-24")
    assert refused["detail"] == "No more are left in this period. There is more from 2026-11-24."
    clock.advance(timedelta(days=1))
    assert (await claim(app_client, signed_in_anew(runtime, callers[2]), "gala")).status_code == 201
    assert await rows("gala") == {
        ("units", "", "2026-11"): 3,
        ("units", "", "2026-11-23"): 2,
        ("units", "", "2026-11-24"): 1,
    }


async def test_a_district_has_its_own_share(app_client: httpx.AsyncClient, runtime: Runtime, bureau: Simulator) -> None:
    limit = {"per": "district", "period": "month", "total": 5, "shares": {"410621": 1}}
    add_scene(runtime, "gala", quota={"total": 9, "limits": [limit]})
    callers = await people(runtime, bureau, 2, "410621001001")
    assert [(await claim(app_client, who, "gala")).status_code for who in callers] == [201, 409]
    refused = (await claim(app_client, callers[1], "gala")).json()
    assert (refused["limit"], refused["detail"]) == ("district", "您所在区的本期名额已领完。2026-12-01起可再次领取。")
    await ResidentAccount.filter(id=id_of(callers[1])).update(division="410622001001")
    assert (await claim(app_client, callers[1], "gala")).status_code == 201
    used = await rows("gala")
    assert (used["units", "district:410621", "2026-11"], used["units", "district:410622", "2026-11"]) == (1, 1)


async def test_giving_back_returns_to_every_limit(
    app_client: httpx.AsyncClient, runtime: Runtime, bureau: Simulator
) -> None:
    limits = [{"per": "district", "period": "day", "total": 1}, {"per": "scene", "period": "day", "total": 1}]
    add_scene(runtime, "gala", gives=GIVES, quota={"total": 9, "limits": limits}, budget={"total_fen": 1_500})
    one, two = await people(runtime, bureau, 2)
    held = (await claim(app_client, one, "gala")).json()
    assert (await claim(app_client, two, "gala")).status_code == 409
    assert set((await rows("gala")).values()) == {1, 1_000}
    assert (await ask(app_client, one, f"/api/v1/entitlements/{held['id']}/cancel")).status_code in (200, 201)
    assert set((await rows("gala")).values()) == {0}
    assert (await claim(app_client, two, "gala")).status_code == 201


async def test_a_resident_may_claim_so_often_in_a_period_and_no_oftener(
    app_client: httpx.AsyncClient, runtime: Runtime, wang: Caller, clock: FixedClock
) -> None:
    add_scene(runtime, "gala", quota={"total": 9, "per_resident": 3})
    held = [(await claim(app_client, wang, "gala")).json() for _ in range(3)]
    refused = await claim(app_client, wang, "gala", language="en")
    assert (refused.status_code, refused.json()["code"], refused.json()["times"]) == (409, "already_claimed", 3)
    assert refused.json()["detail"].endswith("You can again from 2026-12-01.")
    await ask(app_client, wang, f"/api/v1/entitlements/{held[1]['id']}/cancel")
    assert (await claim(app_client, wang, "gala")).status_code == 201
    assert (await claim(app_client, wang, "gala")).status_code == 409
    clock.advance(timedelta(days=8))
    assert (await claim(app_client, signed_in_anew(runtime, wang), "gala")).status_code == 201


async def test_outside_its_hours_a_scene_says_when_it_opens(
    app_client: httpx.AsyncClient, runtime: Runtime, wang: Caller, clock: FixedClock
) -> None:
    add_scene(runtime, "gala", opening={"weekdays": [1, 3], "opens": "08:00", "closes": "11:00"})
    assert (await claim(app_client, wang, "gala")).status_code == 201
    clock.advance(timedelta(hours=1))
    refused = (await claim(app_client, signed_in_anew(runtime, wang), "gala", language="en")).json()
    assert (refused["code"], refused["opens_at"]) == ("claims_not_open_now", "2026-11-25 08:00")


async def test_after_its_last_day_a_scene_takes_no_claims(
    app_client: httpx.AsyncClient, runtime: Runtime, wang: Caller, clock: FixedClock
) -> None:
    add_scene(runtime, "gala", closes_on="2026-11-23")
    clock.advance(timedelta(days=1))
    answer = await claim(app_client, signed_in_anew(runtime, wang), "gala")
    assert (answer.status_code, answer.json()["code"]) == (409, "claims_closed")


async def test_a_budget_is_set_aside_at_the_worst_and_comes_back_once_a_use_is_final(
    app_client: httpx.AsyncClient, runtime: Runtime, bureau: Simulator, clock: FixedClock
) -> None:
    add_scene(runtime, "gala", gives=GIVES, quota={"total": 9}, budget={"total_fen": 2_500, "period": "year"})
    callers = await people(runtime, bureau, 3)
    held = [(await claim(app_client, who, "gala")).json() for who in callers[:2]]
    refused = (await claim(app_client, callers[2], "gala")).json()
    assert (refused["code"], refused["limit"]) == ("sold_out", "budget")
    money = ("fen", "", "2026")
    use = Use(merchant=None, actor="partner:x", channel="partner", price_fen=2_000, at=clock.now())
    first = await redeem_entitlement(held[0]["code"], use)
    assert (first.discount_fen, (await rows("gala"))[money]) == (400, 2_000)
    undo = {"merchant_id": None, "actor": "partner:x", "reason": "mistake", "at": clock.now()}
    await reverse_redemption(first.id, **undo)
    assert (await rows("gala"))[money] == 2_000
    await redeem_entitlement(held[0]["code"], use)
    clock.advance(timedelta(hours=25))
    assert await return_unspent(clock.now()) == 1
    assert await return_unspent(clock.now()) == 0
    assert (await rows("gala"))[money] == 1_400
    assert (await claim(app_client, signed_in_anew(runtime, callers[2]), "gala")).status_code == 201
    clock.advance(timedelta(days=12))
    assert await expire_due(clock.now()) == 2
    assert (await rows("gala"))[money] == 400
    assert (await rows("gala"))["units", "", "2026-11"] == 3


async def test_a_merchant_has_its_own_share_counted_at_the_till(
    app_client: httpx.AsyncClient, runtime: Runtime, bureau: Simulator
) -> None:
    limits = [{"per": "merchant", "period": "day", "total": 1}]
    add_scene(runtime, "gala", gives={**GIVES, "trades": ["attraction"]}, quota={"total": 9, "limits": limits})
    shop = await a_shop(runtime, "attraction")
    one, two = await people(runtime, bureau, 2)
    codes = [(await claim(app_client, who, "gala")).json()["code"] for who in (one, two)]
    assert (await till(app_client, shop, codes[0])).status_code in (200, 303)
    refused = await till(app_client, shop, codes[1])
    assert "已用完" in refused.text
    used = await rows("gala")
    assert [number for (_, scope, _), number in used.items() if scope.startswith("merchant:")] == [1]
    row = await Redemption.get()
    await reverse_redemption(
        row.id, merchant_id=shop.merchant.id, actor="op", reason="wrong code", at=runtime.clock.now()
    )
    assert [number for (_, scope, _), number in (await rows("gala")).items() if scope.startswith("merchant:")] == [0]
    assert (await till(app_client, shop, codes[1])).status_code in (200, 303)


async def test_where_merchants_sign_up_only_those_that_did_take_the_code(
    app_client: httpx.AsyncClient, runtime: Runtime, bureau: Simulator
) -> None:
    add_scene(runtime, "gala", gives={**GIVES, "sign_up": True}, quota={"total": 9})
    shop = await a_shop(runtime, "attraction")
    (who,) = await people(runtime, bureau, 1)
    held = (await claim(app_client, who, "gala")).json()
    refused = await till(app_client, shop, held["code"])
    assert (refused.status_code, "未参与本场景" in refused.text) == (403, True)
    catalogue, merchant = runtime.part(Catalogue), await find_merchant(shop.merchant.id)
    await join_scene(catalogue, "gala", merchant, version=1, actor="op", at=runtime.clock.now())
    assert (await till(app_client, shop, held["code"])).status_code in (200, 303)


async def till(client: httpx.AsyncClient, shop: Shop, code: str) -> httpx.Response:
    """Use a typed code at a shop's till for 50 yuan."""
    return await post_form(client, shop.operator, "/portal/redeem", {"code": code, "price": "50"})
