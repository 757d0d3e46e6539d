"""News for a shop's own systems over HTTP: chosen, signed, tried, replayed; its risk class is never among it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from standardwebhooks import Webhook
from standardwebhooks.webhooks import WebhookVerificationError
from support.hooks import Receiver, running
from support.people import Caller, a_resident
from support.scenes import Shop, a_consenting_resident, a_shop, claim, id_of, post_form, read_page

from xinyi_merchants.complaints.acting import Actor, act
from xinyi_merchants.complaints.filing import Filing, file_complaint
from xinyi_merchants.complaints.models import Complaint
from xinyi_merchants.registry import find_merchant
from xinyi_merchants.registry.models import MerchantOperator
from xinyi_merchants.risk_classes.models import RiskClass
from xinyi_merchants.risk_classes.recomputing import mark_stale, settle_classes
from xinyi_merchants.webhooks.topics import KINDS, TOPICS
from xinyi_platform.audit.models import AuditEntry
from xinyi_platform.bureau.simulator import Simulator
from xinyi_platform.clock import FixedClock
from xinyi_platform.identity.sessions import cookie_name, open_session
from xinyi_platform.outbox import OutboxEvent, WebhookDelivery, WebhookEndpoint
from xinyi_platform.outbox.delivering import deliver_due, route_events
from xinyi_platform.runtime import Runtime

pytestmark = pytest.mark.anyio
HOOKS = "/portal/webhooks"
SECRET = re.compile(r"whsec_[\w+/=]+")
EVERYTHING = dict.fromkeys(KINDS, "true")


@pytest.fixture
async def shop(runtime: Runtime) -> Shop:
    return await a_shop(runtime, "attraction")


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with running() as server:
        yield server


async def sweep(runtime: Runtime) -> int:
    await route_events(runtime.clock.now())
    return await deliver_due(runtime.keys, runtime.clock.now())


async def subscribed(client: httpx.AsyncClient, shop: Shop, url: str, **kinds: str) -> str:
    answer = await post_form(client, shop.operator, HOOKS, {"url": url, **(kinds or EVERYTHING)})
    found = SECRET.search(answer.text)
    assert found, answer.text
    return found[0]


async def test_a_redemption_and_its_reversal_arrive_signed_and_name_nobody(
    app_client: httpx.AsyncClient, runtime: Runtime, bureau: Simulator, shop: Shop, receiver: Receiver
) -> None:
    secret = await subscribed(app_client, shop, receiver.url, redemption="true")
    her = await a_consenting_resident(runtime, bureau)
    code = (await claim(app_client, her, "travel")).json()["code"]
    done = await post_form(app_client, shop.operator, "/portal/redeem", {"code": code, "price": "100"})
    assert done.status_code == 303, done.text
    redemption = done.headers["location"].rpartition("=")[2]
    path = f"/portal/redemptions/{redemption}/reverse"
    assert (await post_form(app_client, shop.operator, path, {"reason": "顾客退货"})).status_code == 303
    assert await sweep(runtime) == 2
    got = [Webhook(secret).verify(one.body, one.headers) for one in receiver.received]
    assert sorted(one["type"] for one in got) == ["redemption.made", "redemption.reversed"]
    assert {one["data"]["redemption"] for one in got} == {redemption}
    assert got[0]["data"]["price_fen"] == 10_000
    assert str(her.id) not in json.dumps(got)
    home = (await read_page(app_client, shop.operator, "/portal")).text
    assert "顾客核销了什么" in home


async def test_complaints_arrive_where_they_were_chosen_only(
    app_client: httpx.AsyncClient, runtime: Runtime, shop: Shop, receiver: Receiver
) -> None:
    secret = await subscribed(app_client, shop, receiver.url, complaint="true")
    with running() as other:
        await subscribed(app_client, shop, other.url, award="true")
        her = await a_resident(runtime)
        filing = Filing(category="price", text="多收了十元钱。", wish="", phone="13800000000", resident_id=id_of(her))
        receipt = await file_complaint(runtime, await find_merchant(shop.merchant.id), filing, now=runtime.clock.now())
        await act(
            runtime, await Complaint.get(id=receipt.id), "accept", Actor("staff", id_of(her)), now=runtime.clock.now()
        )
        await sweep(runtime)
        assert not other.received
    types = [Webhook(secret).verify(one.body, one.headers)["type"] for one in receiver.received]
    assert "complaint.waiting_merchant" in types
    assert "13800000000" not in str(receiver.received)


async def test_after_a_change_of_the_secret_both_sign_for_a_day(
    app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock, shop: Shop, receiver: Receiver
) -> None:
    old = await subscribed(app_client, shop, receiver.url)
    endpoint = await WebhookEndpoint.get()
    answer = await post_form(app_client, shop.operator, f"{HOOKS}/{endpoint.id}/secret")
    found = SECRET.search(answer.text)
    assert found
    assert found[0] != old
    assert found[0] not in (await read_page(app_client, shop.operator, HOOKS)).text, "shown once"
    again = await post_form(app_client, shop.operator, f"{HOOKS}/{endpoint.id}/secret")
    assert (again.status_code, "24小时内刚轮换过" in again.text) == (409, True)
    for hours, old_signs in ((0, True), (25, False)):
        clock.advance(timedelta(hours=hours))
        who = await signed_in(runtime, shop.operator)
        assert (await post_form(app_client, who, f"{HOOKS}/{endpoint.id}/test")).status_code == 303
        await sweep(runtime)
        got = receiver.received[-1]
        assert Webhook(found[0]).verify(got.body, got.headers)["type"] == "webhook.test"
        if old_signs:
            assert Webhook(old).verify(got.body, got.headers)
        else:
            with pytest.raises(WebhookVerificationError):
                Webhook(old).verify(got.body, got.headers)


async def signed_in(runtime: Runtime, who: Caller) -> Caller:
    session = await open_session("portal", id_of(who), now=runtime.clock.now())
    return Caller(who.name, who.id, None, {cookie_name("portal"): session})


async def test_a_delivery_that_was_given_up_is_sent_again_with_the_same_id(
    app_client: httpx.AsyncClient, runtime: Runtime, shop: Shop, receiver: Receiver
) -> None:
    await subscribed(app_client, shop, receiver.url)
    endpoint = await WebhookEndpoint.get()
    await post_form(app_client, shop.operator, f"{HOOKS}/{endpoint.id}/test")
    delivery = await WebhookDelivery.get()
    runs = await post_form(app_client, shop.operator, f"{HOOKS}/deliveries/{delivery.id}/replay")
    assert (runs.status_code, "无需重发" in runs.text) == (409, True)
    receiver.status = 500
    await sweep(runtime)
    await WebhookDelivery.all().update(state="dead")
    assert "已放弃" in (await read_page(app_client, shop.operator, HOOKS)).text
    receiver.status = 204
    assert (await post_form(app_client, shop.operator, f"{HOOKS}/deliveries/{delivery.id}/replay")).status_code == 303
    await sweep(runtime)
    first, second = receiver.received
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    row = await WebhookDelivery.get()
    assert (row.state, row.attempts, row.last_status) == ("delivered", 1, 204)
    assert "已送达" in (await read_page(app_client, shop.operator, HOOKS)).text
    acts = (
        await AuditEntry.filter(action__startswith="merchant_webhook.").order_by("id").values_list("action", flat=True)
    )
    assert [one.partition(".")[2] for one in acts] == ["subscribed", "tested", "replayed"]


@pytest.mark.parametrize(
    ("fields", "status", "said"),
    [
        ({"url": "https://shop.example/"}, 400, "请至少选择一类事件"),
        ({"url": "ftp://shop.example/", **EVERYTHING}, 422, "回调地址无效"),
        ({"url": "https://shop.example/" + "x" * 500, **EVERYTHING}, 422, "不超过500个字符"),
    ],
)
async def test_a_wrong_subscription_is_told(
    app_client: httpx.AsyncClient, shop: Shop, fields: dict[str, str], status: int, said: str
) -> None:
    answer = await post_form(app_client, shop.operator, HOOKS, fields)
    assert (answer.status_code, said in answer.text) == (status, True)
    assert await WebhookEndpoint.all().count() == 0


async def test_five_addresses_at_most_and_an_ended_one_makes_room(app_client: httpx.AsyncClient, shop: Shop) -> None:
    for number in range(5):
        await subscribed(app_client, shop, f"https://shop.example/{number}")
    full = await post_form(app_client, shop.operator, HOOKS, {"url": "https://shop.example/6", **EVERYTHING})
    assert (full.status_code, "最多登记5个" in full.text) == (409, True)
    first = await WebhookEndpoint.all().order_by("id").first()
    assert first is not None
    assert (await post_form(app_client, shop.operator, f"{HOOKS}/{first.id}/end")).status_code == 303
    await subscribed(app_client, shop, "https://shop.example/6")


async def test_a_class_is_no_topic_and_a_change_of_class_tells_a_shops_systems_nothing(
    app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock, shop: Shop, receiver: Receiver
) -> None:
    """Lawful only so: a class is for supervisors, so that it cannot be chosen, and nothing of it is ever emitted."""
    assert not [topic for topics in TOPICS.values() for topic in topics if "class" in topic or "risk" in topic]
    await subscribed(app_client, shop, receiver.url)
    sneaky = await post_form(
        app_client, shop.operator, HOOKS, {"url": receiver.url, "class": "true", "risk_class": "1"}
    )
    assert sneaky.status_code == 400
    await settle_classes(runtime)
    await RiskClass.all().update(colour="red", points=99)
    clock.advance(timedelta(seconds=1))
    await mark_stale([shop.merchant.id], at=clock.now())
    await settle_classes(runtime)
    await sweep(runtime)
    assert (await RiskClass.get()).colour != "red", "it changed"
    assert not receiver.received
    assert await OutboxEvent.all().count() == 0


async def test_only_an_owner_sees_the_systems(app_client: httpx.AsyncClient, shop: Shop) -> None:
    await MerchantOperator.all().update(role="manager")
    assert (await read_page(app_client, shop.operator, HOOKS)).status_code == 403


async def test_another_shops_address_is_not_there(app_client: httpx.AsyncClient, runtime: Runtime, shop: Shop) -> None:
    await subscribed(app_client, shop, "https://shop.example/")
    endpoint = await WebhookEndpoint.get()
    stranger = (await a_shop(runtime, "hotel", number=2)).operator
    for act_name in ("secret", "test", "end"):
        answer: Any = await post_form(app_client, stranger, f"{HOOKS}/{endpoint.id}/{act_name}")
        assert answer.status_code == 404, act_name
