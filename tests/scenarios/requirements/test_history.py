"""What a resident had is gathered from our own tables, and decides the next claim."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest
from support.people import Caller
from support.scenes import a_shop, add_scene, ask, claim, id_of, post_form, signed_in_anew

from xinyi_platform.clock import FixedClock
from xinyi_platform.runtime import Runtime
from xinyi_scenarios.requirements.history import histories, live_purposes, open_orders

pytestmark = pytest.mark.anyio


async def history(runtime: Runtime, who: Caller) -> dict[str, dict[str, Any]]:
    return (await histories([id_of(who)], at=runtime.clock.now()))[id_of(who)]


async def test_claims_count_in_their_periods_and_uses_by_their_day(
    app_client: httpx.AsyncClient, runtime: Runtime, wang: Caller, clock: FixedClock
) -> None:
    assert await history(runtime, wang) == {}
    add_scene(runtime, "gala", quota={"total": 9, "per_resident": 3})
    shop = await a_shop(runtime, "attraction")
    held = (await claim(app_client, wang, "gala")).json()
    returned = (await claim(app_client, wang, "gala")).json()
    await ask(app_client, wang, f"/api/v1/entitlements/{returned['id']}/cancel")
    await post_form(app_client, shop.operator, "/portal/redeem", {"code": held["code"], "price": "50"})
    one = {"live": 0, "used": 1, "last_used_on": "2026-11-23", "day": 1, "week": 1, "month": 1, "year": 1}
    assert await history(runtime, wang) == {"gala": one}
    clock.advance(timedelta(days=1))
    await claim(app_client, signed_in_anew(runtime, wang), "gala")
    assert (await history(runtime, wang))["gala"] == {**one, "live": 1, "week": 2, "month": 2, "year": 2}
    clock.advance(timedelta(days=7))
    assert (await history(runtime, wang))["gala"] == {**one, "live": 1, "day": 0, "week": 0, "month": 0, "year": 2}


async def test_a_cool_down_refuses_with_the_day_and_lets_in_again(
    app_client: httpx.AsyncClient, runtime: Runtime, wang: Caller, clock: FixedClock
) -> None:
    tables = [{"type": "cool_down", "days": 3}, {"type": "frequency", "at_most": 2, "period": "month"}]
    add_scene(runtime, "gala", quota={"total": 9, "per_resident": 9}, requires=tables)
    shop = await a_shop(runtime, "attraction")
    held = (await claim(app_client, wang, "gala")).json()
    await post_form(app_client, shop.operator, "/portal/redeem", {"code": held["code"], "price": "50"})
    refused = (await claim(app_client, wang, "gala")).json()
    assert refused["code"] == "not_eligible"
    assert refused["reasons"][0]["would_change"] == "2026-11-26起可再次领取。"
    clock.advance(timedelta(days=3))
    assert (await claim(app_client, signed_in_anew(runtime, wang), "gala")).status_code == 201
    refused = (await claim(app_client, signed_in_anew(runtime, wang), "gala")).json()
    assert refused["reasons"] == [{"reason": "本月最多2次", "would_change": "2026-12-01起可再次领取。"}]


async def test_consents_and_open_orders_are_known_for_many_at_once(
    app_client: httpx.AsyncClient, runtime: Runtime, wang: Caller
) -> None:
    now = runtime.clock.now()
    assert await live_purposes([id_of(wang)], at=now) == {id_of(wang): ["credit_status.scenes"]}
    assert await live_purposes([id_of(wang)], at=now + timedelta(days=400)) == {id_of(wang): []}
    assert await open_orders([id_of(wang)]) == {id_of(wang): {}}


async def test_the_hours_of_use_hold_at_the_till_and_travel_with_what_was_given(
    app_client: httpx.AsyncClient, runtime: Runtime, wang: Caller, clock: FixedClock
) -> None:
    hours = {"type": "time_of_day", "opens": "13:00", "closes": "16:00"}
    add_scene(runtime, "gala", requires_at_use=[hours])
    shop = await a_shop(runtime, "attraction")
    held = (await claim(app_client, wang, "gala")).json()
    typed = {"code": held["code"], "price": "50"}
    refused = await post_form(app_client, shop.operator, "/portal/redeem", typed)
    assert (refused.status_code, "13:00–16:00" in refused.text) == (403, True)
    clock.advance(timedelta(hours=3, minutes=30))
    assert (await post_form(app_client, shop.operator, "/portal/redeem", typed)).status_code in (200, 303)
