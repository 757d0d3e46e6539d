"""The registry as a spreadsheet: errors by row and column, all or the good ones, repeated without harm, never run."""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import Sequence
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest
import xlsxwriter
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from support.instance import Instance
from support.people import DIVISION, Caller, a_member_of_staff
from support.scenes import Shop, a_shop, id_of, post_form, read_page

from xinyi_merchants.registry.checking import FIELDS, Value, read_field, written
from xinyi_merchants.registry.models import Merchant, MerchantChange
from xinyi_merchants.registry.uscc import make_uscc
from xinyi_merchants.sheets.exporting import HEADER
from xinyi_merchants.sheets.importing import Importer, import_sheet
from xinyi_merchants.sheets.reading import COLUMNS, RowError, read_sheet
from xinyi_platform.audit.models import AuditEntry
from xinyi_platform.cli import main
from xinyi_platform.errors import InvalidField
from xinyi_platform.identity.models import Account
from xinyi_platform.principals import Role
from xinyi_platform.runtime import Runtime
from xinyi_platform.spreadsheets import FORMULA_STARTS, csv_text, inert, read_cells
from xinyi_platform.tenancy import whole_city

SHEET = "/console/merchants/sheet"
TODAY = date(2026, 11, 23)
Row = tuple[str, ...]


def a_row(number: int, **facts: str) -> Row:
    row = {
        "uscc": make_uscc(f"{number:08d}", division=DIVISION), "name": f"表格店{number}", "trade": "餐饮",
        "division": DIVISION, "address": f"示范路{number}号", "phone": "0392-5550000", "licence_date": "2020-03-08",
    }  # fmt: skip
    return tuple((row | facts).values())


def as_csv(rows: Sequence[Row], header: Sequence[str] = tuple(COLUMNS)) -> bytes:
    return csv_text([header, *rows], first=True).encode()


def as_xlsx(rows: Sequence[Row]) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        page = book.add_worksheet()
        for number, row in enumerate((tuple(COLUMNS), *rows)):
            for place, text in enumerate(row):
                page.write_string(number, place, text)
    return out.getvalue()


@pytest.fixture
async def lin(runtime: Runtime) -> Caller:
    return await a_member_of_staff(runtime, Role.COMMUNITY_WORKER, username="lin")


async def upload(client: httpx.AsyncClient, who: Caller, content: bytes, name: str = "x.csv", mode: str = "all") -> Any:
    return await post_form(client, who, SHEET, {"rows": mode}, files={"sheet": (name, content, "text/csv")})


@pytest.mark.anyio
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
async def test_new_codes_are_entered_known_ones_changed_and_again_nothing(
    app_client: httpx.AsyncClient, lin: Caller, kind: str
) -> None:
    write = as_csv if kind == "csv" else as_xlsx
    first = await upload(app_client, lin, write([a_row(1), a_row(2)]), f"x.{kind}")
    assert (first.status_code, "新增2家,更新0家,未变0家" in first.text) == (200, True), first.text
    shop = await Merchant.get(name="表格店1")
    second = await upload(app_client, lin, write([a_row(1, name="改了名"), a_row(2), a_row(3)]), f"x.{kind}")
    assert "新增1家,更新1家,未变1家" in second.text
    again = await upload(app_client, lin, write([a_row(1, name="改了名"), a_row(2), a_row(3)]), f"x.{kind}")
    assert "新增0家,更新0家,未变3家" in again.text
    after = await Merchant.get(id=shop.id)
    assert (after.name, after.code, after.uscc) == ("改了名", shop.code, shop.uscc)
    history = await MerchantChange.filter(merchant_id=shop.id).order_by("id")
    assert [(row.source, row.before, row.after.get("name")) for row in history] == [
        ("sheet", {}, "表格店1"),
        ("sheet", {"name": "表格店1"}, "改了名"),
    ]
    trail = await AuditEntry.filter(action="merchant.sheet_imported").order_by("id")
    assert [row.detail["added"] for row in trail] == [2, 1, 0]


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("facts", "column", "said"),
    [
        ({"uscc": "410600123456789"}, "统一社会信用代码", "15位旧注册号已停用"),
        ({"uscc": a_row(1)[0]}, "统一社会信用代码", "与第2行重复"),
        ({"name": "=HYPERLINK(1)"}, "名称", "不能以“=”开头"),
        ({"name": "@SUM"}, "名称", "不能以"),
        ({"address": "-2+3"}, "地址", "不能以“-”开头"),
        ({"trade": "赌场"}, "行业", "行业应为"),
        ({"division": "410622001001"}, "区划代码", "不在您的辖区"),
        ({"phone": "+8613800000000"}, "联系电话", "请填写手机"),
        ({"licence_date": "三月"}, "发照日期", "应为过去的日期"),
    ],
)
async def test_a_wrong_cell_is_told_by_row_and_column_and_the_choice_holds(
    app_client: httpx.AsyncClient, lin: Caller, facts: dict[str, str], column: str, said: str
) -> None:
    content = as_xlsx([a_row(1), a_row(2, **facts), a_row(3)])
    refused = await upload(app_client, lin, content, "x.xlsx")
    assert refused.status_code == 422
    assert f"第3行“{column}”" in refused.text
    assert said in refused.text
    assert await Merchant.all().count() == 0
    some = await upload(app_client, lin, content, "x.xlsx", "good")
    assert (some.status_code, "新增2家" in some.text, "1处有误" in some.text, said in some.text) == (
        200,
        True,
        True,
        True,
    )
    assert set(await Merchant.all().values_list("name", flat=True)) == {"表格店1", "表格店3"}


