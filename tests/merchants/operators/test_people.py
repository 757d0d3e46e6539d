"""A shop's people over HTTP: invited by a link good once, in roles that bound what they do, taken off at once."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pyotp
import pytest
from support.people import Caller, a_member_of_staff, form_token
from support.scenes import Shop, a_shop, post_form, read_page

from xinyi_merchants.operators.models import MerchantInvitation
from xinyi_merchants.registry.models import MerchantOperator
from xinyi_platform.audit.models import AuditEntry
from xinyi_platform.clock import FixedClock
from xinyi_platform.divisions import communities
from xinyi_platform.identity.models import Account
from xinyi_platform.identity.sessions import cookie_name, open_session
from xinyi_platform.principals import Role
from xinyi_platform.runtime import Runtime

pytestmark = pytest.mark.anyio
PEOPLE = "/portal/people"
LINK = re.compile(r"http://city\.test(/portal/invitations/[\w-]+)")
SECRET = re.compile(r'<code class="text-break">([A-Z2-7]{32})</code>')
PASSWORD = "correct horse battery"


@pytest.fixture
async def shop(runtime: Runtime) -> Shop:
    return await a_shop(runtime, "catering")


async def invited(client: httpx.AsyncClient, who: Caller, role: str, name: str = "小周") -> str:
    """Invite somebody as the owner does; returns the path of the link."""
    answer = await post_form(client, who, PEOPLE, {"role": role, "invitee": name})
    found = LINK.search(answer.text)
    assert found, answer.text
    return found[1]


async def joined(client: httpx.AsyncClient, runtime: Runtime, link: str, username: str) -> httpx.Response:
    """Accept an invitation with the authenticator's code of now."""
    secret = SECRET.search((await client.get(link)).text)
    assert secret
    code = pyotp.TOTP(secret[1]).at(runtime.clock.now())
    return await post_form(client, None, link, {"username": username, "password": PASSWORD, "totp": code})


async def a_colleague(client: httpx.AsyncClient, runtime: Runtime, shop: Shop, role: str, username: str) -> Caller:
    assert (await joined(client, runtime, await invited(client, shop.operator, role), username)).status_code == 303
    account = await Account.get(username=username)
    session = await open_session("portal", account.id, now=runtime.clock.now())
    return Caller(username, account.id, None, {cookie_name("portal"): session})


async def row_of(who: Caller) -> MerchantOperator:
    return await MerchantOperator.get(account_id=who.id)


async def test_an_invited_clerk_signs_in_with_password_and_code_and_redeems_only(
    app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock, shop: Shop
) -> None:
    link = await invited(app_client, shop.operator, "clerk")
    secret = SECRET.search((await app_client.get(link)).text)
    assert secret
    assert (await joined(app_client, runtime, link, "xiaozhou")).status_code == 303
    used = pyotp.TOTP(secret[1]).at(clock.now())
    form = {"username": "xiaozhou", "password": PASSWORD, "totp": used}
    assert (await post_form(app_client, None, "/portal/sign-in", form)).status_code == 401, "the code was spent"
    clock.advance(timedelta(seconds=31))
    form["totp"] = pyotp.TOTP(secret[1]).at(clock.now())
    signed = await post_form(app_client, None, "/portal/sign-in", form)
    assert signed.status_code == 303
    clerk = Caller("xiaozhou", None, None, {cookie_name("portal"): signed.cookies[cookie_name("portal")]})
    home = (await read_page(app_client, clerk, "/portal")).text
    assert ('href="/portal/redeem"' in home, PEOPLE in home, "等我答复的投诉" in home) == (True, False, False)
    for path, status in (("/portal/shop", 200), ("/portal/redeem", 200), (PEOPLE, 403), ("/portal/complaints", 403),
                         ("/portal/stickers", 403), ("/portal/webhooks", 403), ("/portal/scenes", 403)):  # fmt: skip
        assert (await read_page(app_client, clerk, path)).status_code == status, path
    refused = await post_form(app_client, clerk, "/portal/shop", {"phone": "0392-5559999"})
    assert (refused.status_code, "您在本店的角色" in refused.text) == (403, True)
    assert 'action="/portal/shop"' not in (await read_page(app_client, clerk, "/portal/shop")).text


async def test_a_manager_runs_the_shop_and_manages_nobody(
    app_client: httpx.AsyncClient, runtime: Runtime, shop: Shop
) -> None:
    manager = await a_colleague(app_client, runtime, shop, "manager", "dianzhang")
    assert (await post_form(app_client, manager, "/portal/shop", {"phone": "0392-5559999"})).status_code == 303
    assert "小周" in (await read_page(app_client, shop.operator, "/portal/shop")).text, "the history names her"
    assert (await post_form(app_client, manager, PEOPLE, {"role": "owner", "invitee": "x"})).status_code == 403


