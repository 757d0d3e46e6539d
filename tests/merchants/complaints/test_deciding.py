"""Beside a complaint's handling: satisfaction, 12315, malice with its appeal, public answers, and the numbers."""

from __future__ import annotations

import asyncio
import hashlib
import io
import zipfile
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.people import Caller, a_member_of_staff, a_resident, form_token
from support.scenes import Shop, a_shop, ask, id_of, post_form, problem_code, read_page, signed_in_anew

from xinyi_merchants.complaints.acting import Actor, act
from xinyi_merchants.complaints.facts import complaint_facts, count
from xinyi_merchants.complaints.filing import Filing, file_complaint
from xinyi_merchants.complaints.marking import COUNTS_NOWHERE, TABLE
from xinyi_merchants.complaints.marking import STATES as MARKS
from xinyi_merchants.complaints.models import Complaint, ComplaintMark, ComplaintStep, PublicAnswer
from xinyi_merchants.complaints.states import STATES
from xinyi_merchants.registry import find_merchant
from xinyi_platform.audit.models import AuditEntry
from xinyi_platform.clock import FixedClock, local_date
from xinyi_platform.errors import TransitionForbidden
from xinyi_platform.notices.models import Notice
from xinyi_platform.principals import Role
from xinyi_platform.runtime import Runtime
from xinyi_platform.transitions import next_state

pytestmark = pytest.mark.anyio
WHY = "多次以同一虚构事实投诉,有录像为证。"


@pytest.fixture
async def her(runtime: Runtime) -> Caller:
    return await a_resident(runtime, 7)


@pytest.fixture
async def shop(runtime: Runtime) -> Shop:
    return await a_shop(runtime, "catering")


@pytest.fixture
async def mediator(runtime: Runtime) -> Caller:
    return await a_member_of_staff(runtime, Role.MEDIATOR)


async def filed(runtime: Runtime, shop: Shop, her: Caller, *events: str, text: str = "多收了十元钱。") -> Complaint:
    filing = Filing(category="price", text=text, wish="", phone="13800000000", resident_id=id_of(her))
    receipt = await file_complaint(runtime, await find_merchant(shop.merchant.id), filing, now=runtime.clock.now())
    kinds = {
        "answer": "operator",
        "ask": "operator",
        "confirm": "resident",
        "withdraw": "resident",
        "reply": "resident",
    }
    for event in events:
        row = await Complaint.get(id=receipt.id)
        actor = Actor(kinds.get(event, "staff"), id_of(her))
        await act(runtime, row, event, actor, text="说明情况", now=runtime.clock.now())
    return await Complaint.get(id=receipt.id)


async def tell(client: httpx.AsyncClient, who: Caller, path: str, body: dict[str, object]) -> httpx.Response:
    """POST JSON as the console's own client does, with the session's form token."""
    client.cookies.clear()
    token = await form_token(client)
    client.cookies.clear()
    return await client.post(path, headers=who.headers(csrf=token), json=body)


async def facts_of(runtime: Runtime, row: Complaint) -> Any:
    return await complaint_facts(row.merchant_id, today=local_date(runtime.clock.now()))


@pytest.mark.parametrize(("said", "kept"), [(True, True), (False, False), (None, None)])
async def test_a_consumer_says_whether_she_is_satisfied_or_nothing(
    app_client: httpx.AsyncClient, runtime: Runtime, shop: Shop, her: Caller, said: bool | None, kept: bool | None
) -> None:
    row = await filed(runtime, shop, her, "accept", "answer")
    body = {"act": "confirm", "satisfied": said}
    done = await ask(app_client, her, f"/api/v1/complaints/{row.id}/acts", body, key="one")
    assert (done.status_code, done.json()["state"], done.json()["satisfied"], done.json()["acts"]) == (
        200, "confirmed", kept, [],
    )  # fmt: skip
    again = await ask(app_client, her, f"/api/v1/complaints/{row.id}/acts", body, key="one")
    assert again.json() == done.json()
    facts = await facts_of(runtime, row)
    assert (facts.satisfied, facts.dissatisfied) == (int(kept is True), int(kept is False))


