"""A shop signs itself up over HTTP: kept once, decided once by its community, its owner invited by the same link."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import httpx
import pyotp
import pytest
from support.people import Caller, a_member_of_staff, form_token
from support.scenes import a_shop, post_form, problem_code, read_page
from support.visitor import field_of

from xinyi_merchants.operators.models import MerchantInvitation
from xinyi_merchants.registry.models import Merchant, MerchantChange, MerchantOperator
from xinyi_merchants.registry.uscc import make_uscc
from xinyi_merchants.sign_ups.models import MerchantApplication
from xinyi_platform.audit.models import AuditEntry
from xinyi_platform.identity.models import Account
from xinyi_platform.principals import Role
from xinyi_platform.runtime import Runtime

pytestmark = pytest.mark.anyio
SIGN_UP = "/portal/sign-up"
WAITING = "/console/merchants/waiting"
PLACE = "410611001001"
FACTS = {
    "uscc": make_uscc("00000777", division=PLACE), "name": "新街小吃店", "trade": "catering", "division": PLACE,
    "address": "示范路7号", "phone": "0392-5557777", "licence_date": "2026-10-01", "contact": "示范店主",
}  # fmt: skip
SECRET = re.compile(r'<code class="text-break">([A-Z2-7]{32})</code>')


@pytest.fixture
async def lin(runtime: Runtime) -> Caller:
    return await a_member_of_staff(runtime, Role.COMMUNITY_WORKER, username="lin")


async def token_of(client: httpx.AsyncClient) -> str:
    return field_of((await client.get(SIGN_UP)).text, "token")


async def applied(client: httpx.AsyncClient, **facts: str) -> str:
    """Sign a shop up; returns the path that follows it."""
    answer = await post_form(client, None, SIGN_UP, {**FACTS, "token": await token_of(client), **facts})
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


async def tell(client: httpx.AsyncClient, who: Caller, path: str, body: dict[str, object]) -> httpx.Response:
    client.cookies.clear()
    token = await form_token(client)
    client.cookies.clear()
    return await client.post(path, headers=who.headers(csrf=token), json=body)


async def test_from_the_form_to_the_owners_first_sign_in(
    app_client: httpx.AsyncClient, runtime: Runtime, lin: Caller
) -> None:
    follow = await applied(app_client)
    assert "等待社区核实" in (await app_client.get(follow)).text
    waiting = (await read_page(app_client, lin, WAITING)).text
    assert ("新街小吃店" in waiting, "示范店主" in waiting) == (True, True)
    row = await MerchantApplication.get()
    assert "示范店主" not in row.contact_cipher
    assert (await post_form(app_client, lin, f"{WAITING}/sign-ups/{row.id}", {"act": "confirm"})).status_code == 303
    merchant = await Merchant.get()
    assert (merchant.name, merchant.uscc, merchant.status) == ("新街小吃店", FACTS["uscc"], "open")
    entered = await MerchantChange.get()
    assert (entered.source, entered.after["name"], entered.before) == ("sign_up", "新街小吃店", {})
    link = follow.replace("sign-up", "invitations")
    assert link in (await app_client.get(follow)).text
    secret = SECRET.search((await app_client.get(link)).text)
    assert secret
    form = {
        "username": "xinjie",
        "password": "a password of length",
        "totp": pyotp.TOTP(secret[1]).at(runtime.clock.now()),
    }
    assert (await post_form(app_client, None, link, form)).status_code == 303
    assert (await MerchantOperator.get()).role == "owner"
    assert "账号已设置" in (await app_client.get(follow)).text
    assert (await app_client.get(f"/m/{merchant.code}")).status_code == 200


async def test_declining_tells_the_reason_and_one_may_apply_again(app_client: httpx.AsyncClient, lin: Caller) -> None:
    follow = await applied(app_client)
    row = await MerchantApplication.get()
    path = f"/staff/v1/merchant-applications/{row.id}"
    without = await tell(app_client, lin, path, {"is_confirmed": False})
    assert (without.status_code, problem_code(without)) == (400, "invalid_field")
    answer = await tell(app_client, lin, path, {"is_confirmed": False, "reason": "地址不在本社区。"})
    assert (answer.json()["state"], answer.json()["merchant_id"]) == ("declined", None)
    assert "地址不在本社区。" in (await app_client.get(follow)).text
    late = await tell(app_client, lin, path, {"is_confirmed": True})
    assert (late.status_code, problem_code(late)) == (409, "merchant_application_decided")
    assert await Merchant.all().count() == await MerchantInvitation.all().count() == 0
    await applied(app_client)


async def test_the_same_form_sent_twice_is_kept_once_and_another_for_the_same_code_is_told(
    app_client: httpx.AsyncClient,
) -> None:
    token = await token_of(app_client)
    first = await post_form(app_client, None, SIGN_UP, {**FACTS, "token": token})
    again = await post_form(app_client, None, SIGN_UP, {**FACTS, "token": token})
    assert (first.status_code, again.headers["location"]) == (303, first.headers["location"])
    other = await post_form(app_client, None, SIGN_UP, {**FACTS, "token": await token_of(app_client)})
    assert (other.status_code, "已有入驻申请等待社区处理" in other.text) == (409, True)
    assert await MerchantApplication.all().count() == 1
    assert await AuditEntry.filter(action="merchant_application.filed").count() == 1


async def test_a_registered_code_is_told_so(app_client: httpx.AsyncClient, runtime: Runtime) -> None:
    shop = await a_shop(runtime, "hotel")
    form = {**FACTS, "uscc": shop.merchant.uscc, "token": await token_of(app_client)}
    answer = await post_form(app_client, None, SIGN_UP, form, language="en")
    assert (answer.status_code, "This credit code is registered" in answer.text) == (409, True)


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("uscc", "410600123456789", "15位旧注册号已停用"),
        ("uscc", "", "为18位,现为0位"),
        ("name", "@sum(1)", "不能以“@”开头"),
        ("division", "", "请选择本市的社区"),
        ("licence_date", "", "应为过去的日期"),
        ("contact", "", "请填写1–40字的称呼"),
        ("token", "guessable", "页面已过期"),
    ],
)
async def test_a_wrong_field_is_told_and_what_was_typed_stays(
    app_client: httpx.AsyncClient, field: str, value: str, said: str
) -> None:
    form = {**FACTS, "token": await token_of(app_client), field: value}
    answer = await post_form(app_client, None, SIGN_UP, form)
    assert (answer.status_code, said in answer.text, "示范路7号" in answer.text) == (400, True, True)
    assert await MerchantApplication.all().count() == 0


async def test_an_address_can_sign_up_twenty_times_an_hour(app_client: httpx.AsyncClient) -> None:
    token = await token_of(app_client)
    statuses = [(await post_form(app_client, None, SIGN_UP, {"token": token})).status_code for _ in range(21)]
    assert statuses == [400] * 20 + [429]


async def test_another_communitys_staff_cannot_decide(
    app_client: httpx.AsyncClient, runtime: Runtime, lin: Caller
) -> None:
    await applied(app_client)
    await Account.filter(id=lin.id).update(division="410622")
    row = await MerchantApplication.get()
    answer = await tell(app_client, lin, f"/staff/v1/merchant-applications/{row.id}", {"is_confirmed": True})
    assert answer.status_code == 404
    assert (await tell(app_client, lin, "/staff/v1/merchant-applications", {})).status_code == 405


async def test_a_code_that_came_by_sheet_meanwhile_is_not_entered_twice(
    app_client: httpx.AsyncClient, runtime: Runtime, lin: Caller
) -> None:
    await applied(app_client)
    shop = await a_shop(runtime, "hotel")
    await Merchant.filter(id=shop.merchant.id).update(uscc=FACTS["uscc"])
    row = await MerchantApplication.get()
    answer = await tell(app_client, lin, f"/staff/v1/merchant-applications/{row.id}", {"is_confirmed": True})
    assert (answer.status_code, problem_code(answer)) == (409, "merchant_registered_already")
    assert (await MerchantApplication.get()).state == "waiting"
    assert await MerchantInvitation.all().count() == 0


async def test_many_who_confirm_at_once_make_one_shop(
    app_client: httpx.AsyncClient, runtime: Runtime, lin: Caller
) -> None:
    await applied(app_client)
    row = await MerchantApplication.get()
    token = await form_token(app_client)
    app_client.cookies.clear()

    def confirm() -> Any:
        path = f"/staff/v1/merchant-applications/{row.id}"
        return app_client.post(path, headers=lin.headers(csrf=token), json={"is_confirmed": True})

    answers = await asyncio.gather(*(confirm() for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409, 409]
    assert await Merchant.all().count() == await MerchantInvitation.all().count() == 1
