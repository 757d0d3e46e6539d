"""Staff × every route of theirs: what lies in another's area is not shown, not found and not changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from litestar import Litestar
from support.areas import MARK, TABLES, Seeded, all_roles, dump, seed_community
from support.lists import COLUMNS, csv_sheet, person
from support.people import Caller, form_token
from support.promises import a_picture
from support.routes import Route, routes_of
from tortoise import Tortoise

from xinyi_platform.divisions import communities
from xinyi_platform.principals import Staff
from xinyi_platform.runtime import Runtime
from xinyi_platform.tenancy import Bound

pytestmark = pytest.mark.anyio

HOME = "410611001001"
OUTSIDE = {"the next community": "410611001002", "the next street": "410611002", "another district": "410602",
           "a community of another district": "410602001001", "no division at all": ""}  # fmt: skip
INSIDE = {"the community": HOME, "its street": "410611001", "its district": "410611", "the city": "410600"}

# What is the whole city's although staff of a part of it come here, and why. Everything else is an area's, or is
# guarded with `city=True`.
CITY_WIDE = {
    "GET /console/counters": "a counter serves whoever comes, and shows numbers and codes, no names",
    "POST /console/counters": "the same",
    "GET /console/fairs": "a fair is the city's; a ticket is read at the gate",
    "POST /console/fairs": "the same",
}
# What names no single thing of an area, so that it cannot be told by a mark.
NAMES_NOTHING = {
    "GET /console/figures": "numbers of the area, which its own test holds",
    "GET /console/figures/sheet": "the same",
    "GET /console/support": "numbers by policy; a shop only by its code, which its own test holds",
    "GET /staff/v1/policies/held": "numbers in force; for a division elsewhere a 404, which its own test holds",
    "GET /console/lists/template.xlsx": "an empty template",
    "GET /console/lists/new": "an empty form",
    "GET /console/lists/uploads/{upload_id:uuid}": "a sheet is of whoever sent it alone",
    "GET /console/lists/uploads/{upload_id:uuid}/verdicts.xlsx": "the same",
    "GET /staff/v1/list-uploads/{upload_id:uuid}": "the same",
    "GET /staff/v1/list-uploads/{upload_id:uuid}/faults": "the same",
    "GET /console/mirrored/new": "an empty form",
    "GET /console/merchants/sheet": "the columns of a sheet",
    "GET /console/risk-classes/rules": "the model in force",
    "GET /console": "numbers of what waits; its cards are of other pages",
}
# What only the receiver of a thing does, whatever her area.
RECEIVERS = {
    "POST /console/recalls/{recall_id:uuid}/acknowledge": "who exported an entry says that it is deleted",
    "POST /console/lists/uploads/{upload_id:uuid}": "who sent a sheet decides what becomes of it",
    "POST /staff/v1/list-uploads/{upload_id:uuid}/decide": "the same",
}
LAST = (
    "POST /console/lists/{list_id:uuid}/refuse",
    "POST /staff/v1/honor-lists/{list_id:uuid}/refuse",
)
"""Acts that leave nothing of what the others act on."""
# Right in itself, so that only the area stands in the way. By route, or by the last part of its path.
Body = dict[str, Any]
A_CAMPAIGN: Body = {
    "division": HOME,
    "title": "体检月",
    "why": "感谢邻里",
    "kinds": ["red-good-neighbour"],
    "scenario": "checkup",
    "first_on": "2026-11-24",
    "last_on": "2026-12-24",
    "units": 5,
    "budget_fen": 100_000,
}
JSON: dict[str, Body] = {
    "POST /staff/v1/complaints/{complaint_id:uuid}": {"act": "accept"},
    "POST /staff/v1/complaints/{complaint_id:uuid}/mark": {"reason": "多次虚构同一事实。"},
    "POST /staff/v1/merchants/{merchant_id:uuid}/status": {"status": "closed", "reason": "已停业。"},
    "POST /staff/v1/merchant-changes/{change_id:uuid}": {"is_confirmed": True},
    "POST /staff/v1/merchant-applications/{application_id:uuid}": {"is_confirmed": True},
    "POST /staff/v1/complaint-marks/{mark_id:uuid}": {"act": "uphold", "reason": "多次虚构同一事实。"},
    "POST /staff/v1/public-answers/{answer_id:uuid}": {"is_shown": True},
    "POST /staff/v1/guardianships/{guardianship_id:uuid}/decide": {"verdict": "confirm", "reason": "户口簿"},
    "POST /staff/v1/objections/{objection_id:uuid}/decide": {"verdict": "uphold", "reason": "登记有误"},
    "POST /staff/v1/honor-lists/{list_id:uuid}/send-back": {"comment": "请更正"},
    "POST /staff/v1/honor-lists/single": {
        "kind": "red-good-neighbour",
        "title": "好人榜",
        "name": "王小丽",
        "number": person(9_108)[1],
        "deed": "助人",
    },
    "POST /staff/v1/honor-lists/{list_id:uuid}/entries": {
        "name": "王小丽",
        "number": person(9_107)[1],
        "deed": "助人",
    },
    "DELETE /staff/v1/honor-lists/{list_id:uuid}/entries/{entry_id:uuid}": {},
    "POST /staff/v1/support/{support_id:uuid}/uses": {"amount_fen": 100, "reference": "SC-1"},
    "POST /staff/v1/support/uses/{use_id:uuid}/reverse": {"reason": "金额录错"},
    "POST /staff/v1/honor-lists/{list_id:uuid}/comments": {"comment": "请核对。"},
    "POST /staff/v1/honor-lists/{list_id:uuid}/submit": {},
    "POST /staff/v1/honor-lists/{list_id:uuid}/withdraw": {},
    "POST /staff/v1/honor-lists/{list_id:uuid}/approve": {"turn": 1},
    "POST /staff/v1/honor-lists/{list_id:uuid}/refuse": {"comment": "不予采纳"},
    "POST /staff/v1/honor-entries/{entry_id:uuid}/revocations": {"reason": "登记有误"},
    "POST /staff/v1/revocations/{revocation_id:uuid}/decide": {"verdict": "confirm", "reason": "经核实"},
    "POST /staff/v1/list-uploads/{upload_id:uuid}/decide": {"choice": "discard"},
    "POST /staff/v1/policies/{policy_id:uuid}": {"act": "approve"},
    "POST /staff/v1/policies/proposals": {
        "division": HOME,
        "topic": "list_kind",
        "key": "red-volunteer",
        "parameter": "reviews",
        "value": 2,
        "in_force_from": "2026-12-01",
        "reason": "从严复核。",
    },
    "POST /staff/v1/campaigns": A_CAMPAIGN,
    "PUT /staff/v1/campaigns/{campaign_id:uuid}": A_CAMPAIGN,
    "POST /staff/v1/campaigns/{campaign_id:uuid}/submit": {},
    "POST /staff/v1/campaigns/{campaign_id:uuid}/withdraw": {},
    "POST /staff/v1/campaigns/{campaign_id:uuid}/approve": {},
    "POST /staff/v1/campaigns/{campaign_id:uuid}/send-back": {"comment": "请更正"},
    "POST /staff/v1/campaigns/{campaign_id:uuid}/stop": {"reason": "资金调整"},
    "POST /staff/v1/inspection-draws": {"number": 3},
    "POST /staff/v1/repair-requests/{request_id:uuid}": {"act": "pass_on", "document": "XY-1"},
    "POST /staff/v1/deferrals/{deferral_id:uuid}": {"act": "refuse", "reason": "不符合条件"},
    "POST /staff/v1/honor-lists/mirrored": {"kind": "black-enforcement", "subject_kind": "resident"},
}
A_CASE: Body = {"title": "拾金不昧的故事", "body": "在广场上捡到两万元,她在原地等了一个小时,直到失主赶来。"}
FORMS: dict[str, Body] = {
    "POST /console/guardianships/{guardianship_id:uuid}": {"act": "accept", "reason": "户口簿"},
    "POST /console/merchants/{merchant_id:uuid}/invite": {"invitee": "店主"},
    "POST /console/merchants/{merchant_id:uuid}/status": {"status": "closed", "reason": "已停业。"},
    "POST /console/merchants/waiting/sign-ups/{application_id:uuid}": {"act": "confirm"},
    "POST /console/merchants/waiting/changes/{change_id:uuid}": {"act": "confirm"},
    "POST /console/sticker-warnings/{warning_id:uuid}/settle": {"note": "已去现场核查。"},
    "POST /console/complaints/{complaint_id:uuid}": {"act": "accept"},
    "POST /console/complaints/{complaint_id:uuid}/mark": {"text": "多次虚构同一事实。"},
    "POST /console/complaints/decisions/answers/{answer_id:uuid}": {"act": "show"},
    "POST /console/complaints/decisions/marks/{mark_id:uuid}": {"act": "uphold", "reason": "多次虚构同一事实。"},
    "POST /console/lists/single": {
        "kind": "red-good-neighbour",
        "title": "好人榜",
        "name": "王小丽",
        "number": person(9_109)[1],
        "deed": "助人",
    },
    "POST /console/lists/{list_id:uuid}/entries": {"name": "王小丽", "number": person(9_107)[1], "deed": "助人"},
    "POST /console/lists/{list_id:uuid}/entries/{entry_id:uuid}/remove": {},
    "POST /console/cases": {
        "title": "拾金不昧的故事",
        "body": "在广场上捡到两万元现金,她在原地等了一个小时,直到失主赶来取走。",
    },
    "POST /console/cases/{case_id:uuid}": {"act": "submit"},
    "POST /console/cases/{case_id:uuid}/text": {
        "title": "拾金不昧的故事",
        "body": "在广场上捡到两万元现金,她在原地等了一个小时,直到失主赶来取走。",
    },
    "POST /console/cases/{case_id:uuid}/people/{person_id:uuid}": {"act": "remove"},
    "POST /console/cases/{case_id:uuid}/pictures/{case_picture_id:uuid}": {},
    "POST /console/cases/{case_id:uuid}/review": {"act": "publish"},
    "POST /console/campaigns": {"division": HOME, "title": "体检月"},
    "POST /console/campaigns/{campaign_id:uuid}": {"act": "withdraw"},
    "POST /console/campaigns/{campaign_id:uuid}/plan": {
        "division": HOME,
        "title": "体检月",
        "why": "感谢邻里",
        "kinds": "red-good-neighbour",
        "scene": "checkup",
        "first_on": "2026-11-24",
        "last_on": "2026-12-24",
        "units": "5",
        "budget": "1000",
    },
    "POST /console/campaigns/{campaign_id:uuid}/review": {"act": "approve"},
    "POST /console/campaigns/{campaign_id:uuid}/stop": {"reason": "资金调整"},
    "POST /console/gatherings": {"division": HOME, "title": "宣讲"},
    "POST /console/gatherings/{gathering_id:uuid}": {"act": "cancel", "reason": "下雨"},
    "POST /console/help/sessions": {"division": HOME, "title": "培训"},
    "POST /console/help/sessions/{training_id:uuid}": {"act": "cancel", "reason": "讲师生病"},
    "POST /console/help/agency/{agency_id:uuid}": {"act": "take"},
    "POST /console/support/{support_id:uuid}/uses": {"amount": "1", "reference": "SC-2"},
    "POST /console/support/uses/{use_id:uuid}/reverse": {"reason": "金额录错"},
    "POST /console/lists/{list_id:uuid}/comment": {"reason": "请核对。"},
    "POST /console/entries/{entry_id:uuid}/letter": {"sent_on": "2026-11-23", "tracking": "XA0001"},
    "POST /console/lists/{list_id:uuid}/submit": {},
    "POST /console/lists/{list_id:uuid}/withdraw": {},
    "POST /console/lists/{list_id:uuid}/approve": {"turn": "1"},
    "POST /console/lists/{list_id:uuid}/refuse": {"reason": "不予采纳"},
    "POST /console/entries/{entry_id:uuid}/revocation": {"reason": "登记有误"},
    "POST /console/revocations/{revocation_id:uuid}": {"verdict": "confirm", "reason": "经核实"},
    "POST /console/lists/uploads/{upload_id:uuid}": {"choice": "discard"},
    "POST /console/lists/{list_id:uuid}/send-back": {"reason": "请更正"},
    "POST /console/objections/{objection_id:uuid}": {"verdict": "uphold", "reason": "登记有误"},
    "POST /console/policies/{policy_id:uuid}": {"act": "approve"},
    "POST /console/policies/proposals": {
        "division": HOME,
        "topic": "list_kind",
        "what": "red-volunteer:reviews",
        "value": "2",
    },
    "POST /console/risk-classes/draws": {"number": "3"},
    "POST /console/repairs/{request_id:uuid}": {"act": "pass_on", "document": "XY-1"},
    "POST /console/deferrals/{deferral_id:uuid}": {"act": "refuse", "reason": "不符合条件"},
    "POST /console/recalls/{recall_id:uuid}/acknowledge": {},
    "POST /console/recalls/sheet": {"kind": "red-good-neighbour"},
    "POST /console/mirrored/new": {"kind": "black-enforcement"},
}


def body_of(route: Route, seeded: Seeded, area: str = HOME) -> Body | None:
    """Return what staff of an area send to a route; None where nothing is listed for it.

    The sheets name the seeded shop, and would have it in the area.
    """
    place = next((code for code in communities() if code.startswith(area[:6])), HOME)
    if route.name in JSON:
        return {"json": JSON[route.name]}
    if route.name in FORMS:
        return {"data": FORMS[route.name]}
    uscc = seeded.shop.merchant.uscc
    shop = ("统一社会信用代码,名称,行业,区划代码,地址,联系电话,发照日期",
            f"{uscc},改名,餐饮,{place},示范路2号,0392-5550002,2020-01-01")  # fmt: skip
    inspection = ("统一社会信用代码,检查日期,类别,结果,检查机关,文书号", f"{uscc},2026-11-20,食品,不合格,某局,某号")
    sheets: dict[str, tuple[Body, tuple[str, bytes, str]]] = {
        "POST /console/merchants/sheet": ({"rows": "good"}, _csv(*shop)),
        "POST /console/risk-classes/inspections": ({}, _csv(*inspection)),
        "POST /staff/v1/honor-lists/check": ({"kind": "red-good-neighbour"}, csv_sheet([person(9_103)], COLUMNS)),
        "POST /staff/v1/honor-lists": (
            {"kind": "red-good-neighbour", "title": "好人榜"}, csv_sheet([person(9_104)], COLUMNS)),
        "POST /staff/v1/list-uploads": (
            {"kind": "red-good-neighbour", "title": "好人榜"}, csv_sheet([person(9_106)], COLUMNS)),
        "POST /console/lists/new": (
            {"kind": "red-good-neighbour", "title": "好人榜"}, csv_sheet([person(9_105)], COLUMNS)),
    }  # fmt: skip
    if route.name == "POST /console/entries/{entry_id:uuid}/documents":
        return {"data": {}, "files": {"documents": ("page.jpg", a_picture(), "image/jpeg")}}
    if route.name == "POST /console/help/agency/{agency_id:uuid}/draft":
        return {"data": {"statement": "已还清欠款。"}, "files": {"papers": ("page.jpg", a_picture(), "image/jpeg")}}
    if route.name == "POST /console/cases/{case_id:uuid}/people":
        return {"data": {"name": "王小丽"}, "files": {"paper": ("page.jpg", a_picture(), "image/jpeg")}}
    if route.name == "POST /console/cases/{case_id:uuid}/people/{person_id:uuid}/paper":
        return {"data": {"signer": "self"}, "files": {"paper": ("page.jpg", a_picture(), "image/jpeg")}}
    if route.name == "POST /console/cases/{case_id:uuid}/pictures":
        return {"data": {"alt": "一条街"}, "files": {"picture": ("page.jpg", a_picture(), "image/jpeg")}}
    if route.name in sheets:
        fields, sheet = sheets[route.name]
        return {"data": fields, "files": {"sheet": sheet}}
    return None


def _csv(*lines: str) -> tuple[str, bytes, str]:
    return "sheet.csv", "\n".join(lines).encode("utf-8-sig"), "text/csv"


@dataclass
class World:
    app: Litestar
    client: httpx.AsyncClient
    seeded: Seeded
    csrf: str

    def routes(self) -> list[Route]:
        """Return the routes that staff of a part of the city may use."""
        found = [route for route in routes_of(self.app) if Staff in route.guards[0].kinds]
        return [route for route in found if not route.guards[0].city and route.name not in CITY_WIDE]

    async def call(self, route: Route, who: Caller) -> httpx.Response:
        area = who.name.removeprefix("staff of ")
        sent = (body_of(route, self.seeded, area) if route.method != "GET" else None) or {}
        headers = {**who.headers(csrf=self.csrf), "Idempotency-Key": "one-key"}
        return await self.client.request(route.method, route.fill(**self.seeded.named), headers=headers, **sent)


@pytest.fixture
async def world(app: Litestar, app_client: httpx.AsyncClient, runtime: Runtime) -> World:
    seeded = await seed_community(runtime, HOME, a_picture())
    csrf = await form_token(app_client)
    app_client.cookies.clear()
    return World(app, app_client, seeded, csrf)


async def test_every_route_of_staff_is_an_areas_or_says_why_not(world: World) -> None:
    names = {route.name for route in routes_of(world.app) if Staff in route.guards[0].kinds}
    assert set(CITY_WIDE) | set(NAMES_NOTHING) | set(JSON) | set(FORMS) <= names
    for route in world.routes():
        unknown = set(route.parameters) - set(world.seeded.named)
        assert not unknown, f"{route.name}: seed one of these in support/areas.py: {unknown}"
        assert route.method == "GET" or body_of(route, world.seeded) is not None, f"{route.name}: say what it is sent"


async def test_one_of_everything_that_lies_in_an_area_is_seeded(world: World) -> None:
    bound = {model for model in Tortoise.apps["models"].values() if isinstance(model._meta.manager, Bound)}
    assert bound == set(TABLES)
    assert all((await dump()).values())


@pytest.mark.parametrize("area", OUTSIDE)
async def test_staff_of_elsewhere_see_nothing_find_nothing_and_change_nothing(
    world: World, runtime: Runtime, area: str
) -> None:
    stranger, before, wrong = await all_roles(runtime, OUTSIDE[area]), await dump(), []
    held = {table: {row["id"] for row in rows} for table, rows in before.items()}
    for route in world.routes():
        answer = await world.call(route, stranger)
        if route.parameters and answer.status_code != 404:
            wrong.append(f"{route.name} → {answer.status_code}: {answer.text[:200]}")
        if answer.status_code >= 500:
            wrong.append(f"{route.name} → {answer.status_code}")
        asked_for = set() if not route.parameters else set(world.seeded.named.values())
        shown = [text for text in {MARK, *world.seeded.ids} - asked_for if text in answer.text]
        if shown:
            wrong.append(f"{route.name} shows {shown}")
    assert not wrong
    after = await dump()
    assert {table: [row for row in rows if row["id"] in held[table]] for table, rows in after.items()} == before


@pytest.mark.parametrize("area", INSIDE)
async def test_staff_of_the_area_and_of_what_it_lies_in_see_all_of_it(
    world: World, runtime: Runtime, area: str
) -> None:
    """So nothing above is empty: whatever is found nowhere else is found here, by the same requests."""
    own, blind = await all_roles(runtime, INSIDE[area]), []
    for route in world.routes():
        if route.method != "GET" or route.name in NAMES_NOTHING:
            continue
        answer = await world.call(route, own)
        seen = any(text in answer.text for text in (MARK, *world.seeded.ids))
        is_file = not answer.headers["content-type"].startswith(("text/", "application/json"))
        if answer.status_code != 200 or not (seen or is_file):
            blind.append(f"{route.name} → {answer.status_code}")
    assert not blind


@pytest.mark.parametrize("area", INSIDE)
async def test_staff_of_the_area_reach_each_act(world: World, runtime: Runtime, area: str) -> None:
    """What the acts are sent is right: here they do something, or the state of the thing forbids it."""
    own, wrong = await all_roles(runtime, INSIDE[area]), []
    for route in sorted(world.routes(), key=lambda route: route.name in LAST):
        if route.method == "GET" or not route.parameters or route.name in RECEIVERS:
            continue
        answer = await world.call(route, own)
        if answer.status_code not in (200, 201, 204, 303, 403, 409):
            wrong.append(f"{route.name} → {answer.status_code} {answer.text[:200]}")
    assert not wrong


async def test_what_is_the_whole_citys_is_closed_to_staff_of_a_part(world: World, runtime: Runtime) -> None:
    district = await all_roles(runtime, "410611")
    for route in routes_of(world.app):
        if Staff in route.guards[0].kinds and route.guards[0].city:
            answer = await world.client.request(
                route.method, route.fill(**world.seeded.named), headers=district.headers(csrf=world.csrf)
            )
            assert answer.status_code == 403, route.name
