"""A list is made from a sheet: every wrong row is named, and nothing is kept of a sheet that has one."""

from __future__ import annotations

import httpx
import pytest
from support.lists import NO_NOTICE, act, approve, csv_sheet, look, make, person, xlsx_sheet
from support.people import Caller, a_member_of_staff
from support.scenes import post_form, read_page

from xinyi_platform.audit.models import AuditEntry
from xinyi_platform.identity.models import Account
from xinyi_platform.identity.seeding import synthetic_identity_number
from xinyi_platform.principals import Role
from xinyi_platform.runtime import Runtime
from xinyi_rewards.honor_lists import asking
from xinyi_rewards.honor_lists.models import HonorEntry, HonorList

pytestmark = pytest.mark.anyio
FORM = {"kind": NO_NOTICE, "title": "十一月好人榜"}

WRONG_ROWS = [
    (("", synthetic_identity_number(2), "善行"), "姓名"),
    (("王", synthetic_identity_number(2), "善行"), "姓名"),
    (("=HYPERLINK(1)", synthetic_identity_number(2), "善行"), "姓名"),
    (("李明", "410602198001010001", "善行"), "身份证号"),
    (("李明", "4106021980", "善行"), "身份证号"),
    (("李明", "", "善行"), "身份证号"),
    (("李明", synthetic_identity_number(1), "善行"), "身份证号"),
    (("李明", synthetic_identity_number(2), ""), "事迹"),
    (("李明", synthetic_identity_number(2), "@SUM(1)"), "事迹"),
    (("李明", synthetic_identity_number(2), "长" * 201), "事迹"),
    (("\x00李明", synthetic_identity_number(2), "善行"), "姓名"),
    (("李明", synthetic_identity_number(2), "善\x00行"), "事迹"),
    (("李明", synthetic_identity_number(2), '"善\n行"'), "事迹"),
]


@pytest.mark.parametrize(("row", "column"), WRONG_ROWS)
async def test_a_wrong_row_is_named_and_nothing_is_kept(
    app_client: httpx.AsyncClient, lin: Caller, row: tuple[str, str, str], column: str
) -> None:
    sheet = csv_sheet([person(1), row])
    refused = await act(app_client, lin, "/honor-lists", form=FORM, sheet=sheet)
    assert refused.status_code == 422
    assert refused.json()["code"] == "rows_refused"
    assert [(error["row"], error["column"]) for error in refused.json()["rows"]] == [(3, column)]
    assert await HonorList.all().count() == await HonorEntry.all().count() == 0


async def test_a_check_gives_every_row_its_verdict_and_keeps_nothing(
    app_client: httpx.AsyncClient, lin: Caller
) -> None:
    sheet = csv_sheet([person(1), *(row for row, _ in WRONG_ROWS[:6]), person(3)])
    verdict = await act(app_client, lin, "/honor-lists/check", form={"kind": NO_NOTICE}, sheet=sheet)
    assert (verdict.json()["good"], verdict.json()["errors"]) == (2, 8)
    assert {row["row"] for row in verdict.json()["rows"]} == {3, 4, 5, 6, 7, 8}
    form = {**FORM, "act": "check"}
    sent = await post_form(app_client, lin, "/console/lists/new", form, files={"sheet": sheet})
    assert sent.status_code == 303
    shown = await read_page(app_client, lin, sent.headers["location"])
    assert "2行可以导入,6行有问题" in shown.text
    assert FORM["title"] in shown.text
    assert await HonorList.all().count() == await HonorEntry.all().count() == 0


async def test_asking_about_people_is_counted_over_all_doors(
    app_client: httpx.AsyncClient, lin: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "SHEETS_AN_HOUR", 3)
    sheet = csv_sheet([person(1)])
    check = {"kind": NO_NOTICE}
    assert (await act(app_client, lin, "/honor-lists/check", form=check, sheet=sheet)).status_code == 200
    assert (await act(app_client, lin, "/honor-lists", form=FORM, sheet=sheet)).status_code == 201
    upload = {**FORM, "wish": "check"}
    assert (await act(app_client, lin, "/list-uploads", form=upload, sheet=sheet)).status_code == 201
    for path, form in (("/honor-lists/check", check), ("/honor-lists", FORM), ("/list-uploads", upload)):
        assert (await act(app_client, lin, path, form=form, sheet=sheet)).status_code == 429
    assert await HonorList.all().count() == 1


async def test_by_choice_the_good_rows_are_kept_and_how_many_were_not_is_on_record(
    app_client: httpx.AsyncClient, lin: Caller
) -> None:
    sheet = csv_sheet([person(1), WRONG_ROWS[0][0], WRONG_ROWS[3][0], person(3)])
    made = await act(app_client, lin, "/honor-lists", form={**FORM, "keep": "good"}, sheet=sheet)
    assert made.json()["entries"] == 2
    record = await AuditEntry.get(action="honor_list.make")
    assert (record.detail["entries"], record.detail["rows_left_out"]) == (2, 2)
    none_good = csv_sheet([WRONG_ROWS[0][0]])
    refused = await act(app_client, lin, "/honor-lists", form={**FORM, "keep": "good"}, sheet=none_good)
    assert refused.json()["code"] == "rows_refused"