async def test_handing_over_needs_the_official_number_and_tells_her(
    app_client: httpx.AsyncClient, runtime: Runtime, shop: Shop, her: Caller, mediator: Caller
) -> None:
    row = await filed(runtime, shop, her, "accept", "mediate")
    path, form = f"/console/complaints/{row.id}", {"act": "hand_over", "text": "双方同意移交"}
    without = await post_form(app_client, mediator, path, form)
    assert (without.status_code, "12315登记编号" in without.text) == (400, True)
    assert (await Complaint.get(id=row.id)).state == "mediation"
    done = await post_form(app_client, mediator, path, {**form, "official_number": "1410600002026112300012"})
    assert done.status_code == 303
    after = await Complaint.get(id=row.id)
    assert (after.state, after.official_number) == ("closed_unresolved", "1410600002026112300012")
    assert "1410600002026112300012" in (await read_page(app_client, her, f"/app/complaints/{row.id}")).text
    assert "1410600002026112300012" in (await Notice.get(title_zh="您的投诉已移交12315")).body_zh


async def test_the_package_holds_what_12315_needs_and_its_export_is_written_down(
    app_client: httpx.AsyncClient, runtime: Runtime, shop: Shop, her: Caller, mediator: Caller
) -> None:
    row = await filed(runtime, shop, her, "accept")
    await post_form(app_client, mediator, f"/console/complaints/{row.id}", {"act": "note", "text": "只给同事看"})
    sent = await read_page(app_client, mediator, f"/console/complaints/{row.id}/package")
    assert sent.headers["content-type"] == "application/zip"
    package = zipfile.ZipFile(io.BytesIO(sent.content))
    files = {name: package.read(name) for name in package.namelist()}
    told = msgspec.json.decode(files["complaint.json"])
    assert (told["number"], told["merchant"]["uscc"], told["complainant"]["phone"]) == (
        row.number,
        shop.merchant.uscc,
        "13800000000",
    )
    assert [step["event"] for step in told["steps"]] == ["submit", "accept", "forward"]
    assert "只给同事看" not in sent.content.decode("latin-1") + str(told)
    for line in files["SHA256SUMS"].decode().splitlines():
        digest, name = line.split("  ")
        assert hashlib.sha256(files[name]).hexdigest() == digest
    assert await AuditEntry.filter(action="complaint.export", object_id=str(row.id)).count() == 1
    assert "已导出材料包" in (await read_page(app_client, her, f"/app/complaints/{row.id}")).text


@pytest.mark.parametrize(
    ("state", "event"),
    [(s, e) for s in MARKS for e in ("uphold", "refuse", "appeal", "keep", "lift") if e not in TABLE[s]],
)
async def test_no_finding_takes_a_step_that_the_table_does_not_name(state: str, event: str) -> None:
    with pytest.raises(TransitionForbidden):
        next_state(TABLE, kind="complaint_mark", state=state, event=event)


async def decide(client: httpx.AsyncClient, who: Caller, mark: ComplaintMark, event: str) -> httpx.Response:
    return await tell(client, who, f"/staff/v1/complaint-marks/{mark.id}", {"act": event, "reason": WHY})


