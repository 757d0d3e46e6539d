"""Honor lists as a community makes them: sheets, and a list on its way from draft to the public page."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import httpx
import xlsxwriter
from support.people import Caller, form_token

from xinyi_platform.identity.seeding import synthetic_identity_number

COLUMNS = ("姓名", "身份证号", "事迹")
NO_NOTICE, WITH_NOTICE = "red-good-neighbour", "red-volunteer"
Row = tuple[str, str, str]
WHOLE: dict[str, Any] = {
    "kind": "black-enforcement",
    "subject_kind": "resident",
    "name": "王小丽",
    "number": synthetic_identity_number(1),
    "fact": "有履行能力而拒不履行(演示)",
    "authority": "演示市人民法院",
    "document_no": "(2026)演0600执0001号",
    "legal_basis": "《中华人民共和国民事诉讼法》",
    "grade": "ordinary",
    "determined_on": "2026-11-01",
    "notified_on": "2026-11-10",
    "objection_until": "2026-11-20",
}
"""A decision to mirror with all that it needs: ordinary, told ten days ago, its term to object over."""


def person(number: int, name: str = "王小丽", deed: str = "照护独居老人两年") -> Row:
    """One row of a sheet about the synthetic resident of that number."""
    return name, synthetic_identity_number(number), deed


def csv_sheet(rows: Sequence[Row], columns: Sequence[str] = COLUMNS) -> tuple[str, bytes, str]:
    lines = [",".join(columns), *(",".join(row) for row in rows)]
    return "list.csv", "\n".join(lines).encode("utf-8-sig"), "text/csv"


def xlsx_sheet(rows: Sequence[Row], columns: Sequence[str] = COLUMNS) -> tuple[str, bytes, str]:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for place, row in enumerate([columns, *rows]):
            for column, text in enumerate(row):
                sheet.write_string(place, column, text)
    return "list.xlsx", out.getvalue(), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


async def act(
    client: httpx.AsyncClient,
    who: Caller,
    path: str,
    body: object = None,
    *,
    form: dict[str, str] | None = None,
    sheet: tuple[str, bytes, str] | None = None,
) -> httpx.Response:
    """POST to the staff's API in somebody's session; a list is approved as it was first handed in."""
    if body is None and path.endswith("/approve"):
        body = {"turn": 1}
    client.cookies.clear()
    token = await form_token(client)
    client.cookies.clear()
    files = {"sheet": sheet} if sheet else None
    headers = who.headers(csrf=token)
    if form is not None:
        return await client.post(f"/staff/v1{path}", headers=headers, data=form, files=files)
    return await client.post(f"/staff/v1{path}", headers=headers, json=body)


async def look(client: httpx.AsyncClient, who: Caller, path: str) -> httpx.Response:
    """GET from the staff's API in somebody's session."""
    client.cookies.clear()
    return await client.get(f"/staff/v1{path}", headers=who.headers())


async def search(client: httpx.AsyncClient, name: str = "王小丽", number: int = 1) -> list[dict[str, Any]]:
    """What anybody finds by a synthetic person's exact name and last four characters."""
    who = {"name": name, "last_four": synthetic_identity_number(number)[-4:]}
    answer = await client.post("/api/v1/honor-lists/search", json=who)
    assert answer.status_code == 200
    found: list[dict[str, Any]] = answer.json()
    return found


async def make(
    client: httpx.AsyncClient, maker: Caller, rows: Sequence[Row], *, kind: str = NO_NOTICE, title: str = "好人榜"
) -> UUID:
    """Make a draft and return its id."""
    made = await act(client, maker, "/honor-lists", form={"kind": kind, "title": title}, sheet=csv_sheet(rows))
    assert made.status_code == 201, made.text
    return UUID(made.json()["id"])


async def approve(client: httpx.AsyncClient, maker: Caller, reviewer: Caller, made: UUID) -> None:
    """Hand a draft in and approve it."""
    assert (await act(client, maker, f"/honor-lists/{made}/submit")).status_code == 200
    approved = await act(client, reviewer, f"/honor-lists/{made}/approve")
    assert approved.status_code == 200, approved.text
