"""A shop's facts over HTTP: what changes at once, what waits for another person, and the history that both leave."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
from support.people import Caller, a_member_of_staff, form_token
from support.scenes import Shop, a_shop, id_of, post_form, problem_code, read_page

from xinyi_merchants.registry.models import Merchant, MerchantChange
from xinyi_merchants.registry.uscc import make_uscc
from xinyi_platform.audit.models import AuditEntry
from xinyi_platform.divisions import communities
from xinyi_platform.identity.models import Account
from xinyi_platform.principals import Role
from xinyi_platform.runtime import Runtime

pytestmark = pytest.mark.anyio
SHOP = "/portal/shop"
WAITING = "/console/merchants/waiting"


@pytest.fixture
async def shop(runtime: Runtime) -> Shop:
    return await a_shop(runtime, "catering")


@pytest.fixture
async def lin(runtime: Runtime) -> Caller:
    return await a_member_of_staff(runtime, Role.COMMUNITY_WORKER, username="lin")


async def tell(client: httpx.AsyncClient, who: Caller, path: str, body: dict[str, object]) -> httpx.Response:
    """POST JSON as the console's own client does, with the session's form token."""
    client.cookies.clear()
    token = await form_token(client)
    client.cookies.clear()
    return await client.post(path, headers=who.headers(csrf=token), json=body)


async def proposal(client: httpx.AsyncClient, shop: Shop, **facts: str) -> MerchantChange:
    done = await post_form(client, shop.operator, SHOP, facts)
    assert (done.status_code, done.headers["location"]) == (303, f"{SHOP}?done=proposed"), done.text
    return await MerchantChange.get(slot="open")


async def test_address_phone_and_dates_change_at_once_and_the_history_tells_before_and_after(
    app_client: httpx.AsyncClient, runtime: Runtime, shop: Shop
) -> None:
    facts = {
        "address": "示范路2号 一层",
        "phone": "138 0000 0001",
        "licence_date": "2020/3/8",
        "opened_on": "2020-04-01",
    }
    done = await post_form(app_client, shop.operator, SHOP, facts)
    assert (done.status_code, done.headers["location"]) == (303, f"{SHOP}?done=changed")
    after = await Merchant.get(id=shop.merchant.id)
    assert (after.address, after.phone, str(after.licence_date), str(after.opened_on)) == (
        "示范路2号 一层", "13800000001", "2020-03-08", "2020-04-01",
    )  # fmt: skip
    row = await MerchantChange.get()
    assert (row.state, row.source, row.maker) == ("done", "portal", f"operator:{shop.operator.id}")
    assert (row.before["address"], row.after["address"], row.before["opened_on"]) == ("示范路1号", "示范路2号 一层", "")
    trail = await AuditEntry.get(action="merchant.changed")
    assert trail.detail == {"fields": ["address", "licence_date", "opened_on", "phone"]}
    page = (await read_page(app_client, shop.operator, f"{SHOP}?done=changed")).text
    assert "示范路1号" in page
    assert "<strong>示范路2号 一层</strong>" in page
    public = await app_client.get(f"/m/{shop.merchant.code}")
    assert "示范路2号" in public.text, "the page that is kept was let go"


async def test_name_and_code_wait_for_the_community_and_then_hold(
    app_client: httpx.AsyncClient, shop: Shop, lin: Caller
) -> None:
    code = make_uscc("00000999", division="410611001001")
    row = await proposal(app_client, shop, name="新示范店", uscc=code.lower(), trade="hotel", phone="0392-5551111")
    held = await Merchant.get(id=shop.merchant.id)
    assert (held.name, held.phone) == ("示范店1", "0392-5551111"), "the phone at once, the name not yet"
    waiting = (await read_page(app_client, lin, WAITING)).text
    assert "新示范店" in waiting
    assert "餐饮 → <strong>宾馆</strong>" in waiting
    done = await post_form(app_client, lin, f"{WAITING}/changes/{row.id}", {"act": "confirm"})
    assert done.status_code == 303
    held = await Merchant.get(id=shop.merchant.id)
    assert (held.name, held.uscc, held.trade) == ("新示范店", code, "hotel")
    row = await MerchantChange.get(id=row.id)
    assert (row.state, row.decider_person, row.slot) == ("confirmed", "person-lin", str(row.id))
    assert "社区已确认" in (await read_page(app_client, lin, f"/console/merchants/{held.id}")).text
    again = await tell(app_client, lin, f"/staff/v1/merchant-changes/{row.id}", {"is_confirmed": True})
    assert (again.status_code, problem_code(again)) == (409, "merchant_change_decided")


async def test_declining_needs_a_reason_which_the_shop_reads(
    app_client: httpx.AsyncClient, shop: Shop, lin: Caller
) -> None:
    row = await proposal(app_client, shop, name="别家的名称")
    without = await post_form(app_client, lin, f"{WAITING}/changes/{row.id}", {"act": "decline"})
    assert (without.status_code, "说明理由" in without.text) == (400, True)
    answer = await tell(
        app_client, lin, f"/staff/v1/merchant-changes/{row.id}", {"is_confirmed": False, "reason": "与执照不一致。"}
    )
    assert (answer.status_code, answer.json()["state"]) == (200, "declined")
    assert "与执照不一致。" in (await read_page(app_client, shop.operator, SHOP)).text
    assert (await Merchant.get(id=shop.merchant.id)).name == "示范店1"
    await proposal(app_client, shop, name="正确的名称")


async def test_one_proposal_waits_at_a_time_and_can_be_taken_back(app_client: httpx.AsyncClient, shop: Shop) -> None:
    row = await proposal(app_client, shop, name="甲店名")
    second = await post_form(app_client, shop.operator, SHOP, {"name": "乙店名", "phone": "0392-5559999"})
    assert (second.status_code, "等待社区确认" in second.text) == (409, True)
    assert (await Merchant.get(id=shop.merchant.id)).phone == "0392-5550000", "all of an edit or nothing"
    back = await post_form(app_client, shop.operator, f"{SHOP}/changes/{row.id}/withdraw")
    assert back.status_code == 303
    twice = await post_form(app_client, shop.operator, f"{SHOP}/changes/{row.id}/withdraw")
    assert twice.status_code == 409
    assert (await MerchantChange.get(id=row.id)).state == "withdrawn"
    await proposal(app_client, shop, name="乙店名")


async def test_who_proposed_does_not_confirm_with_another_account(
    app_client: httpx.AsyncClient, shop: Shop, lin: Caller
) -> None:
    await Account.filter(id=shop.operator.id).update(person="person-lin")
    row = await proposal(app_client, shop, name="自己的店")
    refused = await tell(app_client, lin, f"/staff/v1/merchant-changes/{row.id}", {"is_confirmed": True})
    assert (refused.status_code, problem_code(refused)) == (403, "own_merchant_change")
    assert "须由他人确认" in (await read_page(app_client, lin, WAITING)).text


async def test_the_community_where_the_shop_will_be_decides(
    app_client: httpx.AsyncClient, runtime: Runtime, shop: Shop, lin: Caller
) -> None:
    row = await proposal(app_client, shop, division=next(c for c in communities() if not c.startswith("410611")))
    assert row.division != shop.merchant.division
    away = await tell(app_client, lin, f"/staff/v1/merchant-changes/{row.id}", {"is_confirmed": True})
    assert away.status_code == 404
    await Account.filter(id=id_of(lin)).update(division=row.division)
    assert (
        await tell(app_client, lin, f"/staff/v1/merchant-changes/{row.id}", {"is_confirmed": True})
    ).status_code == 200
    assert (await Merchant.get(id=shop.merchant.id)).division == row.division


async def test_what_was_proposed_of_older_facts_can_only_be_declined(
    app_client: httpx.AsyncClient, shop: Shop, lin: Caller
) -> None:
    row = await proposal(app_client, shop, name="新名")
    await Merchant.filter(id=shop.merchant.id).update(name="表格改的名")
    late = await tell(app_client, lin, f"/staff/v1/merchant-changes/{row.id}", {"is_confirmed": True})
    assert (late.status_code, problem_code(late)) == (409, "merchant_change_outdated")
    assert (await MerchantChange.get(id=row.id)).state == "proposed"


async def test_a_code_that_another_shop_took_meanwhile_is_refused(
    app_client: httpx.AsyncClient, runtime: Runtime, shop: Shop, lin: Caller
) -> None:
    other = await a_shop(runtime, "hotel", number=2)
    at_once = await post_form(app_client, shop.operator, SHOP, {"uscc": other.merchant.uscc})
    assert (at_once.status_code, "另一家商户" in at_once.text) == (409, True)
    code = make_uscc("00000998", division="410611001001")
    row = await proposal(app_client, shop, uscc=code)
    await Merchant.filter(id=other.merchant.id).update(uscc=code)
    late = await tell(app_client, lin, f"/staff/v1/merchant-changes/{row.id}", {"is_confirmed": True})
    assert (late.status_code, problem_code(late)) == (409, "merchant_code_taken")
    assert (await MerchantChange.get(id=row.id)).state == "proposed"


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"uscc": "410600123456789"}, "15位旧注册号已停用"),
        ({"uscc": "91410611MA0000000X"}, "校验码不符"),
        ({"uscc": "9141061100000000IO"}, "没有字母I、O"),
        ({"uscc": "123"}, "为18位,现为3位"),
        ({"name": "=cmd|' /C calc'!A0"}, "不能以“=”开头"),
        ({"address": "'=1+1"}, "不能以“'”开头"),
        ({"address": "+86路"}, "不能以“+”开头"),
        ({"phone": "12"}, "请填写手机"),
        ({"trade": "casino"}, "行业应为"),
        ({"division": "410611"}, "请选择本市的社区"),
        ({"licence_date": "2026-13-01"}, "应为过去的日期"),
        ({"licence_date": "2026-11-24"}, "应为过去的日期"),
        ({"opened_on": "2001-01-01"}, "不能早于发照日期"),
    ],
)
async def test_a_wrong_fact_is_told_at_its_field_and_nothing_changes(
    app_client: httpx.AsyncClient, shop: Shop, facts: dict[str, str], said: str
) -> None:
    answer = await post_form(app_client, shop.operator, SHOP, {"phone": "0392-5557777", **facts})
    assert (answer.status_code, said in answer.text.replace("&#39;", "'")) == (400, True), answer.text[-3000:]
    assert f'id="f-{next(iter(facts))}-error"' in answer.text
    assert await MerchantChange.all().count() == 0
    nothing = await post_form(app_client, shop.operator, SHOP, {"name": shop.merchant.name})
    assert nothing.status_code == 409


async def test_a_shop_whose_old_code_fails_the_check_can_still_change_its_phone(
    app_client: httpx.AsyncClient, shop: Shop
) -> None:
    await Merchant.filter(id=shop.merchant.id).update(uscc="914106000000000000")
    form = {"uscc": "914106000000000000", "name": shop.merchant.name, "phone": "0392-5551234"}
    assert (await post_form(app_client, shop.operator, SHOP, form)).status_code == 303


@pytest.mark.parametrize(("status", "said"), [("revoked", "营业资格已被吊销"), ("closed", "这家店已停业")])
async def test_a_revoked_or_closed_shop_says_so_behind_its_sticker_with_the_reason(
    app_client: httpx.AsyncClient, shop: Shop, lin: Caller, status: str, said: str
) -> None:
    page = f"/m/{shop.merchant.code}"
    assert said not in (await app_client.get(page)).text
    path = f"/console/merchants/{shop.merchant.id}"
    without = await post_form(app_client, lin, f"{path}/status", {"status": status})
    assert (without.status_code, (await Merchant.get(id=shop.merchant.id)).status) == (400, "open")
    form = {"status": status, "reason": "市场监管局决定书〔2026〕1号"}
    assert (await post_form(app_client, lin, f"{path}/status", form)).status_code == 303
    text = (await app_client.get(page)).text
    assert said in text
    assert "决定书〔2026〕1号" in text
    api = (await app_client.get(f"/api/v1/merchants/{shop.merchant.code}")).json()
    assert (api["status"], api["status_reason"]) == (status, "市场监管局决定书〔2026〕1号")
    assert "决定书" in (await read_page(app_client, shop.operator, "/portal")).text
    again = await tell(app_client, lin, f"/staff/v1/merchants/{shop.merchant.id}/status", dict(form))
    assert (again.status_code, problem_code(again)) == (409, "merchant_status_same")
    opened = await tell(
        app_client, lin, f"/staff/v1/merchants/{shop.merchant.id}/status", {"status": "open", "reason": "复查合格。"}
    )
    assert opened.json()["status_reason"] == ""
    assert said not in (await app_client.get(page)).text
    assert [row.after for row in await MerchantChange.all().order_by("id")] == [{"status": status}, {"status": "open"}]


async def test_staff_of_another_area_find_nothing(app_client: httpx.AsyncClient, runtime: Runtime, shop: Shop) -> None:
    away = await a_member_of_staff(runtime, Role.CREDIT_OFFICE, username="away")
    await Account.filter(id=id_of(away)).update(division="410622")
    assert "示范店1" not in (await read_page(app_client, away, "/console/merchants")).text
    assert (await read_page(app_client, away, f"/console/merchants/{shop.merchant.id}")).status_code == 404
    body: dict[str, object] = {"status": "closed", "reason": "停业"}
    assert (await tell(app_client, away, f"/staff/v1/merchants/{shop.merchant.id}/status", body)).status_code == 404


async def test_the_registry_is_found_by_name_code_and_credit_code(
    app_client: httpx.AsyncClient, runtime: Runtime, shop: Shop, lin: Caller
) -> None:
    await a_shop(runtime, "hotel", number=2)
    for words in ("范店1", shop.merchant.uscc.lower(), shop.merchant.code.lower()):
        text = (await read_page(app_client, lin, f"/console/merchants?q={words}")).text
        assert (shop.merchant.uscc in text, "示范店2" in text) == (True, False), words
    assert "没有商户" in (await read_page(app_client, lin, "/console/merchants?status=revoked")).text


async def test_two_who_decide_at_once_are_one_decision(
    app_client: httpx.AsyncClient, runtime: Runtime, shop: Shop, lin: Caller
) -> None:
    xu = await a_member_of_staff(runtime, Role.CREDIT_OFFICE, username="xu")
    row = await proposal(app_client, shop, name="并发的店")
    token = await form_token(app_client)
    app_client.cookies.clear()

    def decide(who: Caller, confirmed: bool) -> Any:
        body = {"is_confirmed": confirmed, "reason": "核对执照。"}
        return app_client.post(f"/staff/v1/merchant-changes/{row.id}", headers=who.headers(csrf=token), json=body)

    answers = await asyncio.gather(*(decide(who, bool(n % 2)) for n in range(3) for who in (lin, xu)))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409, 409, 409]
    decided = await MerchantChange.get(id=row.id)
    name = (await Merchant.get(id=shop.merchant.id)).name
    assert name == ("并发的店" if decided.state == "confirmed" else "示范店1")
    assert await AuditEntry.filter(action__in=["merchant.change_confirmed", "merchant.change_declined"]).count() == 1
