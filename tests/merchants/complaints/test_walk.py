"""Complaints over HTTP from the form to the end: who does what, who sees what, and what is refused whole."""

from __future__ import annotations

import asyncio
import io
import re
from datetime import timedelta
from typing import Any

import httpx
import pytest
from PIL import Image

from xinyi_merchants.complaints.acting import Actor, act
from xinyi_merchants.complaints.facts import complaint_facts
from xinyi_merchants.complaints.filing import Filing, file_complaint
from xinyi_merchants.complaints.models import Complaint, ComplaintPicture, ComplaintStep
from xinyi_merchants.complaints.sweeping import settle_due
from xinyi_merchants.registry.models import MerchantOperator
from xinyi_merchants.stickers.issuing import sticker_url
from xinyi_merchants.stickers.models import Sticker
from xinyi_platform.clock import local_date
from xinyi_platform.features import CityPlan
from xinyi_platform.files import StoredFile
from xinyi_platform.identity import create_account, create_resident
from xinyi_platform.identity.residents import NewResident
from xinyi_platform.identity.sessions import cookie_name, open_session
from xinyi_platform.identity.tokens import issue_resident_token
from xinyi_platform.ids import new_id
from xinyi_platform.outbox.models import OutboxEvent

pytestmark = pytest.mark.anyio
PHONE = "13800000000"
PERSON = NewResident(name="张三", phone=PHONE, identity_number="410611199001010011", division="410611001001")
FIELDS = {"category": "price", "text": "结账比标价多收了十元钱。", "phone": PHONE}


def _photo() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (64, 48), "navy").save(out, "PNG")
    return out.getvalue()


def _token(html: str, name: str = "_csrf_token") -> str:
    found = re.search(rf'name="{name}" value="([^"]+)"', html)
    return found.group(1) if found else ""


async def _sign_in(runtime: Any, client: httpx.AsyncClient, surface: str, subject: Any) -> None:
    value = await open_session(surface, subject, now=runtime.clock.now())
    client.cookies.delete(cookie_name(surface))
    client.cookies.set(cookie_name(surface), value)


async def _staff(runtime: Any, division: str = "410600") -> Any:
    account, _ = await create_account(
        runtime.keys,
        kind="staff",
        username=f"staff-{new_id()}",
        password="long enough to be one",
        display_name="李四",
        person=str(new_id()),
        at=runtime.clock.now(),
        roles=["mediator"],
        division=division,
    )
    return account


async def _post(client: httpx.AsyncClient, path: str, **fields: str) -> httpx.Response:
    token = _token((await client.get(path)).text)
    return await client.post(path, data={**fields, "_csrf_token": token})


async def _send_form(client: httpx.AsyncClient, code: str, *files: tuple[str, bytes], **fields: str) -> httpx.Response:
    form = (await client.get(f"/m/{code}/complain")).text
    data = {**FIELDS, "once": _token(form, "once"), "_csrf_token": _token(form), **fields}
    return await client.post(f"/m/{code}/complain", data=data, files=[("pictures", file) for file in files] or None)


async def _file_directly(runtime: Any, plan: CityPlan, **changes: Any) -> Complaint:
    filing = Filing(**{"wish": "", **FIELDS, **changes})
    receipt = await file_complaint(runtime, plan.shared["merchants"][0], filing, now=runtime.clock.now())
    return await Complaint.get(id=receipt.id)


async def _act(runtime: Any, row: Complaint, event: str, kind: str) -> Complaint:
    fresh = await Complaint.get(id=row.id)
    await act(runtime, fresh, event, Actor(kind, new_id()), text=f"{kind} 的说明", now=runtime.clock.now())
    return await Complaint.get(id=row.id)


@pytest.fixture
async def everybody(runtime: Any, plan: CityPlan, app_client: httpx.AsyncClient) -> httpx.AsyncClient:
    """A browser in which the first shop's operator, a mediator and a resident are signed in."""
    operator = await MerchantOperator.get(merchant_id=plan.shared["merchants"][0].id)
    await _sign_in(runtime, app_client, "portal", operator.account_id)
    await _sign_in(runtime, app_client, "console", await _staff(runtime))
    await _sign_in(runtime, app_client, "app", await create_resident(runtime.keys, PERSON, at=runtime.clock.now()))
    return app_client


