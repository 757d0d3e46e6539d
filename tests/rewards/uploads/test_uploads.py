"""A sheet is sent once: checked and kept in the background, with its progress and a verdict for every row."""

from __future__ import annotations

import asyncio
import io
from datetime import timedelta
from typing import Any

import httpx
import pytest
from python_calamine import CalamineWorkbook
from support.lists import NO_NOTICE, act, csv_sheet, look, make, person, xlsx_sheet
from support.people import Caller, a_member_of_staff, form_token
from support.scenes import post_form, read_page

from xinyi_platform.clock import FixedClock
from xinyi_platform.errors import TransitionForbidden
from xinyi_platform.identity.models import Account
from xinyi_platform.identity.seeding import synthetic_identity_number
from xinyi_platform.principals import Role
from xinyi_platform.runtime import Runtime
from xinyi_rewards.honor_lists.checking import check_sheet
from xinyi_rewards.honor_lists.errors import KindClosed
from xinyi_rewards.honor_lists.models import HonorEntry, HonorList
from xinyi_rewards.honor_lists.sheets import Sheet
from xinyi_rewards.uploads import pages, working
from xinyi_rewards.uploads.models import ListUpload, UploadContent, UploadFault
from xinyi_rewards.uploads.states import TRANSITIONS, advance
from xinyi_rewards.uploads.working import MOST_TRIES, work_off, work_on

pytestmark = pytest.mark.anyio
FORM = {"kind": NO_NOTICE, "title": "十二月好人榜"}
WRONG = ("=HYPERLINK(1)", synthetic_identity_number(9), "善行")