@pytest.mark.anyio
async def test_a_shop_of_another_area_is_neither_entered_nor_changed_nor_exported(
    app_client: httpx.AsyncClient, runtime: Runtime, lin: Caller
) -> None:
    shop = await a_shop(runtime, "hotel")
    await Account.filter(id=id_of(lin)).update(division="410622")
    away = await upload(app_client, lin, as_csv([a_row(9)]))
    assert (away.status_code, "不在您的辖区" in away.text) == (422, True)
    await Merchant.filter(id=shop.merchant.id).update(division="410622")
    await Account.filter(id=id_of(lin)).update(division=DIVISION)
    other = await upload(app_client, lin, as_csv([a_row(1, uscc=shop.merchant.uscc)]))
    assert (other.status_code, "登记在其他辖区" in other.text) == (422, True)
    assert shop.merchant.uscc not in (await read_page(app_client, lin, f"{SHEET}/export.csv")).text


@pytest.mark.anyio
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
async def test_an_export_comes_back_as_it_was_and_holds_no_formula(
    app_client: httpx.AsyncClient, runtime: Runtime, lin: Caller, kind: str
) -> None:
    shop = await a_shop(runtime, "hotel")
    await Merchant.filter(id=shop.merchant.id).update(status="closed", status_reason="=cmd()")
    answer = await read_page(app_client, lin, f"{SHEET}/export.{kind}")
    assert answer.headers["cache-control"] == "no-store"
    cells = read_cells(answer.content, f"x.{kind}")
    assert cells[0] == HEADER
    assert cells[1][-1] == "'=cmd()"
    assert not [cell for row in cells for cell in row if str(cell).startswith(FORMULA_STARTS)]
    again = await upload(app_client, lin, answer.content, f"x.{kind}")
    assert "新增0家,更新0家,未变1家" in again.text, again.text
    assert (await AuditEntry.get(action="merchant.sheet_exported")).detail == {"rows": 1, "kind": kind}


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (b"", "x.csv", "应有1"),
        (as_csv([]), "x.csv", "应有1"),
        (b"\xff\xfe\x00", "x.csv", "无法读取表格"),
        (b"PK nonsense", "x.xlsx", "请上传 xlsx"),
        (as_csv([a_row(1)], header=("名称",) * 7), "x.csv", "缺少列"),
    ],
)
async def test_what_is_no_sheet_is_refused_with_a_sentence(
    app_client: httpx.AsyncClient, lin: Caller, content: bytes, name: str, said: str
) -> None:
    answer = await upload(app_client, lin, content, name)
    assert (answer.status_code, said in answer.text) == (422, True), answer.text[-2000:]