async def test_a_complaint_with_a_photo_from_the_sticker_to_its_end(
    runtime: Any, plan: CityPlan, everybody: httpx.AsyncClient
) -> None:
    shop = plan.shared["merchants"][0]
    sticker = sticker_url(runtime, await Sticker.get(merchant_id=shop.id)).rpartition("/")[2]
    filed = await _send_form(everybody, sticker, ("photo.png", _photo()))
    assert filed.status_code == 303, filed.text
    receipt = (await everybody.get(filed.headers["location"])).text
    row = await Complaint.get()
    assert row.number in receipt
    assert "2026年12月7日" in receipt  # the answer: 7 + 3 working days
    at = str(row.id)
    assert (await _post(everybody, f"/console/complaints/{at}", act="accept")).status_code == 303
    picture = await ComplaintPicture.get(complaint_id=row.id)
    for surface in ("portal", "console"):
        shown = await everybody.get(f"/{surface}/complaints/{at}/pictures/{picture.id}")
        assert (shown.headers["content-type"], shown.content[:3]) == ("image/jpeg", b"\xff\xd8\xff")
    asked = await _post(everybody, f"/portal/complaints/{at}", act="ask", text="请补充小票")
    assert asked.status_code == 303
    await everybody.get("/app/complaints")  # takes over what was filed under her phone
    assert "请补充小票" in (await everybody.get(f"/app/complaints/{at}")).text
    assert (await _post(everybody, f"/app/complaints/{at}", act="reply", text="小票号 12")).status_code == 303
    assert (await _post(everybody, f"/portal/complaints/{at}", act="answer", text="已退差额")).status_code == 303
    assert (await _post(everybody, f"/app/complaints/{at}", act="reopen", text="没有收到")).status_code == 303
    assert (await _post(everybody, f"/console/complaints/{at}", act="mediate")).status_code == 303
    closed = await _post(everybody, f"/console/complaints/{at}", act="close", text="双方未达成一致")
    assert closed.status_code == 303
    for surface in ("app", "portal", "console"):
        page = (await everybody.get(f"/{surface}/complaints/{at}")).text
        assert "双方未达成一致" in page
        assert page.count('class="timeline-title"') == 9
    facts = await complaint_facts(shop.id, today=local_date(runtime.clock.now()))
    assert (facts.received, facts.answered_in_time, facts.resolved, facts.open) == (1, 1, 0, 0)
    assert str(facts.since) == "2026-11-23"


async def test_the_cached_page_shows_a_complaint_at_once(
    runtime: Any, plan: CityPlan, app_client: httpx.AsyncClient
) -> None:
    code = plan.shared["merchants"][0].code
    assert "没有收到过投诉" in (await app_client.get(f"/m/{code}")).text
    await _act(runtime, await _file_directly(runtime, plan), "accept", "staff")
    assert "没有收到过投诉" not in (await app_client.get(f"/m/{code}")).text


@pytest.mark.parametrize(
    ("content", "status"),
    [(b"<svg onload=alert(1)>", 422), (b"\x89PNG\r\n\x1a\n broken", 422), (b"x" * 5_000_001, 413)],
)
async def test_one_bad_picture_refuses_the_whole_and_keeps_nothing(
    runtime: Any, plan: CityPlan, app_client: httpx.AsyncClient, content: bytes, status: int
) -> None:
    code = plan.shared["merchants"][0].code
    answer = await _send_form(app_client, code, ("good.png", _photo()), ("bad.png", content))
    assert answer.status_code == status
    assert FIELDS["text"] in answer.text  # what was typed is still there
    assert await Complaint.all().count() + await StoredFile.all().count() + await ComplaintPicture.all().count() == 0
    assert not list(runtime.settings.files_dir.rglob("*.*"))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("kind", "rumour"),
        ("category", "unknown"),
        ("text", "短"),
        ("text", "长" * 2_001),
        ("phone", "12345"),
        ("once", ""),
    ],
)
async def test_a_wrong_field_is_named_and_nothing_is_filed(
    plan: CityPlan, app_client: httpx.AsyncClient, field: str, value: str
) -> None:
    answer = await _send_form(app_client, plan.shared["merchants"][0].code, **{field: value})
    assert answer.status_code == 400
    assert 'role="alert"' in answer.text
    assert await Complaint.all().count() == 0


async def test_five_pictures_are_too_many(plan: CityPlan, app_client: httpx.AsyncClient) -> None:
    files = [(f"{n}.png", _photo()) for n in range(5)]
    assert (await _send_form(app_client, plan.shared["merchants"][0].code, *files)).status_code == 422
    assert await Complaint.all().count() == 0