async def test_a_link_is_good_once_and_not_after_seven_days_or_once_taken_back(
    app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock, shop: Shop
) -> None:
    link = await invited(app_client, shop.operator, "clerk")
    assert (await joined(app_client, runtime, link, "first")).status_code == 303
    assert (await app_client.get(link)).status_code == 404
    late = await invited(app_client, shop.operator, "clerk")
    revoked = await invited(app_client, shop.operator, "clerk", "撤回的")
    row = await MerchantInvitation.get(invitee="撤回的")
    assert (await post_form(app_client, shop.operator, f"{PEOPLE}/invitations/{row.id}/revoke")).status_code == 303
    assert (await app_client.get(revoked)).status_code == 404
    clock.advance(timedelta(days=7, seconds=1))
    gone = await app_client.get(late)
    assert (gone.status_code, "邀请链接无效" in gone.text) == (404, True)
    assert not any(link.rpartition("/")[2] in str(row) for row in await MerchantInvitation.all().values())


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("username", "A B", "用户名为4–32位"),
        ("password", "short", "密码为10–128个字符"),
        ("password", "xiaowang12345", "不能包含用户名"),
        ("totp", "000000", "动态码不正确"),
        ("username", "op-1", "该用户名已被使用"),
    ],
)
async def test_what_is_wrong_is_said_and_the_link_stays_good(
    app_client: httpx.AsyncClient, runtime: Runtime, shop: Shop, field: str, value: str, said: str
) -> None:
    link = await invited(app_client, shop.operator, "clerk")
    secret = SECRET.search((await app_client.get(link)).text)
    assert secret
    code = pyotp.TOTP(secret[1]).at(runtime.clock.now())
    form = {"username": "xiaowang", "password": PASSWORD, "totp": code, field: value}
    answer = await post_form(app_client, None, link, form)
    assert (answer.status_code in (400, 409), said in answer.text) == (True, True), answer.text
    assert await MerchantOperator.all().count() == 1
    assert (await joined(app_client, runtime, link, "xiaowang")).status_code == 303


async def test_a_link_taken_by_many_at_once_makes_one_account(
    app_client: httpx.AsyncClient, runtime: Runtime, shop: Shop
) -> None:
    link = await invited(app_client, shop.operator, "clerk")
    secret = SECRET.search((await app_client.get(link)).text)
    assert secret
    app_client.cookies.clear()
    token = await form_token(app_client)
    app_client.cookies.clear()
    code = pyotp.TOTP(secret[1]).at(runtime.clock.now())

    def take(number: int) -> Any:
        form = {"username": f"taker{number}", "password": PASSWORD, "totp": code, "_csrf_token": token}
        return app_client.post(link, data=form, headers=Caller("x").headers(csrf=token))

    answers = await asyncio.gather(*(take(number) for number in range(5)))
    assert sorted(answer.status_code for answer in answers) == [303, 404, 404, 404, 404]
    assert await MerchantOperator.all().count() == 2
    assert await Account.filter(username__startswith="taker").count() == 1


async def test_the_last_owner_stays_and_two_owners_cannot_take_each_other_off(
    app_client: httpx.AsyncClient, runtime: Runtime, shop: Shop
) -> None:
    me = await row_of(shop.operator)
    for path, form in ((f"{PEOPLE}/{me.id}/remove", {}), (f"{PEOPLE}/{me.id}/role", {"role": "clerk"})):
        refused = await post_form(app_client, shop.operator, path, form)
        assert (refused.status_code, "最后一位店主" in refused.text) == (409, True)
    assert (await post_form(app_client, shop.operator, f"{PEOPLE}/{me.id}/role", {"role": "owner"})).status_code == 303
    second = await a_colleague(app_client, runtime, shop, "owner", "second")
    her = await row_of(second)
    token = await form_token(app_client)
    app_client.cookies.clear()

    def remove(who: Caller, row: MerchantOperator) -> Any:
        return app_client.post(f"{PEOPLE}/{row.id}/remove", headers=who.headers(csrf=token))

    answers = await asyncio.gather(remove(shop.operator, her), remove(second, me))
    assert await MerchantOperator.filter(role="owner").count() == 1
    assert sorted(answer.status_code for answer in answers)[0] == 303


async def test_who_is_taken_off_is_out_at_once(app_client: httpx.AsyncClient, runtime: Runtime, shop: Shop) -> None:
    clerk = await a_colleague(app_client, runtime, shop, "clerk", "leaver")
    row = await row_of(clerk)
    promoted = await post_form(app_client, shop.operator, f"{PEOPLE}/{row.id}/role", {"role": "manager"})
    assert promoted.status_code == 303
    assert (await read_page(app_client, clerk, "/portal/complaints")).status_code == 200, "the new role holds at once"
    assert (await post_form(app_client, shop.operator, f"{PEOPLE}/{row.id}/remove")).status_code == 303
    assert (await read_page(app_client, clerk, "/portal")).status_code == 303, "to the sign-in"
    acts = (
        await AuditEntry.filter(action__startswith="merchant_operator.").order_by("id").values_list("action", flat=True)
    )
    assert [act.partition(".")[2] for act in acts] == ["invited", "joined", "role_changed", "removed"]


async def test_another_shops_owner_cannot_reach_these_people(
    app_client: httpx.AsyncClient, runtime: Runtime, shop: Shop
) -> None:
    stranger = (await a_shop(runtime, "hotel", number=2)).operator
    me = await row_of(shop.operator)
    for path in (f"{PEOPLE}/{me.id}/remove", f"{PEOPLE}/{me.id}/role"):
        assert (await post_form(app_client, stranger, path, {"role": "clerk"})).status_code == 404


async def test_the_community_invites_an_owner_where_nobody_can_sign_in(
    app_client: httpx.AsyncClient, runtime: Runtime, shop: Shop
) -> None:
    lin = await a_member_of_staff(runtime, Role.COMMUNITY_WORKER)
    path = f"/console/merchants/{shop.merchant.id}/invite"
    link = LINK.search((await post_form(app_client, lin, path, {"invitee": "新店主"})).text)
    assert link
    assert (await joined(app_client, runtime, link[1], "newowner")).status_code == 303
    assert await MerchantOperator.filter(merchant_id=shop.merchant.id, role="owner").count() == 2
    away = replace(lin)
    await Account.filter(id=lin.id).update(division=next(c for c in communities() if not c.startswith("410611")))
    assert (await post_form(app_client, away, path, {"invitee": "x"})).status_code == 404
