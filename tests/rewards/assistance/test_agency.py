"""Agency: asked for with an authorisation, taken by one, prepared, and filed by its subject's confirmation alone."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from support.files import forget_files, on_disk
from support.helping import STATEMENT, WISH, call, draft, handle, listed, overview
from support.people import Caller, a_member_of_staff, a_resident
from support.promises import a_picture
from support.scenes import Shop, id_of, post_form, problem_code, read_page
from support.telling import kinds_told

from xinyi_platform.audit.models import AuditEntry
from xinyi_platform.errors import Conflict, NotFound, TransitionForbidden
from xinyi_platform.files import StoredFile
from xinyi_platform.ids import new_id
from xinyi_platform.outbox import OutboxEvent
from xinyi_platform.principals import Role, Staff
from xinyi_platform.runtime import Runtime
from xinyi_rewards.assistance.agency import confirm_draft
from xinyi_rewards.assistance.errors import AgencyChanged
from xinyi_rewards.assistance.handling import take
from xinyi_rewards.assistance.models import AgencyPaper, AgencyRequest
from xinyi_rewards.assistance.policy import help_policy, help_services
from xinyi_rewards.assistance.reading import MOST_SHOWN, agency_for, open_agency
from xinyi_rewards.assistance.states import AGENCY, advance_agency
from xinyi_rewards.honor_lists.models import HonorEntry
from xinyi_rewards.honor_lists.parties import Party
from xinyi_rewards.honor_lists.publishing import end_entry
from xinyi_rewards.honor_lists.reading import looks_at
from xinyi_rewards.repairs.models import RepairPaper, RepairRequest

pytestmark = pytest.mark.anyio
CONFIRM = {"draft": 1, "signed": "2026-1"}


@pytest.fixture
async def asked(app_client: httpx.AsyncClient, wang: Caller, entry: HonorEntry) -> AgencyRequest:
    answer = await call(app_client, wang, "POST", entry, "/agency", WISH)
    assert (answer.status_code, answer.json()["state"], answer.json()["answer_by"]) == (201, "asked", "2026-11-26")
    return await AgencyRequest.get()


@pytest.fixture
async def prepared(app_client: httpx.AsyncClient, lin: Caller, asked: AgencyRequest) -> AgencyRequest:
    assert (await handle(app_client, lin, asked, act="take")).status_code == 303
    assert (await draft(app_client, lin, asked, picture=a_picture())).status_code == 303
    return await AgencyRequest.get()


async def test_nothing_is_filed_before_she_has_confirmed_it_herself(
    app_client: httpx.AsyncClient, lin: Caller, wang: Caller, entry: HonorEntry, prepared: AgencyRequest
) -> None:
    assert not await RepairRequest.exists()
    assert (await HonorEntry.get(id=entry.id)).committed_on is None
    page = (await read_page(app_client, wang, f"/app/help/{entry.id}")).text
    assert all(text in page for text in (STATEMENT, "我确认材料属实", "138****0001"))
    paper = await AgencyPaper.get()
    assert (await read_page(app_client, wang, f"/app/help/{entry.id}/papers/{paper.id}")).content[:2] == b"\xff\xd8"
    confirm = "/agency/confirm-draft"
    unsigned = await call(app_client, wang, "POST", entry, confirm, {**CONFIRM, "signed": "2025-9"}, key="a")
    assert problem_code(unsigned) == "promise_not_signed"
    other = await call(app_client, wang, "POST", entry, confirm, {**CONFIRM, "draft": 2}, key="b")
    assert problem_code(other) == "agency_changed"
    assert not await RepairRequest.exists()
    filed = await call(app_client, wang, "POST", entry, confirm, CONFIRM, key="c")
    assert (filed.status_code, filed.json()["state"]) == (201, "filed")
    assert (await call(app_client, wang, "POST", entry, confirm, CONFIRM, key="c")).json() == filed.json()
    repair, row = await RepairRequest.get(), await AgencyRequest.get()
    assert (repair.statement, repair.commitment_version, repair.resident_id) == (STATEMENT, "2026-1", wang.id)
    assert await RepairPaper.filter(request_id=repair.id).count() == 1
    assert (row.state, row.repair_id) == ("filed", repair.id)
    assert (await HonorEntry.get(id=entry.id)).committed_on is not None
    acts = await AuditEntry.filter(action__in=["repair_request.file", "agency_request.confirm"]).values_list(
        "actor", flat=True
    )
    assert acts == [f"resident:{wang.id}"] * 2
    assert f"/console/repairs/{repair.id}" in (await read_page(app_client, lin, f"/console/help/agency/{row.id}")).text


async def test_two_taps_at_once_file_once(
    runtime: Runtime, wang: Caller, entry: HonorEntry, prepared: AgencyRequest
) -> None:
    party, at = Party("resident:x", prepared.division, resident_id=id_of(wang)), runtime.clock.now()
    taps = [confirm_draft(runtime, party, entry.id, draft=1, signed="2026-1", at=at) for _ in range(4)]
    answers = await asyncio.gather(*taps, return_exceptions=True)
    assert sum(isinstance(answer, RepairRequest) for answer in answers) == 1
    assert all(isinstance(answer, (RepairRequest, Conflict, NotFound)) for answer in answers)
    assert await RepairRequest.all().count() == 1
    assert (await AgencyRequest.get()).state == "filed"


async def test_a_shop_walks_the_whole_way_in_its_portal(
    app_client: httpx.AsyncClient, lin: Caller, shop: Shop, shop_entry: HonorEntry
) -> None:
    home = f"/portal/help/{shop_entry.id}"
    assert home in (await read_page(app_client, shop.operator, f"/portal/repairs/{shop_entry.id}")).text
    bad = await post_form(app_client, shop.operator, f"{home}/agency", {**WISH, "contact": "138"})
    assert (bad.status_code, WISH["wish"] in bad.text) == (400, True)
    assert (await post_form(app_client, shop.operator, f"{home}/agency", WISH)).status_code == 303
    row = await AgencyRequest.get()
    await handle(app_client, lin, row, act="take")
    assert (await draft(app_client, lin, row)).status_code == 303
    returned = {"act": "return", "reason": "还款日期应为十一月三日"}
    assert (await post_form(app_client, shop.operator, f"{home}/agency/step", returned)).status_code == 303
    assert returned["reason"] in (await read_page(app_client, lin, f"/console/help/agency/{row.id}")).text
    assert (await draft(app_client, lin, row, statement="已于十一月三日还清欠款。")).status_code == 303
    stale = {"act": "confirm", "draft": "1", "signed": "2026-1"}
    assert (await post_form(app_client, shop.operator, f"{home}/agency/step", stale)).status_code == 409
    assert not await RepairRequest.exists()
    now = {**stale, "draft": "2"}
    assert (await post_form(app_client, shop.operator, f"{home}/agency/step", now)).status_code == 303
    filed = await RepairRequest.get()
    assert (filed.statement, filed.merchant_id) == ("已于十一月三日还清欠款。", shop.merchant.id)
    heard = OutboxEvent.filter(audience=f"merchant:{shop.merchant.id}", topic="assistance.agency")
    events = [event["event"] for event in await heard.order_by("id").values_list("payload", flat=True)]
    assert events == ["ask", "take", "prepare", "return", "prepare", "confirm"]


async def test_how_she_is_reached_is_encrypted_masked_and_read_by_the_handler_on_record(
    app_client: httpx.AsyncClient, runtime: Runtime, lin: Caller, wang: Caller, entry: HonorEntry, asked: AgencyRequest
) -> None:
    assert WISH["contact"] not in asked.contact_cipher
    page = f"/console/help/agency/{asked.id}"
    shown = (await read_page(app_client, lin, page)).text
    assert ("138****0001" in shown, WISH["contact"] in shown) == (True, False)
    assert (await handle(app_client, lin, asked, act="contact")).status_code == 409
    await handle(app_client, lin, asked, act="take")
    other = await a_member_of_staff(runtime, Role.COMMUNITY_WORKER, username="other")
    assert (await handle(app_client, other, asked, act="contact")).status_code == 409
    told = await handle(app_client, lin, asked, act="contact")
    assert (told.status_code, WISH["contact"] in told.text) == (200, True)
    assert told.headers["cache-control"] == "no-store"
    assert await AuditEntry.filter(action="agency_request.contact_read").count() == 1
    looks = await AuditEntry.filter(action="agency_request.view", object_id=str(asked.id)).values_list(
        "actor", flat=True
    )
    assert sorted(looks) == sorted([f"staff:{lin.id}"] * 3 + [f"staff:{other.id}"])
    assert "已查看5次" in (await read_page(app_client, wang, f"/app/help/{entry.id}")).text
    assert WISH["contact"] not in str(await overview(app_client, wang, entry))


async def test_one_takes_it_and_another_takes_it_over(
    app_client: httpx.AsyncClient, runtime: Runtime, lin: Caller, wang: Caller, entry: HonorEntry, asked: AgencyRequest
) -> None:
    other = await a_member_of_staff(runtime, Role.COMMUNITY_WORKER, username="other")
    assert "待受理" in (await read_page(app_client, other, "/console/help")).text
    assert "答复代办申请" in (await read_page(app_client, other, "/console/tasks")).text
    assert (await handle(app_client, lin, asked, act="take")).status_code == 303
    assert (await handle(app_client, other, asked, act="take")).status_code == 409
    meet = {"act": "propose", "when": "2026-11-25T14:00", "where": "社区服务中心"}
    assert (await handle(app_client, other, asked, **meet)).status_code == 409
    assert (await draft(app_client, other, asked)).status_code == 409
    assert "准备代办材料" not in (await read_page(app_client, other, "/console/tasks")).text
    past = await handle(app_client, lin, asked, **{**meet, "when": "2026-11-20T14:00"})
    assert (past.status_code, "社区服务中心" in past.text) == (400, True)
    for far in ("9999-12-31T23:00", "2028-01-03T14:00"):
        assert (await handle(app_client, lin, asked, **{**meet, "when": far})).status_code == 400
    assert (await handle(app_client, lin, asked, **meet)).status_code == 303
    mine = (await overview(app_client, wang, entry))["requests"][0]
    assert (mine["appointment_at"], mine["prepare_by"]) == ("2026-11-25T06:00:00Z", "2026-12-07")
    assert (await handle(app_client, other, asked, act="take_over")).status_code == 303
    assert (await handle(app_client, lin, asked, **meet)).status_code == 409
    assert (await handle(app_client, other, asked, act="close")).status_code == 400
    assert (await handle(app_client, other, asked, act="close", reason="已自行提交")).status_code == 303
    assert "已自行提交" in (await read_page(app_client, wang, f"/app/help/{entry.id}")).text
    told = [kind for kind in await kinds_told(id_of(wang)) if kind.startswith("assistance")]
    assert told == ["assistance.step"] * 4
    assert (await call(app_client, wang, "POST", entry, "/agency", WISH, key="again")).status_code == 201


async def test_of_many_who_take_it_at_once_one_does(
    app_client: httpx.AsyncClient, runtime: Runtime, lin: Caller, asked: AgencyRequest
) -> None:
    one = Staff(id_of(lin), id_of(lin), "person", frozenset({Role.COMMUNITY_WORKER}), asked.division)
    many = [replace(one, id=id_of(await a_resident(runtime, 100 + number))) for number in range(8)]
    tries = [take(asked.id, staff, at=runtime.clock.now()) for staff in many]
    answers = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(isinstance(answer, AgencyRequest) for answer in answers) == 1
    assert all(isinstance(answer, (AgencyRequest, AgencyChanged, TransitionForbidden)) for answer in answers)


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"signed": ""}, 422, "promise_not_signed"),
        ({"signed": "2025-9"}, 422, "promise_not_signed"),
        ({"wish": "      "}, 400, "invalid_field"),
        ({"contact": "          "}, 400, "invalid_field"),
    ],
)
async def test_what_lacks_authorisation_words_or_contact_is_refused(
    app_client: httpx.AsyncClient, wang: Caller, entry: HonorEntry, change: dict[str, str], status: int, code: str
) -> None:
    refused = await call(app_client, wang, "POST", entry, "/agency", {**WISH, **change})
    assert (refused.status_code, refused.json()["code"]) == (status, code)
    assert not await AgencyRequest.exists()


async def test_it_is_asked_for_once_at_a_time_and_taken_back(
    app_client: httpx.AsyncClient, wang: Caller, entry: HonorEntry, prepared: AgencyRequest
) -> None:
    assert problem_code(await call(app_client, wang, "POST", entry, "/agency", WISH, key="b")) == "agency_open"
    assert (await call(app_client, wang, "POST", entry, "/agency/withdraw")).json()["state"] == "withdrawn"
    assert (await call(app_client, wang, "POST", entry, "/agency/withdraw")).status_code == 404
    assert (await call(app_client, wang, "POST", entry, "/agency/confirm-draft", CONFIRM)).status_code == 404
    assert not await RepairRequest.exists()


@pytest.mark.parametrize("act", ["", "no such act"])
async def test_an_act_that_is_none_takes_nothing_back(
    app_client: httpx.AsyncClient, wang: Caller, entry: HonorEntry, prepared: AgencyRequest, act: str
) -> None:
    assert (await post_form(app_client, wang, f"/app/help/{entry.id}/agency/step", {"act": act})).status_code == 400
    assert (await AgencyRequest.get()).state == "prepared"


async def test_every_look_is_told_also_of_a_request_that_is_over(
    app_client: httpx.AsyncClient, lin: Caller, wang: Caller, entry: HonorEntry, asked: AgencyRequest
) -> None:
    before = (await looks_at(entry)).times
    await handle(app_client, lin, asked, act="take")
    await handle(app_client, lin, asked, act="contact")
    await read_page(app_client, lin, "/console/help")
    await handle(app_client, lin, asked, act="close", reason="已自行提交")
    assert "已查看2次" in (await read_page(app_client, wang, f"/app/help/{entry.id}")).text
    assert [row["looks"] for row in (await overview(app_client, wang, entry))["requests"]] == [2]
    assert (await looks_at(entry)).times == before + 1


async def test_what_waits_for_its_subject_pushes_nothing_that_waits_for_staff_off_the_list(
    app_client: httpx.AsyncClient, runtime: Runtime, lin: Caller, asked: AgencyRequest
) -> None:
    now, values = runtime.clock.now(), {name: getattr(asked, name) for name in AgencyRequest._meta.db_fields}
    waits = {
        **values, "slot": "open", "handler_id": new_id(), "taken_at": now, "prepare_by": now.date(),
        "asked_at": now - timedelta(days=1),
    }  # fmt: skip
    drafts = {**waits, "state": "prepared", "draft": 1, "statement": STATEMENT}
    for _ in range(MOST_SHOWN):
        await AgencyRequest.create(**{**drafts, "id": new_id(), "entry_id": new_id()})
        await AgencyRequest.create(**{**waits, "state": "taken", "id": new_id(), "entry_id": new_id()})
    area = Staff(id_of(lin), id_of(lin), "person-lin", frozenset({Role.COMMUNITY_WORKER}), asked.division)
    assert [row.id for row in await agency_for(area)] == [asked.id]
    await AgencyRequest.filter(state="taken").delete()
    assert (await open_agency(area))[0].id == asked.id


async def test_it_lapses_with_the_listing(
    app_client: httpx.AsyncClient, runtime: Runtime, wang: Caller, entry: HonorEntry, prepared: AgencyRequest
) -> None:
    await end_entry(runtime, entry.id, "expire", actor="job:expire", reason="validity over", at=runtime.clock.now())
    assert (await AgencyRequest.get()).state == "lapsed"
    refused = await call(app_client, wang, "POST", entry, "/agency", WISH, key="again")
    assert problem_code(refused) == "nothing_to_help"
    assert (await call(app_client, wang, "POST", entry, "/agency/confirm-draft", CONFIRM, key="x")).status_code == 404
    assert not await RepairRequest.exists()


async def test_the_conditions_of_a_repair_hold_for_what_was_prepared(
    app_client: httpx.AsyncClient, lin: Caller, xu: Caller, zhou: Caller, wang: Caller
) -> None:
    early = await listed(app_client, xu, zhou, determined_on="2026-08-23")
    await call(app_client, wang, "POST", early, "/agency", WISH)
    row = await AgencyRequest.get()
    await handle(app_client, lin, row, act="take")
    await draft(app_client, lin, row)
    assert "2026-11-24起可以确认提交" in (await read_page(app_client, wang, f"/app/help/{early.id}")).text
    refused = await call(app_client, wang, "POST", early, "/agency/confirm-draft", CONFIRM)
    assert problem_code(refused) == "repair_not_yet"
    assert (await AgencyRequest.get()).state == "prepared"


async def test_who_has_filed_herself_has_nothing_left_to_confirm(
    app_client: httpx.AsyncClient, wang: Caller, entry: HonorEntry, prepared: AgencyRequest
) -> None:
    own = {"statement": "我自己写的整改说明。", "signed": "2026-1"}
    headers = {**wang.headers(), "Idempotency-Key": "own"}
    assert (await app_client.post(f"/api/v1/me/honors/{entry.id}/repair", headers=headers, json=own)).status_code == 201
    refused = await call(app_client, wang, "POST", entry, "/agency/confirm-draft", CONFIRM, key="c")
    assert problem_code(refused) == "repair_open"
    page = (await read_page(app_client, wang, f"/app/help/{entry.id}")).text
    assert ("我确认材料属实" in page, "您自己提交的修复申请正在办理" in page) == (False, True)
    assert (await AgencyRequest.get()).state == "prepared"
    assert (await RepairRequest.get()).statement == own["statement"]


async def test_while_a_repair_is_handled_there_is_nothing_to_ask_for(
    app_client: httpx.AsyncClient, wang: Caller, entry: HonorEntry, prepared: AgencyRequest
) -> None:
    assert (await call(app_client, wang, "POST", entry, "/agency/confirm-draft", CONFIRM, key="c")).status_code == 201
    refused = await call(app_client, wang, "POST", entry, "/agency", WISH, key="again")
    assert problem_code(refused) == "repair_open"
    page = (await read_page(app_client, wang, f"/app/help/{entry.id}")).text
    assert ("申请代办</button>" in page, "修复申请正在办理,暂不需要代办" in page) == (False, True)


@pytest.mark.parametrize(("end", "left"), [("withdraw", 0), ("close", 0), ("confirm", 1)])
async def test_with_the_end_of_a_request_the_papers_of_its_draft_go(
    app_client: httpx.AsyncClient, runtime: Runtime, lin: Caller, wang: Caller, entry: HonorEntry,
    prepared: AgencyRequest, end: str, left: int,
) -> None:  # fmt: skip
    """What she has confirmed lies with the repair."""
    if end == "close":
        assert (await handle(app_client, lin, prepared, act="close", reason="改为自行办理")).status_code == 303
    elif end == "withdraw":
        assert (await call(app_client, wang, "POST", entry, "/agency/withdraw")).status_code == 200
    else:
        assert (await call(app_client, wang, "POST", entry, "/agency/confirm-draft", CONFIRM)).status_code == 201
    assert not await AgencyPaper.exists()
    await forget_files(runtime)
    assert len(on_disk(runtime)) == await StoredFile.all().count() == await RepairPaper.all().count() == left


async def test_it_is_hers_and_her_areas(
    app_client: httpx.AsyncClient, runtime: Runtime, shop: Shop, entry: HonorEntry, prepared: AgencyRequest
) -> None:
    paper, stranger = await AgencyPaper.get(), await a_resident(runtime, 2)
    for tail in ("", f"/papers/{paper.id}"):
        assert (await read_page(app_client, stranger, f"/app/help/{entry.id}{tail}")).status_code == 404
        assert (await read_page(app_client, shop.operator, f"/portal/help/{entry.id}{tail}")).status_code == 404
    assert (await call(app_client, stranger, "POST", entry, "/agency/confirm-draft", CONFIRM)).status_code == 404
    far = await a_member_of_staff(runtime, Role.COMMUNITY_WORKER, username="far", division="410611001002")
    page = f"/console/help/agency/{prepared.id}"
    for path in (page, f"{page}/papers/{paper.id}"):
        assert (await read_page(app_client, far, path)).status_code == 404
    assert (await handle(app_client, far, prepared, act="take_over")).status_code == 404
    assert (await draft(app_client, far, prepared)).status_code == 404
    assert page not in (await read_page(app_client, far, "/console/help")).text


async def test_pictures_that_cannot_be_read_leave_the_draft_as_it_was(
    app_client: httpx.AsyncClient, lin: Caller, prepared: AgencyRequest
) -> None:
    refused = await draft(app_client, lin, prepared, statement="改过的整改说明。", picture=b"no picture")
    assert (refused.status_code, "改过的整改说明。" in refused.text) == (422, True)
    row = await AgencyRequest.get()
    assert (row.statement, row.draft, await AgencyPaper.all().count()) == (STATEMENT, 1, 1)
    assert (await draft(app_client, lin, prepared, statement="改过的整改说明。")).status_code == 303
    assert ((await AgencyRequest.get()).draft, await AgencyPaper.all().count()) == (2, 1)


def test_every_kind_of_help_says_that_it_is_free() -> None:
    assert list(help_services()) == ["training", "agency"]
    for service in help_services().values():
        assert "免费" in service.free_zh
        assert "free of charge" in service.free_en.lower()
    assert any("不收取任何费用" in clause.zh for clause in help_policy().authorisation.clauses)


@pytest.mark.parametrize("state", AGENCY)
async def test_only_the_edges_of_the_table_can_be_walked(state: str) -> None:
    for event in {event for edges in AGENCY.values() for event in edges} - set(AGENCY[state]):
        with pytest.raises(TransitionForbidden):
            advance_agency(state, event)