@pytest.mark.anyio
async def test_an_opening_before_the_licence_of_the_sheet_is_told(
    app_client: httpx.AsyncClient, runtime: Runtime, lin: Caller
) -> None:
    shop: Shop = await a_shop(runtime, "hotel")
    await Merchant.filter(id=shop.merchant.id).update(licence_date="2020-01-01", opened_on="2020-02-01")
    answer = await upload(app_client, lin, as_csv([a_row(1, uscc=shop.merchant.uscc)]))
    assert (answer.status_code, "不能早于发照日期" in answer.text) == (422, True)


@pytest.mark.anyio
async def test_two_imports_at_once_enter_each_code_once(runtime: Runtime) -> None:
    content = as_csv([a_row(number) for number in range(1, 300)])
    who, now = Importer("command", "", whole_city()), runtime.clock.now()
    done = await asyncio.gather(*(import_sheet(runtime, content, "x.csv", who, mode="all", now=now) for _ in range(3)))
    assert await Merchant.all().count() == await MerchantChange.all().count() == 299
    assert sum(one.added for one in done) == 299
    assert sum(one.unchanged for one in done) == 598


def test_the_command_prints_the_first_error_at_once_and_takes_the_good_rows(
    city_sheet: tuple[Instance, Path],
) -> None:
    instance, path = city_sheet
    said = instance.run_and_hear("merchant", "import", str(path), "--rows", "good")
    assert said.index("第3行“行业”") < said.index("enter"), "told while reading, before anything is entered"
    assert "2 added, 0 changed, 0 as they were, 1 errors" not in said, "the summary is on standard output"
    assert "0 added, 0 changed, 2 as they were, 1 errors" in instance.run(
        "merchant", "import", str(path), "--rows", "good"
    )
    exported = path.with_name("out.csv")
    assert "2 merchants written" in instance.run("merchant", "export", str(exported))
    with exported.open(encoding="utf-8-sig", newline="") as file:
        assert [row["名称"] for row in csv.DictReader(file)] == ["表格店1", "表格店3"]


@pytest.fixture
def city_sheet(database_url: str, tmp_path: Path) -> Any:
    path = tmp_path / "shops.xlsx"
    path.write_bytes(as_xlsx([a_row(1), a_row(2, trade="赌场"), a_row(3)]))
    with Instance(tmp_path, database_url) as instance:
        yield instance, path


def test_an_export_needs_a_name_that_says_its_kind() -> None:
    answer = CliRunner().invoke(main, ["merchant", "export", "shops.doc"])
    assert (answer.exit_code, ".xlsx or .csv" in answer.output) == (1, True)


CELL = st.one_of(
    st.text(max_size=30),
    st.sampled_from(["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", "'=1", "2020-03-08", "2020年3月8日", "餐饮", DIVISION]),
    st.none(),
    st.floats(allow_nan=True),
    st.integers(),
    st.dates(),
)


@given(st.lists(st.lists(CELL, max_size=9), min_size=1, max_size=6))
def test_whatever_stands_in_a_sheet_ends_as_rows_or_errors_and_no_row_is_a_formula(lines: list[list[object]]) -> None:
    heard: list[RowError] = []
    sheet = read_sheet(
        [list(COLUMNS), *lines], today=TODAY, is_ours=lambda _: True, on_error=heard.append, progress=lambda _: None
    )
    assert heard == sheet.errors
    for row in sheet.rows:
        assert not [text for value in row.values.values() if (text := written(value)).startswith(FORMULA_STARTS)]


@given(st.sampled_from(sorted(FIELDS)), st.text(max_size=40))
def test_a_field_that_is_read_is_written_and_read_again_as_it_was(name: str, text: str) -> None:
    value: Value = None
    with suppress(InvalidField):
        value = read_field(name, text, today=TODAY)
    if value is not None:
        assert read_field(name, written(value), today=TODAY) == value


@given(st.text(max_size=20))
def test_no_exported_cell_begins_a_formula(text: str) -> None:
    assert not inert(text).startswith(FORMULA_STARTS)
