"""Shops join scenes that ask for it, on the terms that they were shown, and leave again."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from support.scenes import a_shop, add_scene, post_form, read_page
from support.visitor import text_of

from xinyi_merchants.registry import find_merchant
from xinyi_platform.audit import AuditEntry
from xinyi_platform.runtime import Runtime
from xinyi_scenarios.manifests import Catalogue
from xinyi_scenarios.participation import join_scene, signed_up_merchants
from xinyi_scenarios.participation.models import Participation

pytestmark = pytest.mark.anyio
GIVES = {"flow": "voucher", "percent_off": 10, "trades": ["catering"], "sign_up": True}
AGREED = {"version": "1", "agreed": "true"}


async def test_a_shop_joins_and_leaves_a_scene_of_its_trade(app_client: httpx.AsyncClient, runtime: Runtime) -> None:
    add_scene(runtime, "supper", gives=GIVES)
    shop, other = await a_shop(runtime, "catering"), await a_shop(runtime, "catering", number=2)
    page = await read_page(app_client, shop.operator, "/portal/scenes")
    assert "/portal/scenes/supper/join" in page.text
    assert "/portal/scenes/travel/join" not in page.text
    joined = await post_form(app_client, shop.operator, "/portal/scenes/supper/join", AGREED)
    assert joined.status_code == 303
    ids = [shop.merchant.id, other.merchant.id]
    assert await signed_up_merchants("supper", ids) == {shop.merchant.id}
    assert await signed_up_merchants("travel", ids) == set()
    assert "已参加" in text_of((await read_page(app_client, shop.operator, "/portal/scenes")).text)
    assert (await post_form(app_client, shop.operator, "/portal/scenes/supper/leave")).status_code == 303
    assert await signed_up_merchants("supper", ids) == set()
    actions = [row.action for row in await AuditEntry.filter(object_kind="merchant").order_by("id")]
    assert actions == ["participation.join", "participation.leave"]


async def test_terms_must_be_agreed_to_and_be_those_that_hold(app_client: httpx.AsyncClient, runtime: Runtime) -> None:
    add_scene(runtime, "supper", gives=GIVES)
    shop = await a_shop(runtime, "catering")
    path = "/portal/scenes/supper/join"
    assert (await post_form(app_client, shop.operator, path, {"version": "1"})).status_code == 400
    assert (await post_form(app_client, shop.operator, path, {**AGREED, "version": "2"})).status_code == 409
    assert (await post_form(app_client, shop.operator, "/portal/scenes/none/join", AGREED)).status_code == 404
    assert await Participation.all().count() == 0


async def test_another_trade_and_a_scene_without_sign_up_are_refused(
    app_client: httpx.AsyncClient, runtime: Runtime
) -> None:
    add_scene(runtime, "supper", gives=GIVES)
    shop = await a_shop(runtime, "hotel")
    for slug in ("supper", "travel"):
        assert (await post_form(app_client, shop.operator, f"/portal/scenes/{slug}/join", AGREED)).status_code == 403


async def test_joining_twice_at_once_is_one_participation(runtime: Runtime) -> None:
    add_scene(runtime, "supper", gives=GIVES)
    shop = await a_shop(runtime, "catering")
    merchant, catalogue = await find_merchant(shop.merchant.id), runtime.part(Catalogue)
    joins = [
        join_scene(catalogue, "supper", merchant, version=1, actor="operator:x", at=runtime.clock.now())
        for _ in range(5)
    ]
    await asyncio.gather(*joins)
    assert await Participation.filter(merchant_id=merchant.id).count() == 1
