"""The unit's document that a subject sees, her own with an objection, and the printed letter."""

from __future__ import annotations

import io
from datetime import timedelta

import httpx
import pytest
from PIL import Image
from support.files import forget_files, on_disk
from support.lists import WHOLE, act, approve, look, make, person
from support.people import Caller, a_member_of_staff, a_resident, form_token
from support.scenes import post_form, read_page

from xinyi_platform.audit.models import AuditEntry
from xinyi_platform.clock import FixedClock
from xinyi_platform.files import StoredFile
from xinyi_platform.files.forgetting import forget_unnamed
from xinyi_platform.principals import Role
from xinyi_platform.runtime import Runtime
from xinyi_rewards.honor_lists.models import EntryDocument, EntryLetter, HonorEntry, HonorList, Objection

pytestmark = pytest.mark.anyio


@pytest.fixture
async def xu(app_client: httpx.AsyncClient, runtime: Runtime) -> Caller:
    return await a_member_of_staff(runtime, Role.CREDIT_OFFICE, username="xu")


def picture(colour: str = "white") -> tuple[str, bytes, str]:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), colour).save(out, "JPEG")
    return "page.jpg", out.getvalue(), "image/jpeg"


async def send(
    client: httpx.AsyncClient, who: Caller, path: str, *, text: dict[str, str], files: list[tuple[str, bytes, str]]
) -> httpx.Response:
    """Post a multipart form as a browser does, from a page."""
    client.cookies.clear()
    token = await form_token(client)
    client.cookies.clear()
    fields = [("documents", file) for file in files]
    body = {**text, "_csrf_token": token}
    return await client.post(path, headers=who.headers(csrf=token), data=body, files=fields)


async def entry_of(client: httpx.AsyncClient, xu: Caller) -> HonorEntry:
    made = (await act(client, xu, "/honor-lists/mirrored", WHOLE)).json()["id"]
    return await HonorEntry.get(honor_list_id=made)


async def test_a_subject_sees_the_units_document_and_nobody_elses(
    app_client: httpx.AsyncClient, runtime: Runtime, xu: Caller, zhou: Caller, wang: Caller
) -> None:
    entry = await entry_of(app_client, xu)
    path = f"/console/entries/{entry.id}/documents"
    refused = await send(app_client, zhou, path, text={}, files=[picture()])
    assert refused.status_code == 403
    assert (await send(app_client, xu, path, text={}, files=[picture(), picture("red")])).status_code == 303
    assert (await send(app_client, xu, path, text={}, files=[picture("blue")])).status_code == 303
    document = await EntryDocument.get(entry_id=entry.id)
    approve_it = f"/honor-lists/{entry.honor_list_id}/approve"
    assert (await act(app_client, zhou, approve_it, {"turn": 1})).status_code == 409  # read before the document came
    assert (await act(app_client, zhou, approve_it, {"turn": 3})).status_code == 200
    assert (await send(app_client, xu, path, text={}, files=[picture()])).status_code == 409
    mine = f"/app/honors/{entry.id}/documents/{document.id}"
    assert mine in (await read_page(app_client, wang, "/app/honors")).text
    shown = await read_page(app_client, wang, mine)
    assert (shown.status_code, shown.headers["content-type"]) == (200, "image/jpeg")
    assert "no-store" in shown.headers["cache-control"]
    assert (await read_page(app_client, await a_resident(runtime, 2), mine)).status_code == 404
    assert (await read_page(app_client, zhou, f"{path}/{document.id}")).status_code == 200
    assert await AuditEntry.filter(action="honor_entry.document_read", actor=f"staff:{zhou.id}").count() == 1


async def test_evidence_lies_encrypted_and_what_replaced_it_alone_is_left(
    app_client: httpx.AsyncClient, runtime: Runtime, xu: Caller
) -> None:
    entry = await entry_of(app_client, xu)
    path = f"/console/entries/{entry.id}/documents"
    await send(app_client, xu, path, text={}, files=[picture(), picture("red")])
    for kept in on_disk(runtime):
        assert not kept.read_bytes().startswith(b"\xff\xd8")
        assert b"JFIF" not in kept.read_bytes()
    await send(app_client, xu, path, text={}, files=[picture()])
    await forget_unnamed(runtime)
    assert (await StoredFile.all().count(), len(on_disk(runtime))) == (3, 2)
    await forget_files(runtime)
    left = await EntryDocument.get()
    assert await StoredFile.all().values_list("id", flat=True) == [left.file_id]
    assert len(on_disk(runtime)) == 1
    shown = await read_page(app_client, xu, f"{path}/{left.id}")
    assert shown.content.startswith(b"\xff\xd8")