async def test_malice_is_found_by_another_appealed_and_judged_by_a_third(
    app_client: httpx.AsyncClient, runtime: Runtime, shop: Shop, her: Caller, mediator: Caller
) -> None:
    open_one = await filed(runtime, shop, her, "accept", text="还在处理的投诉。")
    early = await tell(app_client, mediator, f"/staff/v1/complaints/{open_one.id}/mark", {"reason": WHY})
    assert (early.status_code, problem_code(early)) == (409, "complaint_mark_too_early")
    row = await filed(runtime, shop, her, "accept", "mediate", "close")
    proposed = await tell(app_client, mediator, f"/staff/v1/complaints/{row.id}/mark", {"reason": WHY})
    assert proposed.status_code == 201, proposed.text
    twice = await tell(app_client, mediator, f"/staff/v1/complaints/{row.id}/mark", {"reason": WHY})
    assert problem_code(twice) == "complaint_marked_already"
    mark = await ComplaintMark.get()
    second, third = [await a_member_of_staff(runtime, Role.REVIEWER, username=f"judge{n}") for n in range(2)]
    assert (await facts_of(runtime, row)).received == 2
    assert (await decide(app_client, second, mark, "uphold")).json()["state"] == "upheld"
    assert (await facts_of(runtime, row)).received == 1
    assert WHY in (await Notice.get(kind="complaint.marked")).body_zh
    appealed = await ask(app_client, her, f"/api/v1/complaints/{row.id}/appeal", {"text": "当时有收据。"})
    assert appealed.status_code == 200, appealed.text
    assert (await facts_of(runtime, row)).received == 2
    own = await decide(app_client, second, mark, "keep")
    assert (own.status_code, problem_code(own)) == (403, "own_complaint_mark")
    assert (await decide(app_client, third, mark, "lift")).json()["state"] == "lifted"
    assert (await facts_of(runtime, row)).received == 2
    assert (await decide(app_client, third, mark, "keep")).status_code == 409


async def test_who_proposed_does_not_decide_by_a_second_account_either(
    app_client: httpx.AsyncClient, runtime: Runtime, shop: Shop, her: Caller, mediator: Caller
) -> None:
    row = await filed(runtime, shop, her, "accept", "mediate", "close")
    await tell(app_client, mediator, f"/staff/v1/complaints/{row.id}/mark", {"reason": WHY})
    mark = await ComplaintMark.get()
    reviewer = await a_member_of_staff(runtime, Role.REVIEWER)
    await ComplaintMark.filter(id=mark.id).update(maker_person=f"person-{reviewer.name}")
    own = await decide(app_client, reviewer, mark, "uphold")
    assert (own.status_code, problem_code(own)) == (403, "own_complaint_mark")
    form = {"act": "uphold", "reason": WHY}
    page = await post_form(app_client, reviewer, f"/console/complaints/decisions/marks/{mark.id}", form)
    assert page.status_code == 403
    assert (await ComplaintMark.get()).state == "proposed"


async def test_of_two_reviewers_at_once_one_decides(
    app_client: httpx.AsyncClient, runtime: Runtime, shop: Shop, her: Caller, mediator: Caller
) -> None:
    row = await filed(runtime, shop, her, "accept", "mediate", "close")
    await tell(app_client, mediator, f"/staff/v1/complaints/{row.id}/mark", {"reason": WHY})
    mark = await ComplaintMark.get()
    judges = [await a_member_of_staff(runtime, Role.REVIEWER, username=f"judge{n}") for n in range(4)]
    answers = await asyncio.gather(*(decide(app_client, one, mark, "uphold") for one in judges))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    assert (
        await ComplaintStep.filter(event="uphold").count() == await Notice.filter(kind="complaint.marked").count() == 1
    )


async def test_an_appeal_has_its_days(
    app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock, shop: Shop, her: Caller, mediator: Caller
) -> None:
    row = await filed(runtime, shop, her, "accept", "mediate", "close")
    nothing = await ask(app_client, her, f"/api/v1/complaints/{row.id}/appeal", {"text": "我说的是事实。"})
    assert nothing.status_code == 404
    await tell(app_client, mediator, f"/staff/v1/complaints/{row.id}/mark", {"reason": WHY})
    mark = await ComplaintMark.get()
    reviewer = await a_member_of_staff(runtime, Role.REVIEWER)
    await decide(app_client, reviewer, mark, "uphold")
    assert "申诉理由" in (await read_page(app_client, her, f"/app/complaints/{row.id}")).text
    clock.advance(timedelta(days=16))
    late = await ask(
        app_client, signed_in_anew(runtime, her), f"/api/v1/complaints/{row.id}/appeal", {"text": "太晚了吗?"}
    )
    assert (late.status_code, problem_code(late)) == (409, "complaint_appeal_too_late")


