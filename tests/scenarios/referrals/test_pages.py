"""The pages of a referral: choose, consent by name, see who got what; the console counts and names nobody."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest
from support.banks import receive
from support.people import Caller, a_member_of_staff
from support.scenes import a_consenting_resident, post_form, read_page
from support.visitor import field_of, text_of

from xinyi_platform.bureau.simulator import Simulator
from xinyi_platform.clock import FixedClock
from xinyi_platform.identity.seeding import synthetic_identity_number
from xinyi_platform.identity.sessions import cookie_name, open_session
from xinyi_platform.principals import Role
from xinyi_platform.runtime import Runtime
from xinyi_scenarios.referrals.models import Referral

pytestmark = pytest.mark.anyio


async def test_a_resident_chooses_consents_by_name_and_takes_it_back(
    app_client: httpx.AsyncClient,
    runtime: Runtime,
    wang: Caller,
    held: dict[str, Any],
    bank: Caller,
    other_bank: Caller,
) -> None:
    assert "选择接收机构" in (await read_page(app_client, wang, f"/app/entitlements/{held['id']}")).text
    path = f"/app/referrals/offer/{held['id']}"
    choosing = (await read_page(app_client, wang, path)).text
    assert "示范银行1" in choosing
    assert "示范银行2" in choosing
    consent = (await read_page(app_client, wang, f"{path}?receiver={bank.id}")).text
    for words in ("向 示范银行1 提供答复", "我同意向 示范银行1 提供这一次答复", "第二十三条", "不提供分数、证件号码"):
        assert words in consent
    assert "checked" not in consent
    form = {"receiver": field_of(consent, "receiver"), "version": field_of(consent, "version")}
    refused = await post_form(app_client, wang, path, form)
    assert (refused.status_code, "请勾选同意" in refused.text) == (422, True)
    refused = await post_form(app_client, wang, path, {"receiver": "nobody", "version": "x", "agree": "true"})
    assert (refused.status_code, "请从列表中选择" in refused.text) == (422, True)
    made = await post_form(app_client, wang, path, {**form, "agree": "true"})
    assert made.status_code == 303
    page = made.headers["location"]
    row = await Referral.all().get()
    shown = text_of((await read_page(app_client, wang, page)).text)
    for words in ("示范银行1", "得到的答复", "是", row.pseudonym, "已发出"):
        assert words in shown
    log = text_of((await read_page(app_client, wang, "/app/access-log")).text)
    for words in ("接入机构", "示范银行1 (是)", "您让平台答复的"):
        assert words in log
    assert "示范银行1" in (await read_page(app_client, wang, "/app/referrals")).text
    assert "示范银行1" in (await read_page(app_client, wang, f"/app/entitlements/{held['id']}")).text
    assert (await post_form(app_client, wang, f"{page}/withdraw")).status_code == 303
    assert "已撤回,对方未收到" in (await read_page(app_client, wang, page)).text


async def test_a_no_is_told_only_after_she_has_read_that_it_is_one(
    app_client: httpx.AsyncClient,
    runtime: Runtime,
    bureau: Simulator,
    wang: Caller,
    held: dict[str, Any],
    bank: Caller,
    clock: FixedClock,
) -> None:
    bureau.overrides[synthetic_identity_number(1)] = ("serious", False)
    clock.advance(timedelta(days=2))
    assert wang.id is not None
    session = await open_session("app", wang.id, now=clock.now())
    wang = Caller(wang.name, wang.id, None, {cookie_name("app"): session})
    path, form = f"/app/referrals/offer/{held['id']}", {"receiver": str(bank.id), "version": "1", "agree": "true"}
    assert "tell_a_no" not in (await read_page(app_client, wang, f"{path}?receiver={bank.id}")).text
    refused = await post_form(app_client, wang, path, form)
    assert (refused.status_code, 'name="tell_a_no"' in refused.text) == (409, True)
    assert (await post_form(app_client, wang, path, {**form, "tell_a_no": "true"})).status_code == 303
    assert (await Referral.all().get()).verdict == "no"


async def test_anothers_referral_is_not_there(
    app_client: httpx.AsyncClient, runtime: Runtime, bureau: Simulator, told: dict[str, Any]
) -> None:
    zhang = await a_consenting_resident(runtime, bureau, 2)
    for path in (f"/app/referrals/{told['id']}", f"/app/referrals/offer/{told['entitlement_id']}"):
        assert (await read_page(app_client, zhang, path)).status_code == 404
    assert (await post_form(app_client, zhang, f"/app/referrals/{told['id']}/withdraw")).status_code == 404
    assert "还没有让平台" in (await read_page(app_client, zhang, "/app/referrals")).text


async def test_the_console_counts_recalls_that_wait_and_names_no_person(
    app_client: httpx.AsyncClient, runtime: Runtime, wang: Caller, bank: Caller, told: dict[str, Any]
) -> None:
    xu = await a_member_of_staff(runtime, Role.CREDIT_OFFICE)
    shown = text_of((await read_page(app_client, xu, "/console/referrals")).text)
    assert "示范银行1 1 0" in shown
    await receive(app_client, runtime, bank, told)
    await post_form(app_client, wang, f"/app/referrals/{told['id']}/withdraw")
    shown = text_of((await read_page(app_client, xu, "/console/referrals")).text)
    assert "示范银行1 0 1 待确认 2026-11-23 10:00 0" in shown
    row = await Referral.get(id=told["id"])
    for private in ("王小丽", str(wang.id), row.pseudonym):
        assert private not in shown
    await receive(app_client, runtime, bank, told, "recall-ack")
    assert "示范银行1" not in (await read_page(app_client, xu, "/console/referrals")).text


async def test_pages_are_read_in_english_too(
    app_client: httpx.AsyncClient, runtime: Runtime, wang: Caller, bank: Caller, told: dict[str, Any]
) -> None:
    for path, words in (
        (f"/app/referrals/{told['id']}", ["What it was told", "Sent", "Take it back"]),
        ("/app/referrals", ["My referrals", "Loan referral"]),
        (f"/app/referrals/offer/{told['entitlement_id']}?receiver={bank.id}", ["I agree that", "Basis"]),
    ):
        app_client.cookies.clear()
        headers = {"Cookie": wang.headers()["Cookie"], "Accept-Language": "en"}
        shown = (await app_client.get(path, headers=headers)).text
        for word in words:
            assert word in shown, (path, word)
