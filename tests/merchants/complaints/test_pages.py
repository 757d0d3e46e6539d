"""Complaints through the portal, the console and the app, each by its own session."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest

from xinyi_merchants.complaints.filing import Filing, file_complaint
from xinyi_merchants.complaints.models import Complaint
from xinyi_merchants.registry.models import MerchantOperator
from xinyi_platform.features import CityPlan
from xinyi_platform.identity import create_account, create_resident
from xinyi_platform.identity.residents import NewResident
from xinyi_platform.identity.sessions import cookie_name, open_session
from xinyi_platform.identity.tokens import issue_resident_token
from xinyi_platform.ids import new_id

pytestmark = pytest.mark.anyio
PHONE = "13800000000"
PERSON = NewResident(name="张三", phone=PHONE, identity_number="410611199001010011", division="410611001001")


async def _sign_in(runtime: Any, client: httpx.AsyncClient, surface: str, subject: Any) -> None:
    value = await open_session(surface, subject, now=runtime.clock.now())
    client.cookies.set(cookie_name(surface), value)


async def _post(client: httpx.AsyncClient, path: str, **fields: str) -> httpx.Response:
    found = re.search(r'name="_csrf_token" value="([^"]+)"', (await client.get(path)).text)
    token = found.group(1) if found else ""
    return await client.post(path, data={**fields, "_csrf_token": token})


async def _staff(runtime: Any, division: str, role: str = "mediator") -> Any:
    account, _ = await create_account(
        runtime.keys,
        kind="staff",
        username=f"staff-{new_id()}",
        password="long enough to be one",
        display_name="李四",
        person=str(new_id()),
        at=runtime.clock.now(),
        roles=[role],
        division=division,
    )
    return account


async def _filed(runtime: Any, plan: CityPlan, *, anonymous: bool = False) -> Complaint:
    filing = Filing(category="price", text="多收了十元钱。", wish="", phone=PHONE, anonymous=anonymous)
    receipt = await file_complaint(runtime, plan.shared["merchants"][0], filing, now=runtime.clock.now())
    return await Complaint.get(id=receipt.id)


async def test_a_complaint_goes_from_staff_to_the_shop_and_back_to_the_consumer(
    runtime: Any, plan: CityPlan, app_client: httpx.AsyncClient
) -> None:
    row = await _filed(runtime, plan)
    operator = await MerchantOperator.get(merchant_id=row.merchant_id)
    await _sign_in(runtime, app_client, "console", await _staff(runtime, "410600"))
    await _sign_in(runtime, app_client, "portal", operator.account_id)
    await _sign_in(runtime, app_client, "app", await create_resident(runtime.keys, PERSON, at=runtime.clock.now()))
    assert (await app_client.get(f"/portal/complaints/{row.id}")).status_code == 404
    assert (await _post(app_client, f"/console/complaints/{row.id}", act="accept")).status_code == 303
    shown = await app_client.get(f"/portal/complaints/{row.id}")
    assert "138****0000" in shown.text
    assert PHONE not in shown.text
    answered = await _post(app_client, f"/portal/complaints/{row.id}", act="answer", text="已退还差额。")
    assert answered.status_code == 303
    assert row.number in (await app_client.get("/app/complaints")).text
    assert (await _post(app_client, f"/app/complaints/{row.id}", act="confirm")).status_code == 303
    assert (await Complaint.get(id=row.id)).state == "confirmed"
    assert "已退还差额" in (await app_client.get(f"/app/complaints/{row.id}")).text


async def test_each_sees_only_what_concerns_her(runtime: Any, plan: CityPlan, app_client: httpx.AsyncClient) -> None:
    row = await _filed(runtime, plan, anonymous=True)
    other = await MerchantOperator.get(merchant_id=plan.shared["merchants"][1].id)
    elsewhere = "410622" if not row.division.startswith("410622") else "410621"
    await _sign_in(runtime, app_client, "console", await _staff(runtime, elsewhere))
    await _sign_in(runtime, app_client, "portal", other.account_id)
    assert (await app_client.get(f"/console/complaints/{row.id}")).status_code == 404
    assert (await app_client.get(f"/portal/complaints/{row.id}")).status_code == 404
    await _sign_in(runtime, app_client, "console", await _staff(runtime, "410600", "reviewer"))
    assert (await app_client.get(f"/console/complaints/{row.id}")).status_code == 403


@pytest.mark.parametrize("path", ["/portal", "/portal/shop", "/portal/stickers", "/portal/complaints"])
async def test_the_operators_pages_open(runtime: Any, plan: CityPlan, app_client: httpx.AsyncClient, path: str) -> None:
    operator = await MerchantOperator.get(merchant_id=plan.shared["merchants"][0].id)
    await _sign_in(runtime, app_client, "portal", operator.account_id)
    answer = await app_client.get(path)
    assert answer.status_code == 200, answer.text
    assert "style=" not in answer.text


async def test_a_sticker_is_printed_and_replaced_from_the_portal(
    runtime: Any, plan: CityPlan, app_client: httpx.AsyncClient
) -> None:
    operator = await MerchantOperator.get(merchant_id=plan.shared["merchants"][0].id)
    await _sign_in(runtime, app_client, "portal", operator.account_id)
    listed = (await app_client.get("/portal/stickers")).text
    found = re.search(r"/portal/stickers/([0-9a-f-]{36})/print", listed)
    token = re.search(r'name="_csrf_token" value="([^"]+)"', listed)
    assert found
    assert token
    base = f"/portal/stickers/{found.group(1)}"
    assert "<svg" in (await app_client.get(f"{base}/print")).text
    assert (await app_client.get(f"{base}/png")).content.startswith(b"\x89PNG")
    form = {"_csrf_token": token.group(1), "act": "replace", "reason": "破损"}
    assert (await app_client.post(f"{base}/end", data=form)).status_code == 303
    assert (await app_client.get(f"{base}/print")).status_code == 404


async def test_the_console_lists_what_is_urgent(runtime: Any, plan: CityPlan, app_client: httpx.AsyncClient) -> None:
    row = await _filed(runtime, plan)
    await _sign_in(runtime, app_client, "console", await _staff(runtime, "410600", "community_worker"))
    assert row.number in (await app_client.get("/console/complaints")).text
    assert "投诉" in (await app_client.get("/console")).text


async def test_the_app_files_once_for_a_key_and_reads_it_back(
    runtime: Any, plan: CityPlan, app_client: httpx.AsyncClient
) -> None:
    resident = await create_resident(runtime.keys, PERSON, at=runtime.clock.now())
    issued: Any = issue_resident_token(runtime.keys, resident, runtime.clock.now())
    token = getattr(issued, "token", None) or getattr(issued, "value", None) or issued[0]
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": "one"}
    path = f"/api/v1/merchants/{plan.shared['merchants'][0].code}/complaints"
    body = {"category": "price", "text": "多收了十元钱。"}
    first, again = [await app_client.post(path, json=body, headers=headers) for _ in range(2)]
    assert (first.status_code, again.status_code) == (201, 201), first.text
    assert first.json() == again.json()
    one = await app_client.get(f"/api/v1/complaints/{first.json()['id']}", headers=headers)
    assert [step["event"] for step in one.json()["steps"]] == ["submit"]
    assert len((await app_client.get("/api/v1/me/complaints", headers=headers)).json()) == 1