async def test_a_public_answer_is_shown_once_staff_have_seen_it(
    app_client: httpx.AsyncClient, runtime: Runtime, shop: Shop, her: Caller, mediator: Caller
) -> None:
    operator = shop.operator
    row = await filed(runtime, shop, her, "accept")
    path, form = f"/portal/complaints/{row.id}", {"text": "已按标价退还差额,并更换了价签。"}
    early = await post_form(app_client, operator, f"{path}/public-answer", form)
    assert early.status_code == 409
    await act(runtime, row, "answer", Actor("operator", id_of(operator)), text="已退还", now=runtime.clock.now())
    for status in (303, 409):
        sent = await post_form(app_client, operator, f"{path}/public-answer", form)
        assert sent.status_code == status
    assert form["text"] not in (await app_client.get(f"/m/{shop.merchant.code}")).text
    answer = await PublicAnswer.get()
    decisions = "/console/complaints/decisions"
    assert form["text"] in (await read_page(app_client, mediator, decisions)).text
    shown = await post_form(app_client, mediator, f"{decisions}/answers/{answer.id}", {"act": "show"})
    assert shown.status_code == 303
    assert form["text"] in (await app_client.get(f"/m/{shop.merchant.code}")).text
    late = await tell(
        app_client, mediator, f"/staff/v1/public-answers/{answer.id}", {"is_shown": False, "reason": "有姓名"}
    )
    assert problem_code(late) == "public_answer_decided"


async def test_an_answer_is_kept_back_with_a_reason_that_the_shop_reads(
    app_client: httpx.AsyncClient, runtime: Runtime, shop: Shop, her: Caller, mediator: Caller
) -> None:
    operator = shop.operator
    row = await filed(runtime, shop, her, "accept", "answer")
    path = f"/portal/complaints/{row.id}"
    await post_form(app_client, operator, f"{path}/public-answer", {"text": "张女士说的不是事实。"})
    answer = await PublicAnswer.get()
    where = f"/staff/v1/public-answers/{answer.id}"
    assert (await tell(app_client, mediator, where, {"is_shown": False})).status_code == 400
    assert (await tell(app_client, mediator, where, {"is_shown": False, "reason": "写出了姓氏"})).status_code == 204
    assert "写出了姓氏" in (await read_page(app_client, operator, path)).text
    assert "张女士" not in (await app_client.get(f"/m/{shop.merchant.code}")).text


async def test_the_rules_page_names_every_limit_with_its_source(app_client: httpx.AsyncClient) -> None:
    page = (await app_client.get("/m/complaints/rules")).text
    assert "市场监督管理投诉举报处理办法(市场监管总局令第121号)" in page
    assert "第20号" not in page
    assert "按时答复 ÷" in page


@dataclass(frozen=True)
class Case:
    state: str
    answered_in_time: bool | None
    satisfied: bool | None


CASES = st.builds(
    Case, st.sampled_from(sorted(STATES)), st.sampled_from([True, False, None]), st.sampled_from([True, False, None])
)


@given(st.lists(CASES, max_size=40))
def test_the_numbers_add_up_and_one_more_in_time_never_lowers_the_rate(cases: list[Case]) -> None:
    found = count(cases)
    assert found.received == len(cases)
    assert found.answered_in_time + found.answered_late <= found.received
    assert (found.timeliness_permille is None) == (found.answered_in_time + found.answered_late == 0)
    better = count([*cases, Case("confirmed", True, None)])
    assert better.timeliness_permille is not None
    assert better.timeliness_permille >= (found.timeliness_permille or 0)


def test_what_counts_nowhere_is_what_was_found_and_not_lifted() -> None:
    assert {"upheld", "kept"} == COUNTS_NOWHERE