@pytest.fixture
def in_background(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every sheet is a large one."""
    monkeypatch.setattr(pages, "SMALL", 0)


async def send(client: httpx.AsyncClient, who: Caller, rows: list[Any], *, wish: str = "check") -> dict[str, Any]:
    sent = await act(client, who, "/list-uploads", form={**FORM, "wish": wish}, sheet=csv_sheet(rows))
    assert sent.status_code == 201, sent.text
    answer: dict[str, Any] = sent.json()
    return answer


async def test_a_right_sheet_that_is_wished_whole_becomes_a_draft_and_its_content_is_gone(
    app_client: httpx.AsyncClient, lin: Caller
) -> None:
    sent = await post_form(
        app_client, lin, "/console/lists/new", {**FORM, "keep": "all", "act": "save"},
        files={"sheet": xlsx_sheet([person(1), person(2, "李小明")])},
    )  # fmt: skip
    assert sent.status_code == 303
    shown = await read_page(app_client, lin, sent.headers["location"])
    made = await HonorList.get()
    assert (shown.status_code, shown.headers["location"]) == (303, f"/console/lists/{made.id}")
    assert await HonorEntry.filter(honor_list_id=made.id).count() == 2
    assert not await UploadContent.exists()


@pytest.mark.parametrize(
    ("wish", "state", "kept"), [("check", "checked", 0), ("all", "checked", 0), ("good", "kept", 2)]
)
async def test_of_a_sheet_with_a_wrong_row_becomes_what_was_wished(
    app_client: httpx.AsyncClient, lin: Caller, wish: str, state: str, kept: int
) -> None:
    answer = await send(app_client, lin, [person(1), WRONG, person(2)], wish=wish)
    assert (answer["state"], answer["good"], answer["wrong"]) == (state, 2, 1)
    assert await HonorEntry.all().count() == kept
    faults = (await look(app_client, lin, f"/list-uploads/{answer['id']}/faults")).json()
    assert [(fault["row"], fault["column"]) for fault in faults] == [(3, "姓名")]


async def test_after_the_check_the_good_rows_are_kept_without_sending_the_sheet_again(
    app_client: httpx.AsyncClient, lin: Caller
) -> None:
    answer = await send(app_client, lin, [person(1), WRONG, person(2)])
    path = f"/console/lists/uploads/{answer['id']}"
    assert "2行可以导入,1行有问题" in (await read_page(app_client, lin, path)).text
    assert (await post_form(app_client, lin, path, {"choice": "all"})).status_code == 409
    assert (await post_form(app_client, lin, path, {"choice": ""})).status_code == 400
    assert (await post_form(app_client, lin, path, {"choice": "good"})).status_code == 303
    assert "已保存2行,1行有问题未保存" in (await read_page(app_client, lin, path)).text
    assert (await post_form(app_client, lin, path, {"choice": "good"})).status_code == 409
    assert await HonorList.all().count() == 1


async def test_the_verdicts_are_the_sheet_with_a_word_beside_every_row_and_no_formula(
    app_client: httpx.AsyncClient, lin: Caller
) -> None:
    answer = await send(app_client, lin, [person(1), WRONG])
    given = await read_page(app_client, lin, f"/console/lists/uploads/{answer['id']}/verdicts.xlsx")
    assert "no-store" in given.headers["cache-control"]
    rows = CalamineWorkbook.from_filelike(io.BytesIO(given.content)).get_sheet_by_index(0).to_python()
    assert rows[0][-1] == "检查结果"
    assert rows[1][-1] == "可以导入"
    assert "姓名" in str(rows[2][-1])
    assert str(rows[2][0]).startswith("'=")


@pytest.mark.usefixtures("in_background")
async def test_a_large_sheet_shows_its_progress_and_is_worked_off_once(
    app_client: httpx.AsyncClient, runtime: Runtime, lin: Caller
) -> None:
    answer = await send(app_client, lin, [person(n) for n in range(1, 31)], wish="all")
    path = f"/console/lists/uploads/{answer['id']}"
    assert answer["state"] == "received"
    waiting = await read_page(app_client, lin, path)
    assert waiting.headers["refresh"] == "2"
    assert "排队中" in waiting.text
    upload = await ListUpload.get()
    await ListUpload.filter(id=upload.id).update(held_until=runtime.clock.now() + timedelta(minutes=1))
    await runtime.cache.set(working.progress_name(upload.id), b"keep 20 30", ttl_seconds=60)
    assert "正在保存:20/30行" in (await read_page(app_client, lin, path)).text
    assert (await look(app_client, lin, f"/list-uploads/{upload.id}")).json()["done"] == 20
    await ListUpload.filter(id=upload.id).update(held_until=None)
    moved = await asyncio.gather(*(work_on(runtime, upload.id) for _ in range(5)))
    assert sum(moved) == 1
    assert await work_off(runtime) == 0
    assert await HonorEntry.all().count() == 30
    assert "refresh" not in (await read_page(app_client, lin, path)).headers


@pytest.mark.usefixtures("in_background")
async def test_what_a_worker_left_behind_is_taken_up_and_what_fails_again_and_again_is_refused(
    app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock, lin: Caller
) -> None:
    await send(app_client, lin, [person(1)], wish="all")
    await ListUpload.all().update(held_until=clock.now() + timedelta(minutes=5), tries=1)
    assert await work_off(runtime) == 0
    await UploadContent.all().update(cipher="gone.AAAA")
    for _ in range(2):
        clock.advance(timedelta(minutes=6))
        assert await work_off(runtime) == 0
    upload = await ListUpload.get()
    assert (upload.state, upload.tries) == ("refused", 3)
    assert "重新上传" in upload.reason_zh
    assert not await HonorList.exists()


@pytest.mark.usefixtures("in_background")
async def test_a_sheet_over_which_every_worker_dies_is_refused(
    app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock, lin: Caller
) -> None:
    await send(app_client, lin, [person(1)], wish="all")
    await ListUpload.all().update(held_until=clock.now(), tries=MOST_TRIES)
    assert await work_off(runtime) == 1
    upload = await ListUpload.get()
    assert (upload.state, "重新上传" in upload.reason_zh) == ("refused", True)
    assert not await HonorList.exists()


@pytest.mark.usefixtures("in_background")
async def test_a_row_that_is_listed_between_check_and_keeping_is_named_by_the_next_check(
    app_client: httpx.AsyncClient, runtime: Runtime, lin: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    await send(app_client, lin, [person(1), person(2)], wish="all")

    async def then_listed(*given: Any, **named: Any) -> Sheet:
        sheet = await check_sheet(*given, **named)
        await make(app_client, lin, [person(1)])
        return sheet

    with monkeypatch.context() as patched:
        patched.setattr(working, "check_sheet", then_listed)
        assert await work_off(runtime) == 0
    assert await work_off(runtime) == 1
    upload = await ListUpload.get(wish="all")
    assert (upload.state, upload.good, upload.wrong) == ("checked", 1, 1)
    assert await UploadFault.filter(upload_id=upload.id).count() == 1


@pytest.mark.usefixtures("in_background")
async def test_a_slow_worker_that_meets_a_fault_leaves_the_next_one_alone(
    app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock, lin: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    await send(app_client, lin, [person(1)], wish="all")

    async def too_slow(*_: Any, **__: Any) -> Sheet:
        await ListUpload.all().update(held_until=clock.now() + timedelta(hours=1))
        raise KindClosed

    with monkeypatch.context() as patched:
        patched.setattr(working, "check_sheet", too_slow)
        assert await work_off(runtime) == 0
    assert (await ListUpload.get()).state == "received"


async def test_what_is_no_sheet_is_refused_with_the_reason_in_both_languages(
    app_client: httpx.AsyncClient, lin: Caller
) -> None:
    sheet = ("list.xlsx", b"PK\x03\x04 not a workbook", "application/octet-stream")
    refused = (await act(app_client, lin, "/list-uploads", form=FORM, sheet=sheet)).json()
    assert refused["state"] == "refused"
    assert "无法读取表格" in refused["reason_zh"]
    assert "cannot be read" in refused["reason_en"]


@pytest.mark.parametrize(
    ("form", "status"), [({**FORM, "title": " "}, 400), ({**FORM, "kind": "black-enforcement"}, 403)]
)
async def test_what_is_no_list_is_not_taken_in(
    app_client: httpx.AsyncClient, lin: Caller, form: dict[str, str], status: int
) -> None:
    sheet = csv_sheet([person(1)])
    assert (await act(app_client, lin, "/list-uploads", form=form, sheet=sheet)).status_code == status
    shown = await post_form(app_client, lin, "/console/lists/new", form, files={"sheet": sheet})
    assert shown.status_code == status
    assert form["title"].strip() in shown.text
    assert not await ListUpload.exists()


async def test_an_upload_is_its_makers_alone_whatever_her_account_and_holds_nothing_in_clear(
    app_client: httpx.AsyncClient, runtime: Runtime, lin: Caller, zhou: Caller
) -> None:
    answer = await send(app_client, lin, [person(1), WRONG])
    path = f"/console/lists/uploads/{answer['id']}"
    assert (await read_page(app_client, zhou, path)).status_code == 404
    assert (await read_page(app_client, zhou, f"{path}/verdicts.xlsx")).status_code == 404
    assert (await look(app_client, zhou, f"/list-uploads/{answer['id']}")).status_code == 404
    double = await a_member_of_staff(runtime, Role.COMMUNITY_WORKER, username="double")
    await Account.filter(id=double.id).update(person=(await Account.get(id=lin.id)).person)
    assert (await read_page(app_client, double, path)).status_code == 200
    held = await UploadContent.get()
    assert "王小丽" not in held.cipher
    assert all("王小丽" not in fault.zh for fault in await UploadFault.all())


async def test_a_sheet_that_nobody_decides_on_is_forgotten_after_a_week(
    app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock, lin: Caller
) -> None:
    await send(app_client, lin, [person(1), WRONG])
    clock.advance(timedelta(days=6))
    assert await work_off(runtime) == 0
    clock.advance(timedelta(days=1))
    assert await work_off(runtime) == 1
    assert (await ListUpload.get()).state == "discarded"
    assert not await UploadContent.exists()
    assert not await UploadFault.exists()


async def test_two_clicks_keep_one_list(app_client: httpx.AsyncClient, lin: Caller) -> None:
    answer = await send(app_client, lin, [person(1), person(2)])
    token = await form_token(app_client)
    app_client.cookies.clear()
    path = f"/staff/v1/list-uploads/{answer['id']}/decide"
    answers = await asyncio.gather(
        *(app_client.post(path, headers=lin.headers(csrf=token), json={"choice": "all"}) for _ in range(4))
    )
    assert sorted(one.status_code for one in answers) == [200, 409, 409, 409]


async def test_a_row_that_was_listed_between_check_and_choice_is_found(
    app_client: httpx.AsyncClient, runtime: Runtime, lin: Caller
) -> None:
    answer = await send(app_client, lin, [person(1), person(2)])
    await make(app_client, lin, [person(1)])
    await act(app_client, lin, f"/list-uploads/{answer['id']}/decide", {"choice": "all"})
    await work_off(runtime)
    again = (await look(app_client, lin, f"/list-uploads/{answer['id']}")).json()
    assert (again["state"], again["good"], again["wrong"]) == ("checked", 1, 1)


@pytest.mark.parametrize("state", list(TRANSITIONS))
@pytest.mark.parametrize("event", ["check", "want", "keep", "refuse", "discard"])
def test_every_edge_is_in_the_table_or_refused(state: str, event: str) -> None:
    if event in TRANSITIONS[state]:
        assert advance(state, event) == TRANSITIONS[state][event]
        return
    with pytest.raises(TransitionForbidden):
        advance(state, event)