async def test_an_objection_comes_with_documents_that_its_decider_sees(
    app_client: httpx.AsyncClient, lin: Caller, zhou: Caller, wang: Caller
) -> None:
    await approve(app_client, lin, zhou, await make(app_client, lin, [person(1)]))
    entry = await HonorEntry.get()
    path = f"/app/honors/{entry.id}/object"
    wrong = ("page.jpg", b"not a picture", "image/jpeg")
    refused = await send(app_client, wang, path, text={"reason": "事迹不是我的"}, files=[wrong])
    assert refused.status_code == 422
    assert "事迹不是我的" in refused.text
    assert not await Objection.exists()
    assert not (await HonorEntry.get()).display_suspended
    many = await send(app_client, wang, path, text={"reason": "事迹不是我的"}, files=[picture()] * 7)
    assert (many.status_code, "6" in many.text) == (422, True)
    empty = await send(app_client, wang, path, text={"reason": "不"}, files=[("", b"", "application/octet-stream")])
    assert empty.status_code == 303
    objection = await Objection.get()
    client, answer = app_client, {"documents": picture()}
    client.cookies.clear()
    api = f"/api/v1/me/objections/{objection.id}/documents"
    assert (await client.post(api, headers=wang.headers(), files=answer)).status_code == 204
    document = await EntryDocument.get(slot=str(objection.id))
    page = (await read_page(client, zhou, "/console/objections")).text
    assert f"/console/entries/{entry.id}/documents/{document.id}" in page
    body = {"verdict": "dismiss", "reason": "经核实属实"}
    assert (await act(client, zhou, f"/objections/{objection.id}/decide", body)).status_code == 204
    client.cookies.clear()
    assert (await client.post(api, headers=wang.headers(), files={"documents": picture()})).status_code == 409
    assert await StoredFile.filter(purpose="honor_entry.document").count() == 1


async def test_evidence_without_a_picture_throws_no_approval_away(
    app_client: httpx.AsyncClient, xu: Caller, zhou: Caller
) -> None:
    entry = await entry_of(app_client, xu)
    made = HonorList.filter(id=entry.honor_list_id)
    await made.update(reviews_needed=2)
    await act(app_client, zhou, f"/honor-lists/{entry.honor_list_id}/approve")
    nothing = [("", b"", "application/octet-stream")]
    refused = await send(app_client, xu, f"/console/entries/{entry.id}/documents", text={}, files=nothing)
    assert refused.status_code == 400
    assert [(row.approvals, row.turn) for row in await made] == [(1, 1)]


async def test_a_letter_is_sent_after_the_list_was_approved_and_the_form_says_so(
    app_client: httpx.AsyncClient, clock: FixedClock, xu: Caller, zhou: Caller
) -> None:
    entry = await entry_of(app_client, xu)
    path = f"/console/entries/{entry.id}/letter"
    early = (await read_page(app_client, xu, path)).text
    assert ('name="tracking"' in early, "名单复核通过后方可寄出" in early) == (False, True)
    await HonorList.all().update(created_at=clock.now() - timedelta(days=9))
    await HonorEntry.all().update(created_at=clock.now() - timedelta(days=9))
    await act(app_client, zhou, f"/honor-lists/{entry.honor_list_id}/approve")
    assert 'name="tracking"' in (await read_page(app_client, xu, path)).text
    sent = {"sent_on": "2026-11-22", "tracking": "XA1234"}  # the day before the approval
    assert (await post_form(app_client, xu, path, sent)).status_code == 400
    assert (await post_form(app_client, xu, path, {**sent, "sent_on": "2026-11-23"})).status_code == 303
    assert 'name="tracking"' not in (await read_page(app_client, xu, path)).text


async def test_the_letter_holds_the_full_name_the_repair_and_is_put_down_once(
    app_client: httpx.AsyncClient, xu: Caller, lin: Caller, zhou: Caller, wang: Caller
) -> None:
    entry = await entry_of(app_client, xu)
    path = f"/console/entries/{entry.id}/letter"
    early = await post_form(app_client, xu, path, {"sent_on": "2026-11-23", "tracking": "XA1234"})
    assert early.status_code == 409
    await act(app_client, zhou, f"/honor-lists/{entry.honor_list_id}/approve")
    letter = (await read_page(app_client, xu, path)).text
    for text in ("王小丽", str(WHOLE["document_no"]), "2027-02-02", "信用修复", "10个工作日"):
        assert text in letter
    assert await AuditEntry.filter(action="honor_entry.letter_read", object_id=str(entry.id)).count() == 2
    assert (await read_page(app_client, lin, path)).status_code == 404  # a list of the city is not a community's
    for form, word in (({"sent_on": "", "tracking": "XA1234"}, "日期"), ({"sent_on": "2026-11-23"}, "编号"),
                       ({"sent_on": "2026-12-01", "tracking": "XA1234"}, "寄出")):  # fmt: skip
        refused = await post_form(app_client, xu, path, form)
        assert (refused.status_code, word in refused.text) == (400, True)
    sent = {"sent_on": "2026-11-23", "tracking": "XA1234"}
    assert (await post_form(app_client, xu, path, sent)).status_code == 303
    assert (await post_form(app_client, xu, path, sent)).status_code == 409
    assert await EntryLetter.all().count() == 1
    assert "XA1234" in (await read_page(app_client, wang, "/app/honors")).text
    assert (await look(app_client, zhou, f"/honor-lists/{entry.honor_list_id}/entries")).status_code == 200
