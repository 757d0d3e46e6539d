"""A shop is told of notice, publication and end of what is listed about it: in the portal, and its own systems."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest
from support.hooks import running
from support.lists import WHOLE, act
from support.people import Caller, a_member_of_staff
from support.scenes import Shop, a_shop, id_of, post_form, read_page
from support.telling import kinds_told

from xinyi_merchants.registry.models import MerchantOperator
from xinyi_platform.clock import FixedClock
from xinyi_platform.identity.sessions import cookie_name, open_session
from xinyi_platform.outbox import OutboxEvent
from xinyi_platform.outbox.delivering import deliver_due, route_events
from xinyi_platform.principals import Role
from xinyi_platform.runtime import Runtime
from xinyi_rewards.honor_lists.models import HonorEntry, Objection
from xinyi_rewards.honor_lists.publishing import end_entry, publish_due

pytestmark = pytest.mark.anyio


@pytest.fixture
async def shop(app_client: httpx.AsyncClient, runtime: Runtime) -> Shop:
    return await a_shop(runtime, "catering")


@pytest.fixture
async def xu(app_client: httpx.AsyncClient, runtime: Runtime) -> Caller:
    return await a_member_of_staff(runtime, Role.CREDIT_OFFICE, username="xu")


async def mirror(client: httpx.AsyncClient, xu: Caller, zhou: Caller, **change: Any) -> HonorEntry:
    made = await act(client, xu, "/honor-lists/mirrored", {**WHOLE, **change})
    assert made.status_code == 201, made.text
    assert (await act(client, zhou, f"/honor-lists/{made.json()['id']}/approve")).status_code == 200
    return await HonorEntry.get()


def about(shop: Shop, **change: Any) -> dict[str, Any]:
    return {"subject_kind": "merchant", "name": shop.merchant.name, "number": shop.merchant.uscc, **change}


async def told(shop: Shop) -> list[tuple[str, dict[str, Any]]]:
    audience = f"merchant:{shop.merchant.id}"
    return [(row.topic, row.payload) for row in await OutboxEvent.filter(audience=audience).order_by("created_at")]


async def home(client: httpx.AsyncClient, runtime: Runtime, shop: Shop, language: str = "zh") -> str:
    session = await open_session("portal", id_of(shop.operator), now=runtime.clock.now())
    who = Caller(shop.operator.name, shop.operator.id, None, {cookie_name("portal"): session})
    client.cookies.clear()
    answer = await client.get("/portal", headers={**who.headers(), "Accept-Language": language})
    assert answer.status_code == 200
    return answer.text


async def test_a_shop_is_told_of_notice_publication_and_end(
    app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock, zhou: Caller, xu: Caller, shop: Shop
) -> None:
    entry = await mirror(app_client, xu, zhou, **about(shop, objection_until="2026-11-25"))
    assert entry.publish_at
    about_it = {"entry": str(entry.id), "kind": "black-enforcement"}
    assert await told(shop) == [("honor_entry.noticed", {**about_it, "publish_at": entry.publish_at.isoformat()})]
    assert "2026-11-26公布" in await home(app_client, runtime, shop)
    assert "public on 2026-11-26; read it and object" in await home(app_client, runtime, shop, "en")
    clock.advance(timedelta(days=4))
    assert await publish_due(runtime) == 1
    assert [topic for topic, _ in await told(shop)] == ["honor_entry.noticed", "honor_entry.published"]
    assert "已列入“失信被执行人名单”" in await home(app_client, runtime, shop)
    clock.advance(timedelta(days=1))
    await end_entry(runtime, entry.id, "revoke", actor="x", reason="认定有误", at=clock.now())
    assert (await told(shop))[-1] == ("honor_entry.ended", {**about_it, "ended_at": clock.now().isoformat()})
    assert "的列入已结束,公示和相应措施同时解除。原因:认定有误" in await home(app_client, runtime, shop)
    assert "has ended too. Why: 认定有误" in await home(app_client, runtime, shop, "en")
    clock.advance(timedelta(days=31))
    assert "与本店有关的公示" not in await home(app_client, runtime, shop)


async def test_where_the_term_is_over_at_approval_both_kinds_of_subjects_are_told_at_once(
    app_client: httpx.AsyncClient, runtime: Runtime, zhou: Caller, xu: Caller, shop: Shop, wang: Caller
) -> None:
    await mirror(app_client, xu, zhou, **about(shop))
    assert [topic for topic, _ in await told(shop)] == ["honor_entry.published"]
    assert "已列入“失信被执行人名单”" in await home(app_client, runtime, shop)
    made = await act(app_client, xu, "/honor-lists/mirrored", {**WHOLE, "document_no": "(2026)演0600执0002号"})
    await act(app_client, zhou, f"/honor-lists/{made.json()['id']}/approve")
    assert wang.id
    assert await kinds_told(wang.id) == ["honor_entry.listed"]


async def test_its_systems_hear_of_listings_where_the_owner_chose_so(
    app_client: httpx.AsyncClient, runtime: Runtime, zhou: Caller, xu: Caller, shop: Shop
) -> None:
    with running() as chosen, running() as other:
        for url, kind in ((chosen.url, "listing"), (other.url, "award")):
            assert (
                await post_form(app_client, shop.operator, "/portal/webhooks", {"url": url, kind: "true"})
            ).status_code == 200
        await mirror(app_client, xu, zhou, **about(shop))
        await route_events(runtime.clock.now())
        await deliver_due(runtime.keys, runtime.clock.now())
        assert len(chosen.received) == 1
        assert not other.received
    assert b"honor_entry.published" in chosen.received[0].body


@pytest.mark.parametrize(("verdict", "result"), [("uphold", "的异议成立"), ("dismiss", "的异议不成立")])
async def test_it_reads_what_became_of_its_objection_and_its_systems_hear_it(
    app_client: httpx.AsyncClient, runtime: Runtime, zhou: Caller, xu: Caller, shop: Shop, verdict: str, result: str
) -> None:
    entry = await mirror(app_client, xu, zhou, **about(shop))
    await post_form(app_client, shop.operator, f"/portal/listings/{entry.id}/object", {"reason": "并非本店"})
    assert "“失信被执行人名单”暂停展示,核查中" in await home(app_client, runtime, shop)
    objection = await Objection.get()
    body = {"verdict": verdict, "reason": "经核实"}
    assert (await act(app_client, zhou, f"/objections/{objection.id}/decide", body)).status_code == 204
    assert f"对“失信被执行人名单”{result}" in await home(app_client, runtime, shop)
    listings = (await read_page(app_client, shop.operator, "/portal/listings")).text
    assert ("结束原因: 经核实" in listings) is (verdict == "uphold")
    assert "objection.decided" in [topic for topic, _ in await told(shop)]


async def test_a_clerk_reads_nothing_of_it(
    app_client: httpx.AsyncClient, runtime: Runtime, zhou: Caller, xu: Caller, shop: Shop
) -> None:
    await mirror(app_client, xu, zhou, **about(shop))
    await MerchantOperator.filter(account_id=shop.operator.id).update(role="clerk")
    assert "失信被执行人" not in (await read_page(app_client, shop.operator, "/portal")).text