async def test_the_same_words_from_the_same_phone_are_filed_once_while_open(
    runtime: Any, plan: CityPlan, app_client: httpx.AsyncClient
) -> None:
    code = plan.shared["merchants"][0].code
    assert (await _send_form(app_client, code)).status_code == 303
    again = await _send_form(app_client, code)
    row = await Complaint.get()
    assert again.status_code == 409
    assert row.number in again.text
    await _act(runtime, row, "withdraw", "resident")
    assert (await _send_form(app_client, code)).status_code == 303


async def test_one_phone_files_ten_complaints_a_day_at_most(plan: CityPlan, app_client: httpx.AsyncClient) -> None:
    code = plan.shared["merchants"][0].code
    answers = [await _send_form(app_client, code, text=f"第{n}件不满意的事情") for n in range(11)]
    assert [answer.status_code for answer in answers] == [303] * 10 + [429]


async def test_of_two_parallel_answers_one_wins(runtime: Any, plan: CityPlan) -> None:
    row = await _act(runtime, await _file_directly(runtime, plan), "accept", "staff")
    sights = [await Complaint.get(id=row.id) for _ in range(2)]
    answers = [
        act(runtime, sight, "answer", Actor("operator", new_id()), text=f"答复{n}", now=runtime.clock.now())
        for n, sight in enumerate(sights)
    ]
    results = await asyncio.gather(*answers, return_exceptions=True)
    assert sorted(str(result) for result in results) == ["complaint_changed", "resolved"]
    assert await ComplaintStep.filter(complaint_id=row.id, event="answer").count() == 1


async def test_another_shops_operator_finds_neither_complaint_nor_picture(
    runtime: Any, plan: CityPlan, app_client: httpx.AsyncClient
) -> None:
    await _send_form(app_client, plan.shared["merchants"][0].code, ("photo.png", _photo()))
    row = await _act(runtime, await Complaint.get(), "accept", "staff")
    picture = await ComplaintPicture.get()
    other = await MerchantOperator.get(merchant_id=plan.shared["merchants"][1].id)
    await _sign_in(runtime, app_client, "portal", other.account_id)
    base = f"/portal/complaints/{row.id}"
    assert (await app_client.get(base)).status_code == 404
    assert (await app_client.get(f"{base}/pictures/{picture.id}")).status_code == 404
    token = _token((await app_client.get("/portal/complaints")).text)
    answered = await app_client.post(base, data={"act": "answer", "text": "已处理", "_csrf_token": token})
    assert answered.status_code == 404
    assert (await Complaint.get(id=row.id)).state == "waiting_merchant"


async def test_a_report_never_shows_its_sender_to_the_shop(
    runtime: Any, plan: CityPlan, everybody: httpx.AsyncClient
) -> None:
    code = plan.shared["merchants"][0].code
    await _send_form(everybody, code, ("photo.png", _photo()), kind="report")
    row, picture = await Complaint.get(), await ComplaintPicture.get()
    base = f"/portal/complaints/{row.id}"
    row = await _act(runtime, row, "accept", "staff")
    assert row.state == "accepted"
    assert (await everybody.get(base)).status_code == 404
    assert await OutboxEvent.filter(audience=f"merchant:{row.merchant_id}").count() == 0
    await _act(runtime, await _act(runtime, row, "forward", "staff"), "ask", "operator")
    await _act(runtime, row, "reply", "resident")
    shown = (await everybody.get(base)).text
    assert FIELDS["text"] in shown
    assert "138****" not in shown
    assert str(picture.id) not in shown
    assert "operator 的说明" in shown
    assert "resident 的说明" not in shown
    assert (await everybody.get(f"{base}/pictures/{picture.id}")).status_code == 404
    assert (await complaint_facts(row.merchant_id, today=local_date(runtime.clock.now()))).received == 0


async def test_a_note_is_for_staff_only(runtime: Any, plan: CityPlan, everybody: httpx.AsyncClient) -> None:
    row = await _act(runtime, await _file_directly(runtime, plan), "accept", "staff")
    noted = await _post(everybody, f"/console/complaints/{row.id}", act="note", text="商户电话已核实")
    assert noted.status_code == 303
    await everybody.get("/app/complaints")
    for surface, seen in (("console", True), ("portal", False), ("app", False)):
        assert ("商户电话已核实" in (await everybody.get(f"/{surface}/complaints/{row.id}")).text) is seen


async def test_a_refused_step_shows_the_complaint_with_the_reason(
    runtime: Any, plan: CityPlan, everybody: httpx.AsyncClient
) -> None:
    row = await _act(runtime, await _file_directly(runtime, plan), "accept", "staff")
    empty = await _post(everybody, f"/portal/complaints/{row.id}", act="answer", text=" ")
    assert (empty.status_code, "请写明内容或理由" in empty.text) == (400, True)
    runtime.clock.advance(timedelta(hours=1))
    gone = await _post(everybody, f"/console/complaints/{row.id}", act="accept")
    assert (gone.status_code, 'role="alert"' in gone.text) == (409, True)


