"""A listing is repaired: checked, committed to, filed, passed on, decided by the unit, and gone from everywhere."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import date, timedelta
from typing import Any

import httpx
import pytest
from support.files import forget_files, on_disk
from support.lists import WHOLE, look, search
from support.people import Caller, a_member_of_staff, a_partner, a_resident, form_token
from support.repairs import FILED, GRANT, a_picture, ask, file_form, listed, step
from support.scenes import Shop, a_shop, post_form, problem_code, read_page

from xinyi_merchants.registry.models import Merchant
from xinyi_platform.audit.models import AuditEntry
from xinyi_platform.errors import TransitionForbidden
from xinyi_platform.files import StoredFile
from xinyi_platform.identity.models import Account
from xinyi_platform.notices.models import Notice
from xinyi_platform.principals import Role
from xinyi_platform.runtime import Runtime
from xinyi_platform.tenancy import whole_city
from xinyi_rewards.figures.months import months_between
from xinyi_rewards.figures.tables import figures_of
from xinyi_rewards.honor_lists.models import HonorEntry
from xinyi_rewards.honor_lists.publishing import end_entry
from xinyi_rewards.recalls.models import Recall
from xinyi_rewards.repairs.models import RepairPaper, RepairRequest
from xinyi_rewards.repairs.states import REQUEST, advance_request

pytestmark = pytest.mark.anyio


async def overview(client: httpx.AsyncClient, who: Caller, entry: HonorEntry) -> dict[str, Any]:
    client.cookies.clear()
    answer = await client.get(f"/api/v1/me/honors/{entry.id}/repair", headers=who.headers())
    found: dict[str, Any] = answer.json()
    return found


async def test_from_the_self_check_to_being_gone_from_everywhere(
    app_client: httpx.AsyncClient, runtime: Runtime, xu: Caller, sun: Caller, zhou: Caller, lin: Caller, wang: Caller
) -> None:
    bank = await a_partner(runtime, "lists", client_id="bank", name="演示银行")
    entry = await listed(app_client, xu, zhou)
    app_client.cookies.clear()
    path = "/partner/v1/honor-lists/black-enforcement/entries"
    assert len((await app_client.get(path, headers=bank.headers())).json()["entries"]) == 1
    before = await overview(app_client, wang, entry)
    assert [one["is_met"] for one in before["conditions"]] == [True, None, False]
    assert (before["may_file"], before["may_defer"]) == (True, False)
    filed = await ask(app_client, wang, entry, FILED)
    assert (filed.status_code, filed.json()["state"], filed.json()["pass_on_by"]) == (201, "filed", "2026-11-26")
    assert (await ask(app_client, wang, entry, FILED)).json() == filed.json()
    assert problem_code(await ask(app_client, wang, entry, FILED, key="other")) == "repair_open"
    assert (await search(app_client))[0]["committed_on"] == "2026-11-23"
    row = await RepairRequest.get()
    assert (await look(app_client, lin, "/repair-requests")).json()[0]["pass_on_by"] == "2026-11-26"
    passed = {"act": "pass_on", "document": "XYZG-2026-1"}
    assert (await step(app_client, lin, row, passed)).status_code == 204
    assert (await step(app_client, lin, row, passed)).status_code == 409
    assert (await step(app_client, lin, row, GRANT)).status_code == 403
    assert (await overview(app_client, wang, entry))["requests"][0]["decide_by"] == "2026-12-07"
    assert len(await search(app_client)) == 1
    for lacking in ("document", "decided_on", "reason"):
        refused = await step(app_client, sun, row, {name: GRANT[name] for name in GRANT if name != lacking})
        assert (refused.status_code, refused.json()["field"]) == (400, lacking)
    assert problem_code(await step(app_client, xu, row, GRANT)) == "own_repair"
    assert (await step(app_client, sun, row, GRANT)).status_code == 204
    assert await search(app_client) == []
    app_client.cookies.clear()
    assert (await app_client.get(path, headers=bank.headers())).json()["entries"] == []
    ended = await HonorEntry.get(id=entry.id)
    assert (ended.state, ended.end_reason) == ("repaired", GRANT["document"])
    assert (await Recall.get(entry_id=entry.id)).receiver == f"partner:{bank.id}"
    after = await overview(app_client, wang, entry)
    assert (after["requests"][0]["state"], after["requests"][0]["decided_on"]) == ("granted", "2026-11-23")
    mine = (await read_page(app_client, wang, f"/app/repairs/{entry.id}")).text
    assert "该公示已结束" in mine
    assert GRANT["reason"] in mine
    assert await Notice.filter(resident_id=wang.id, kind="repair.step").count() == 2
    acts = await AuditEntry.filter(object_kind="repair_request").order_by("id").values_list("action", flat=True)
    assert acts == ["repair_request.file", "repair_request.pass_on", "repair_request.grant"]


async def test_before_the_shortest_term_nothing_is_filed(
    app_client: httpx.AsyncClient, xu: Caller, zhou: Caller, wang: Caller
) -> None:
    entry = await listed(app_client, xu, zhou, determined_on="2026-08-23")
    refused = await ask(app_client, wang, entry, FILED)
    assert (refused.status_code, refused.json()["code"], refused.json()["day"]) == (409, "repair_not_yet", "2026-11-24")
    shown = await overview(app_client, wang, entry)
    assert (shown["conditions"][0]["is_met"], shown["may_file"]) == (False, False)
    assert not await RepairRequest.exists()


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({**FILED, "signed": ""}, 422, "promise_not_signed"),
        ({**FILED, "signed": "2025-9"}, 422, "promise_not_signed"),
        ({**FILED, "statement": "     "}, 400, "invalid_field"),
    ],
)
async def test_what_lacks_the_promise_or_the_words_is_refused(
    app_client: httpx.AsyncClient, xu: Caller, zhou: Caller, wang: Caller, body: dict[str, str], status: int, code: str
) -> None:
    entry = await listed(app_client, xu, zhou)
    refused = await ask(app_client, wang, entry, body)
    assert (refused.status_code, refused.json()["code"]) == (status, code)
    assert not await RepairRequest.exists()
    assert (await HonorEntry.get(id=entry.id)).committed_on is None


async def test_papers_are_kept_sent_back_and_completed_and_the_package_holds_all(
    app_client: httpx.AsyncClient, runtime: Runtime, xu: Caller, zhou: Caller, lin: Caller, wang: Caller
) -> None:
    entry = await listed(app_client, xu, zhou)
    token = await form_token(app_client)

    async def file(*papers: bytes) -> httpx.Response:
        app_client.cookies.clear()
        files = [("papers", (f"{n}.jpg", data, "image/jpeg")) for n, data in enumerate(papers)]
        return await app_client.post(
            f"/app/repairs/{entry.id}", headers=wang.headers(csrf=token), data=FILED, files=files
        )

    assert (await file(b"no picture")).status_code == 422
    assert (await file(*[a_picture()] * 7)).status_code == 422
    assert not await RepairRequest.exists()
    assert (await file(a_picture(), a_picture())).status_code == 303
    row = await RepairRequest.get()
    paper = await RepairPaper.get(request_id=row.id, place=2)
    assert (await step(app_client, lin, row, {"act": "send_back", "reason": "缺履行凭证"})).status_code == 204
    assert "缺履行凭证" in (await read_page(app_client, wang, f"/app/repairs/{entry.id}")).text
    stranger = await a_resident(runtime, 2)
    assert (await read_page(app_client, stranger, f"/app/repairs/{entry.id}/papers/{paper.id}")).status_code == 404
    assert (await read_page(app_client, wang, f"/app/repairs/{entry.id}/papers/{paper.id}")).content[:2] == b"\xff\xd8"
    assert (await file(a_picture())).status_code == 303
    assert await RepairPaper.filter(request_id=row.id).count() == 1
    packed = await read_page(app_client, lin, f"/console/repairs/{row.id}/package")
    package = zipfile.ZipFile(io.BytesIO(packed.content))
    assert set(package.namelist()) == {"request.json", "信用修复申请.txt", "papers/1.jpg", "SHA256SUMS"}
    told = json.loads(package.read("request.json"))
    assert (told["名称"], told["证件号"], told["文书号"]) == (WHOLE["name"], WHOLE["number"], WHOLE["document_no"])
    assert await AuditEntry.filter(action="repair_request.export").count() == 1


async def test_what_was_completed_counts_in_the_month_in_which_it_was_filed_and_its_days_run_anew(
    app_client: httpx.AsyncClient, runtime: Runtime, xu: Caller, zhou: Caller, lin: Caller, wang: Caller
) -> None:
    entry = await listed(app_client, xu, zhou)
    filed = (await ask(app_client, wang, entry, FILED)).json()
    assert filed["refiled_at"] is None
    now = runtime.clock.now()
    await RepairRequest.all().update(filed_at=now - timedelta(days=30), pass_on_by=date(2026, 10, 27))
    row = await RepairRequest.get()
    await step(app_client, lin, row, {"act": "send_back", "reason": "缺履行凭证"})
    again = await ask(app_client, wang, entry, FILED, key="again")
    assert (again.status_code, again.json()["pass_on_by"]) == (201, "2026-11-26")
    row = await RepairRequest.get()
    assert (row.filed_at, row.refiled_at) == (now - timedelta(days=30), now)
    assert (await figures_of(whole_city(), months_between("2026-10", "2026-11"))).by_month("repairs") == [1, 0]
    waiting = (await look(app_client, lin, "/repair-requests")).json()
    assert (waiting[0]["filed_at"][:10], waiting[0]["refiled_at"][:10]) == ("2026-10-24", "2026-11-23")
    assert "补正于" in (await read_page(app_client, wang, f"/app/repairs/{entry.id}")).text
    packed = await read_page(app_client, lin, f"/console/repairs/{row.id}/package")
    told = json.loads(zipfile.ZipFile(io.BytesIO(packed.content)).read("request.json"))
    assert (told["提交日期"], told["补正日期"]) == ("2026-10-24", "2026-11-23")


async def test_the_unit_takes_longer_once_and_refuses_with_its_reason(
    app_client: httpx.AsyncClient, xu: Caller, sun: Caller, zhou: Caller, lin: Caller, wang: Caller
) -> None:
    entry = await listed(app_client, xu, zhou)
    await ask(app_client, wang, entry, FILED)
    row = await RepairRequest.get()
    await step(app_client, lin, row, {"act": "pass_on", "document": "XYZG-2026-1"})
    longer = {"act": "extend", "reason": "需实地核查"}
    assert (await step(app_client, xu, row, longer)).status_code == 204
    assert (await RepairRequest.get()).decide_by.isoformat() == "2026-12-21"  # type: ignore[union-attr]
    assert problem_code(await step(app_client, xu, row, longer)) == "repair_extended"
    refusal = {**GRANT, "act": "refuse", "reason": "尚有执行款未付清"}
    assert (await step(app_client, sun, row, refusal)).status_code == 204
    assert (await HonorEntry.get(id=entry.id)).state == "published"
    assert "尚有执行款未付清" in (await read_page(app_client, wang, f"/app/repairs/{entry.id}")).text
    assert (await ask(app_client, wang, entry, FILED, key="again")).status_code == 201


async def test_what_ends_by_itself_closes_the_request(
    app_client: httpx.AsyncClient, runtime: Runtime, xu: Caller, zhou: Caller, wang: Caller
) -> None:
    entry = await listed(app_client, xu, zhou)
    await ask(app_client, wang, entry, FILED)
    await end_entry(runtime, entry.id, "expire", actor="job:expire", reason="validity over", at=runtime.clock.now())
    assert (await RepairRequest.get()).state == "lapsed"
    assert problem_code(await ask(app_client, wang, entry, FILED, key="again")) == "nothing_to_repair"


async def test_she_takes_it_back(app_client: httpx.AsyncClient, xu: Caller, zhou: Caller, wang: Caller) -> None:
    entry = await listed(app_client, xu, zhou)
    await ask(app_client, wang, entry, FILED)
    assert (await ask(app_client, wang, entry, None, tail="/withdraw")).json()["state"] == "withdrawn"
    assert (await ask(app_client, wang, entry, None, tail="/withdraw")).status_code == 404


async def test_what_she_takes_back_takes_its_papers_along(
    app_client: httpx.AsyncClient, runtime: Runtime, xu: Caller, zhou: Caller, wang: Caller
) -> None:
    entry = await listed(app_client, xu, zhou)
    assert (await file_form(app_client, wang, entry, a_picture())).status_code == 303
    await forget_files(runtime)
    assert len(on_disk(runtime)) == await StoredFile.all().count() == 1
    assert (await ask(app_client, wang, entry, None, tail="/withdraw")).status_code == 200
    await forget_files(runtime)
    assert len(on_disk(runtime)) + await StoredFile.all().count() + await RepairPaper.all().count() == 0


async def test_a_shop_repairs_in_the_portal_and_is_off_its_page(
    app_client: httpx.AsyncClient, runtime: Runtime, xu: Caller, sun: Caller, zhou: Caller
) -> None:
    shop: Shop = await a_shop(runtime, "catering")
    merchant = await Merchant.get(id=shop.merchant.id)
    entry = await listed(app_client, xu, zhou, subject_kind="merchant", name=merchant.name, number=merchant.uscc)
    page = f"/m/{merchant.code}"
    assert WHOLE["document_no"] in (await app_client.get(page)).text
    assert f"/portal/repairs/{entry.id}" in (await read_page(app_client, shop.operator, "/portal/listings")).text
    app_client.cookies.clear()
    token = await form_token(app_client)
    app_client.cookies.clear()
    filed = await app_client.post(
        f"/portal/repairs/{entry.id}", headers=shop.operator.headers(csrf=token), data=FILED,
        files=[("papers", ("1.jpg", a_picture(), "image/jpeg"))],
    )  # fmt: skip
    assert filed.status_code == 303, filed.text
    row = await RepairRequest.get()
    path = f"/console/repairs/{row.id}"
    assert (await post_form(app_client, xu, path, {"act": "pass_on", "document": "XYZG-2"})).status_code == 303
    form = {k: str(v) for k, v in GRANT.items()}
    assert (await post_form(app_client, xu, path, form)).status_code == 403
    assert "决定须由另一人登记" in (await read_page(app_client, xu, path)).text
    assert (await post_form(app_client, sun, path, form)).status_code == 303
    assert WHOLE["document_no"] not in (await app_client.get(page)).text
    assert "已修复" in (await read_page(app_client, shop.operator, f"/portal/repairs/{entry.id}")).text


async def test_a_form_without_papers_is_filed_as_browsers_send_it(
    app_client: httpx.AsyncClient, xu: Caller, zhou: Caller, wang: Caller
) -> None:
    entry = await listed(app_client, xu, zhou)
    app_client.cookies.clear()
    token = await form_token(app_client)
    app_client.cookies.clear()
    edge = "----edge"
    parts = {"_csrf_token": token, **FILED}
    lines = [f'--{edge}\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}' for k, v in parts.items()]
    empty = 'Content-Disposition: form-data; name="papers"; filename=""\r\nContent-Type: application/octet-stream'
    body = "\r\n".join([*lines, f"--{edge}\r\n{empty}\r\n\r\n", f"--{edge}--\r\n"])
    headers = {**wang.headers(csrf=token), "Content-Type": f"multipart/form-data; boundary={edge}"}
    filed = await app_client.post(f"/app/repairs/{entry.id}", headers=headers, content=body.encode())
    assert filed.status_code == 303, filed.text
    assert not await RepairPaper.exists()


async def test_a_request_belongs_to_its_subjects_area(
    app_client: httpx.AsyncClient, runtime: Runtime, xu: Caller, zhou: Caller, wang: Caller
) -> None:
    entry = await listed(app_client, xu, zhou)
    await ask(app_client, wang, entry, FILED)
    row = await RepairRequest.get()
    far = await a_member_of_staff(runtime, Role.COMMUNITY_WORKER, username="far")
    await Account.filter(id=far.id).update(division="410621")
    assert (await look(app_client, far, "/repair-requests")).json() == []
    assert (await step(app_client, far, row, {"act": "pass_on", "document": "X"})).status_code == 404
    assert (await read_page(app_client, far, f"/console/repairs/{row.id}")).status_code == 404


@pytest.mark.parametrize("state", REQUEST)
async def test_only_the_edges_of_the_table_can_be_walked(state: str) -> None:
    for event in {event for edges in REQUEST.values() for event in edges} - set(REQUEST[state]):
        with pytest.raises(TransitionForbidden):
            advance_request(state, event)