@pytest.mark.parametrize("draw", [csv_sheet, xlsx_sheet])
async def test_a_right_sheet_becomes_a_draft_that_holds_no_name_in_clear(
    app_client: httpx.AsyncClient, lin: Caller, draw: object
) -> None:
    sheet = draw([person(1), person(2, "欧阳娜娜")])  # type: ignore[operator]
    made = await act(app_client, lin, "/honor-lists", form=FORM, sheet=sheet)
    assert made.status_code == 201
    assert made.json()["state"] == "draft"
    assert made.json()["entries"] == 2
    entries = (await look(app_client, lin, f"/honor-lists/{made.json()['id']}/entries")).json()
    assert [entry["name"] for entry in entries] == ["王*丽", "欧**娜"]
    row = (await HonorEntry.all())[0]
    assert "王小丽" not in repr(dict(row))
    assert synthetic_identity_number(1) not in repr(dict(row))


async def test_a_sheet_in_gb18030_is_read(app_client: httpx.AsyncClient, lin: Caller) -> None:
    name, content, kind = csv_sheet([person(1)])
    sheet = (name, content.decode("utf-8-sig").encode("gb18030"), kind)
    assert (await act(app_client, lin, "/honor-lists", form=FORM, sheet=sheet)).status_code == 201


@pytest.mark.parametrize(
    "sheet",
    [
        ("list.xlsx", b"PK\x03\x04 not a workbook", "application/octet-stream"),
        ("list.csv", b"", "text/csv"),
        ("list.csv", b"\xff\xfe\xff", "text/csv"),
        csv_sheet([]),
        csv_sheet([person(1)], columns=("姓名", "身份证", "事迹")),
    ],
)
async def test_what_is_no_sheet_is_refused(
    app_client: httpx.AsyncClient, lin: Caller, sheet: tuple[str, bytes, str]
) -> None:
    refused = await act(app_client, lin, "/honor-lists", form=FORM, sheet=sheet)
    assert refused.status_code == 422
    assert refused.json()["code"] == "sheet_unreadable"


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({**FORM, "title": " "}, 400),
        ({**FORM, "kind": "red-nothing"}, 404),
        ({**FORM, "kind": "black-enforcement"}, 403),
    ],
)
async def test_what_is_no_list_is_refused(
    app_client: httpx.AsyncClient, lin: Caller, form: dict[str, str], status: int
) -> None:
    refused = await act(app_client, lin, "/honor-lists", form=form, sheet=csv_sheet([person(1)]))
    assert refused.status_code == status
    assert await HonorList.all().count() == 0


async def test_a_resident_is_listed_under_her_own_name_alone(
    app_client: httpx.AsyncClient, lin: Caller, wang: Caller
) -> None:
    number = synthetic_identity_number(1)
    sheet = csv_sheet([("王小花", number, "善行"), person(7)])
    verdict = await act(app_client, lin, "/honor-lists/check", form={"kind": NO_NOTICE}, sheet=sheet)
    assert [(row["row"], row["column"]) for row in verdict.json()["rows"]] == [(2, "姓名")]
    assert "登记的姓名不符" in verdict.json()["rows"][0]["zh"]
    right = csv_sheet([("王小丽", number, "善行"), person(7)])
    assert (await act(app_client, lin, "/honor-lists", form=FORM, sheet=right)).json()["entries"] == 2


async def test_one_who_is_on_this_list_already_is_refused(
    app_client: httpx.AsyncClient, lin: Caller, zhou: Caller
) -> None:
    await approve(app_client, lin, zhou, await make(app_client, lin, [person(1)]))
    twice = await act(app_client, lin, "/honor-lists", form=FORM, sheet=csv_sheet([person(2), person(1)]))
    assert twice.json()["rows"][0]["row"] == 3
    assert "已在" in twice.json()["rows"][0]["zh"]
    listed = await HonorEntry.get()
    assert listed.state == "published"


async def test_the_template_is_a_sheet_that_can_be_read(app_client: httpx.AsyncClient, lin: Caller) -> None:
    app_client.cookies.clear()
    given = await app_client.get("/console/lists/template.xlsx", headers=lin.headers())
    assert given.status_code == 200
    refused = await act(app_client, lin, "/honor-lists", form=FORM, sheet=("t.xlsx", given.content, "x"))
    assert refused.json()["code"] == "sheet_unreadable"
    assert "没有数据行" in refused.json()["detail"]


async def test_another_communitys_staff_sees_nothing_of_it(
    app_client: httpx.AsyncClient, runtime: Runtime, lin: Caller
) -> None:
    made = await make(app_client, lin, [person(1)])
    stranger = await a_member_of_staff(runtime, Role.REVIEWER, username="far")
    await Account.filter(id=stranger.id).update(division="410621")
    assert (await look(app_client, stranger, "/honor-lists")).json() == []
    assert (await look(app_client, stranger, f"/honor-lists/{made}")).status_code == 404
    assert (await act(app_client, stranger, f"/honor-lists/{made}/approve")).status_code == 404