async def test_the_sweep_reminds_twice_raises_what_is_late_and_changes_nothing_when_repeated(
    runtime: Any, plan: CityPlan
) -> None:
    row = await _act(runtime, await _file_directly(runtime, plan), "accept", "staff")
    settled = []
    for _ in range(5):
        settled.append((await settle_due(runtime), await settle_due(runtime)))
        runtime.clock.advance(timedelta(days=1))
    assert settled == [(0, 0), (1, 0), (1, 0), (0, 0), (1, 0)]
    news = [event.topic for event in await OutboxEvent.filter(topic__startswith="complaint.").order_by("created_at")]
    assert news[-3:] == ["complaint.reminder", "complaint.reminder", "complaint.overdue"]
    assert await ComplaintStep.filter(complaint_id=row.id, event="escalate").count() == 1


async def test_a_consumer_who_does_not_reply_parks_nothing(runtime: Any, plan: CityPlan) -> None:
    row = await _act(runtime, await _file_directly(runtime, plan), "accept", "staff")
    row = await _act(runtime, row, "ask", "operator")
    runtime.clock.advance(timedelta(days=7))
    assert await settle_due(runtime) == 0
    runtime.clock.advance(timedelta(days=1))
    assert await settle_due(runtime) >= 1
    row = await Complaint.get(id=row.id)
    assert (row.state, str(row.answer_by)) == ("waiting_merchant", "2026-12-04")


async def test_the_app_files_with_pictures_and_reads_them_back(
    runtime: Any, plan: CityPlan, app_client: httpx.AsyncClient
) -> None:
    resident = await create_resident(runtime.keys, PERSON, at=runtime.clock.now())
    access = issue_resident_token(runtime.keys, resident, runtime.clock.now())
    headers = {"Authorization": f"Bearer {access.token}", "Idempotency-Key": "one"}
    path = f"/api/v1/merchants/{plan.shared['merchants'][0].code}/complaints/with-pictures"
    body = {"category": "price", "text": FIELDS["text"]}
    files = {"pictures": ("photo.png", _photo())}
    first, again = [await app_client.post(path, data=body, files=files, headers=headers) for _ in range(2)]
    assert (first.status_code, again.status_code) == (201, 201), first.text
    assert first.json() == again.json()
    one = (await app_client.get(f"/api/v1/complaints/{first.json()['id']}", headers=headers)).json()
    assert (await app_client.get(one["pictures"][0], headers=headers)).headers["content-type"] == "image/jpeg"
    stranger = NewResident(
        name="李四", phone="13800000002", identity_number="410611199001010038", division="410611001001"
    )
    other = issue_resident_token(
        runtime.keys, await create_resident(runtime.keys, stranger, at=runtime.clock.now()), runtime.clock.now()
    )
    foreign = {"Authorization": f"Bearer {other.token}"}
    assert (await app_client.get(one["pictures"][0], headers=foreign)).status_code == 404
    assert (await app_client.get(f"/api/v1/complaints/{one['id']}", headers=foreign)).status_code == 404


async def test_staff_act_by_json_within_their_area(runtime: Any, plan: CityPlan, everybody: httpx.AsyncClient) -> None:
    row = await _file_directly(runtime, plan)
    token = _token((await everybody.get("/console/complaints")).text)
    headers = {"X-CSRFToken": token}
    path = f"/staff/v1/complaints/{row.id}"
    listed = (await everybody.get("/staff/v1/complaints")).json()
    assert [(one["number"], one["acts"]) for one in listed] == [(row.number, ["accept", "reject", "note"])]
    accepted = await everybody.post(path, json={"act": "accept"}, headers=headers)
    assert (accepted.status_code, accepted.json()["state"]) == (200, "waiting_merchant"), accepted.text
    assert PHONE not in accepted.text
    assert (await everybody.post(path, json={"act": "accept"}, headers=headers)).status_code == 409
    assert (await everybody.post(path, json={"act": "answer", "text": "代答"}, headers=headers)).status_code == 403
    assert (await everybody.post(path, json={"act": "note", "extra": 1}, headers=headers)).status_code == 400
    elsewhere = "410622" if not row.division.startswith("410622") else "410621"
    await _sign_in(runtime, everybody, "console", await _staff(runtime, elsewhere))
    assert (await everybody.get(path)).status_code == 404
    assert (await everybody.get("/staff/v1/complaints")).json() == []
