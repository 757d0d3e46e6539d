"""Every route says who may call it, and nobody else gets in: role × route × nobody's objects."""

from __future__ import annotations

from dataclasses import replace

import httpx
import pytest
from litestar import Litestar
from support.people import CITY, Caller, a_member_of_staff, a_partner, a_resident, an_operator, form_token
from support.promises import a_picture
from support.routes import Route, routes_of
from support.scenes import a_shop

from xinyi_merchants.operators.roles import DUTIES
from xinyi_merchants.registry.models import MerchantOperator
from xinyi_platform.identity.seeding import synthetic_identity_number
from xinyi_platform.principals import Allow, Duty, Operator, Partner, Resident, Role, Staff
from xinyi_platform.runtime import Runtime

pytestmark = pytest.mark.anyio

SCOPES = ("redemptions", "orders", "webhooks", "commitments", "referrals", "passes", "fairs", "lists")
# Who is at home under which path; what is open to everybody is listed one by one below.
HOMES: dict[str, type] = {
    "/app": Resident,
    "/api/v1/": Resident,
    "/portal": Operator,
    "/console": Staff,
    "/staff/": Staff,
    "/partner/": Partner,
}
PUBLIC = {
    "GET /",
    "GET /.well-known/jwks.json",
    "GET /M/{code:str}",
    "GET /M/{code:str}/picture",
    "GET /api/v1/consent-purposes",
    "GET /api/v1/honest-merchants",
    "GET /api/v1/honor-list-snapshots/{kind:str}",
    "GET /api/v1/honor-lists",
    "GET /api/v1/honor-lists/{kind:str}/entries",
    "GET /api/v1/merchants/{code:str}",
    "GET /api/v1/risk-model",
    "GET /api/v1/scenarios",
    "GET /api/v1/scenarios/{slug:str}",
    "GET /app/sign-in",
    "GET /console/sign-in",
    "GET /favicon.ico",
    "GET /health/live",
    "GET /health/ready",
    "GET /honest-merchants",
    "GET /lists",
    "GET /lists/{kind:str}",
    "GET /api/v1/sticker-snapshots/{district:str}",
    "GET /m/complaints",
    "GET /m/complaints/rules",
    "GET /m/offline",
    "GET /m/offline/{name:str}",
    "GET /m/scan",
    "GET /m/{code:str}",
    "GET /m/{code:str}/certificate",
    "GET /m/{code:str}/complain",
    "GET /m/{code:str}/complain/{number:str}",
    "GET /m/{code:str}/picture",
    "GET /metrics",
    "GET /portal/invitations/{token:str}",
    "GET /portal/sign-in",
    "GET /recommended-shops",
    "GET /campaigns",
    "GET /api/v1/campaigns",
    "GET /cases",
    "GET /cases/{case_id:uuid}",
    "GET /cases/{case_id:uuid}/pictures/{case_picture_id:uuid}",
    "GET /api/v1/cases",
    "GET /api/v1/cases/{case_id:uuid}",
    "GET /open-data",
    "GET /open-data/{file_name:str}",
    "GET /api/v1/open-data/{dataset:str}",
    "GET /api/v1/promoted-merchants",
    "GET /portal/sign-up",
    "GET /portal/sign-up/{token:str}",
    "GET /api/v1/precheck/questions",
    "GET /precheck",
    "GET /problems",
    "GET /problems/{code:str}",
    "GET /robots.txt",
    "GET /schema",
    "GET /schema/openapi.json",
    "GET /schema/{path:str}",
    "GET /static/{name:path}",
    "POST /api/v1/auth/logout",
    "POST /api/v1/auth/otp",
    "POST /api/v1/auth/refresh",
    "POST /api/v1/auth/token",
    "POST /api/v1/honor-lists/search",
    "POST /api/v1/precheck",
    "POST /app/sign-in",
    "POST /app/sign-in/code",
    "POST /app/sign-out",
    "POST /console/sign-in",
    "POST /console/sign-out",
    "POST /honest-merchants/objections",
    "POST /language",
    "POST /lists/search",
    "POST /m/complaints",
    "POST /m/{code:str}/complain",
    "POST /partner/v1/token",
    "POST /portal/invitations/{token:str}",
    "POST /portal/sign-in",
    "POST /portal/sign-out",
    "POST /portal/sign-up",
    "POST /precheck",
}
# What is right in itself, so that only the object is missing: one form with the fields of all of them, and a JSON
# document for each act that needs one.
FORM = {"text": "我们已更换商品。", "reason": "登记有误", "verdict": "upheld", "name": "王小丽", "next": "/app"}
WITH_PAPERS = {"statement": "已全部履行。", "signed": "2026-1"}
REASON = {"reason": "登记有误"}
"""What the forms with files are sent, so that also there only the object is missing."""
ACTS = {"/app": "confirm", "/portal": "answer", "/console": "accept"}
MULTIPART = {
    "POST /api/v1/me/objections/{objection_id:uuid}/documents",
    "POST /app/honors/{entry_id:uuid}/object",
    "POST /portal/listings/{entry_id:uuid}/object",
    "POST /console/entries/{entry_id:uuid}/documents",
    "POST /api/v1/me/honors/{entry_id:uuid}/repair/with-papers",
    "POST /app/repairs/{entry_id:uuid}",
    "POST /portal/repairs/{entry_id:uuid}",
}
A_CAMPAIGN: dict[str, object] = {
    "division": "410611001001",
    "title": "体检月",
    "why": "感谢邻里",
    "kinds": ["red-good-neighbour"],
    "scenario": "checkup",
    "first_on": "2026-11-24",
    "last_on": "2026-12-24",
    "units": 5,
    "budget_fen": 100_000,
}
DOCUMENTS: dict[str, dict[str, object]] = {
    "POST /staff/v1/complaints/{complaint_id:uuid}": {"act": "accept"},
    "POST /staff/v1/complaints/{complaint_id:uuid}/mark": {"reason": "多次虚构同一事实。"},
    "POST /staff/v1/merchants/{merchant_id:uuid}/status": {"status": "closed", "reason": "已停业。"},
    "POST /staff/v1/merchant-changes/{change_id:uuid}": {"is_confirmed": True},
    "POST /staff/v1/merchant-applications/{application_id:uuid}": {"is_confirmed": True},
    "POST /staff/v1/policies/{policy_id:uuid}": {"act": "approve"},
    "POST /staff/v1/inspection-draws": {"number": 3},
    "PUT /staff/v1/campaigns/{campaign_id:uuid}": A_CAMPAIGN,
    "POST /staff/v1/campaigns": A_CAMPAIGN,
    "POST /staff/v1/campaigns/{campaign_id:uuid}/send-back": {"comment": "请更正"},
    "POST /staff/v1/campaigns/{campaign_id:uuid}/stop": {"reason": "资金调整"},
    "POST /staff/v1/complaint-marks/{mark_id:uuid}": {"act": "uphold", "reason": "多次虚构同一事实。"},
    "POST /staff/v1/public-answers/{answer_id:uuid}": {"is_shown": True},
    "POST /api/v1/complaints/{complaint_id:uuid}/acts": {"act": "withdraw"},
    "POST /api/v1/complaints/{complaint_id:uuid}/appeal": {"text": "我说的是事实。"},
    "POST /partner/v1/redemptions/{redemption_id:uuid}/reverse": {"reason": "顾客退货"},
    "POST /partner/v1/orders/{order_id:uuid}/complete": {"amount_fen": 100},
    "POST /partner/v1/orders/{order_id:uuid}/modify": {"amount_fen": 100, "reason": "减免"},
    "POST /partner/v1/orders/{order_id:uuid}/revoke": {"reason": "车辆故障"},
    "POST /partner/v1/orders/{order_id:uuid}/sync": {"paid_at": "2026-11-23T02:00:00Z"},
    "POST /api/v1/entitlements/{entitlement_id:uuid}/passes": {"counter": "north", "day": "2026-11-24"},
    "POST /api/v1/entitlements/{entitlement_id:uuid}/fair-ticket": {"day": "2026-11-28", "slot": "morning"},
    "POST /partner/v1/fairs/{scenario:str}/scans": {
        "scans": [
            {
                "id": "00000000-0000-7000-8000-000000000001",
                "gate": "east",
                "code": "0000000000",
                "scanned_at": "2026-11-28T01:00:00Z",
            }
        ]
    },
    "POST /partner/v1/fairs/{scenario:str}/stamps": {"code": "0000-0000-0000", "booth": "quiz"},
    "POST /partner/v1/fairs/{scenario:str}/prizes": {"code": "0000-0000-0000", "prize": "bag"},
    "POST /partner/v1/passes/call": {"scenario": "permit", "counter": "north"},
    "POST /partner/v1/passes/check-in": {"code": "0000-0000-0000"},
    "POST /partner/v1/passes/{pass_id:uuid}/serve": {"unpaid_fen": 0},
    "POST /api/v1/entitlements/{entitlement_id:uuid}/commitment": {"digest": "0" * 64, "agree": True},
    "POST /partner/v1/commitments/{commitment_id:uuid}/extend": {"days": 5, "reason": "系统故障"},
    "POST /partner/v1/commitments/{commitment_id:uuid}/papers/{key:str}/refuse": {"reason": "缺页"},
    "POST /api/v1/entitlements/{entitlement_id:uuid}/referral": {
        "receiver": "00000000-0000-7000-8000-000000000001",
        "consent_version": 1,
        "agree": True,
    },
    "POST /partner/v1/referrals/{referral_id:uuid}/outcome": {"outcome": "accepted"},
    "POST /api/v1/me/honors/{entry_id:uuid}/objections": {"reason": "登记有误"},
    "POST /api/v1/me/honors/{entry_id:uuid}/repair": {"statement": "已全部履行。", "signed": "2026-1"},
    "POST /api/v1/me/honors/{entry_id:uuid}/repair/deferral": {
        "plan": "分三次还清。",
        "due_on": "2026-12-10",
        "signed": "2026-1",
    },
    "POST /api/v1/me/help/{entry_id:uuid}/agency": {
        "wish": "请帮忙准备材料。",
        "contact": "13800000001",
        "signed": "2026-1",
    },
    "POST /api/v1/me/help/{entry_id:uuid}/agency/return-draft": {"reason": "日期有误"},
    "POST /api/v1/me/help/{entry_id:uuid}/agency/confirm-draft": {"draft": 1, "signed": "2026-1"},
    "POST /staff/v1/repair-requests/{request_id:uuid}": {"act": "pass_on", "document": "XY-1"},
    "POST /staff/v1/deferrals/{deferral_id:uuid}": {"act": "refuse", "reason": "不符合条件"},
    "POST /staff/v1/deaths/{death_id:uuid}": {"act": "withdraw"},
    "POST /staff/v1/bureau-feed/{piece_id:uuid}": {"note": "已另行录入"},
    "POST /staff/v1/guardianships/{guardianship_id:uuid}/decide": {"verdict": "confirm", "reason": "户口簿"},
    "POST /staff/v1/objections/{objection_id:uuid}/decide": {"verdict": "uphold", "reason": "登记有误"},
    "POST /staff/v1/scene-changes/{change_id:uuid}/refuse": {"reason": "理由不足"},
    "POST /staff/v1/honor-lists/{list_id:uuid}/send-back": {"comment": "请更正"},
    "POST /staff/v1/honor-lists/{list_id:uuid}/refuse": {"comment": "不予采纳"},
    "POST /staff/v1/honor-lists/{list_id:uuid}/approve": {"turn": 1},
    "POST /staff/v1/honor-entries/{entry_id:uuid}/revocations": {"reason": "登记有误"},
    "POST /staff/v1/revocations/{revocation_id:uuid}/decide": {"verdict": "confirm", "reason": "经核实"},
    "POST /staff/v1/list-uploads/{upload_id:uuid}/decide": {"choice": "discard"},
    "POST /staff/v1/support/{support_id:uuid}/uses": {"amount_fen": 100, "reference": "SC-1"},
    "POST /staff/v1/support/uses/{use_id:uuid}/reverse": {"reason": "金额录错"},
    "POST /staff/v1/honor-lists/{list_id:uuid}/comments": {"comment": "请核对。"},
    "POST /staff/v1/honor-lists/{list_id:uuid}/entries": {
        "name": "王小丽",
        "number": synthetic_identity_number(9_001),
        "deed": "助人",
    },
    "POST /api/v1/me/cases/{person_id:uuid}/answers": {"verdict": "agree"},
    "POST /api/v1/me/gatherings/{gathering_id:uuid}/attendance": {"code": "7K2M9PQR"},
    "PUT /api/v1/me/honors/{entry_id:uuid}/name-form": {"form": "full"},
    "POST /staff/v1/honor-lists/mirrored": {"kind": "black-enforcement", "subject_kind": "resident"},
}


@pytest.fixture
async def callers(app: Litestar, runtime: Runtime) -> list[Caller]:
    """One of each kind, who own nothing; operators of no shop, and in each role at one."""
    return [
        Caller("anyone"),
        await a_resident(runtime),
        await a_partner(runtime, client_id="no-scope"),
        await a_partner(runtime, *SCOPES, client_id="all-scopes"),
        await an_operator(runtime),
        *[await _at_a_shop(runtime, role, number) for number, role in enumerate(DUTIES, 1)],
        await a_member_of_staff(runtime),
        *[await a_member_of_staff(runtime, role, division=CITY) for role in Role],
        *[await _of_a_district(runtime, role) for role in Role],
    ]


async def _of_a_district(runtime: Runtime, role: Role) -> Caller:
    name = f"district {role.value}"
    return await a_member_of_staff(runtime, role, username=name, division="410611")


async def _at_a_shop(runtime: Runtime, role: str, number: int) -> Caller:
    shop = await a_shop(runtime, "catering", number=number)
    await MerchantOperator.filter(account_id=shop.operator.id).update(role=role)
    return replace(shop.operator, name=role)


def may(caller: Caller, guard: Allow) -> bool:
    """Tell by the guard's words alone whether a caller has the right."""
    kinds = {kind.__name__.lower() for kind in guard.kinds}
    if caller.name == "anyone":
        return False
    if caller.name.startswith("partner"):
        return "partner" in kinds and (guard.scope is None or "no scope" not in caller.name)
    if caller.name == "resident":
        return "resident" in kinds
    if guard.city and caller.name.startswith("district"):
        return False
    if caller.name == "op" or caller.name in DUTIES:
        return "operator" in kinds and guard.duty in DUTIES.get(caller.name, ())
    role = caller.name.removeprefix("district ")
    return "staff" in kinds and (not guard.roles or role in {one.value for one in guard.roles})


async def test_every_route_carries_one_guard(app: Litestar) -> None:
    wrong = {
        route.name: route.guards
        for route in routes_of(app)
        if len(route.guards) != 1 or not isinstance(route.guards[0], Allow) or not route.guards[0].kinds
    }
    assert not wrong
    assert set(DOCUMENTS) | MULTIPART <= {route.name for route in routes_of(app)}


async def test_what_is_open_to_everybody_is_listed(app: Litestar) -> None:
    assert {route.name for route in routes_of(app) if route.is_public} == PUBLIC


async def test_every_other_route_is_for_whom_its_path_says(app: Litestar) -> None:
    wrong = {}
    for route in routes_of(app):
        home = next((kind for prefix, kind in HOMES.items() if route.path.startswith(prefix)), None)
        if not route.is_public and {home} != set(route.guards[0].kinds):
            wrong[route.name] = route.guards[0].kinds
    assert not wrong


async def test_every_staff_act_names_its_roles(app: Litestar) -> None:
    """The home and what every member of staff may see are listed."""
    open_to_all_staff = {"GET /console", "GET /console/tasks", "GET /staff/v1/tasks"}
    bare = {route.name for route in routes_of(app) if Staff in route.guards[0].kinds and not route.guards[0].roles}
    assert bare == open_to_all_staff


async def test_a_clerk_redeems_and_only_an_owner_sees_to_people_and_systems(app: Litestar) -> None:
    """What names no duty is for whoever runs the shop."""
    portal = [route for route in routes_of(app) if Operator in route.guards[0].kinds]
    by_duty = {duty: {route.path.split("/")[2] for route in portal if route.guards[0].duty is duty and
                      route.path != "/portal"} for duty in Duty}  # fmt: skip
    assert by_duty[Duty.TILL] == {"redeem", "redemptions", "shop"}
    assert by_duty[Duty.OWN] == {"commitment", "people", "webhooks"}
    assert {"shop", "complaints", "stickers", "scenes"} <= by_duty[Duty.RUN]
    till = {route.name for route in portal if route.guards[0].duty is Duty.TILL and "/shop" in route.path}
    assert till == {"GET /portal/shop", "GET /portal/shop/picture"}


async def test_every_partner_act_names_its_scope(app: Litestar) -> None:
    scopes = {route.guards[0].scope for route in routes_of(app) if Partner in route.guards[0].kinds}
    assert scopes == set(SCOPES)


@pytest.mark.on_postgres
async def test_without_the_right_nobody_gets_in(
    app: Litestar, app_client: httpx.AsyncClient, callers: list[Caller]
) -> None:
    csrf = await form_token(app_client)
    app_client.cookies.clear()
    wrong = []
    for route in routes_of(app):
        for caller in callers:
            if route.is_public or may(caller, route.guards[0]):
                continue
            answer = await call(app_client, route, caller, csrf)
            to_sign_in = answer.status_code == 303 and "/sign-in" in answer.headers["location"]
            if answer.status_code not in (401, 403) and not to_sign_in:
                wrong.append(f"{caller.name}: {route.name} → {answer.status_code}")
    assert not wrong


@pytest.mark.on_postgres
async def test_with_the_right_nobodys_objects_are_not_there_and_nothing_breaks(
    app: Litestar, app_client: httpx.AsyncClient, callers: list[Caller]
) -> None:
    csrf = await form_token(app_client)
    app_client.cookies.clear()
    wrong = []
    for route in sorted(routes_of(app), key=lambda route: route.path.endswith(("sign-out", "logout"))):
        for caller in callers:
            if not route.is_public and not may(caller, route.guards[0]):
                continue
            answer = await call(app_client, route, caller, csrf)
            names_nobodys_object = "uuid" in route.parameters.values()
            if answer.status_code >= 500 or (names_nobodys_object and answer.status_code not in (403, 404)):
                wrong.append(f"{caller.name}: {route.name} → {answer.status_code}")
    assert not wrong


async def call(client: httpx.AsyncClient, route: Route, caller: Caller, csrf: str) -> httpx.Response:
    headers = {**caller.headers(csrf=csrf), "Idempotency-Key": "one-key"}
    path, surface = route.fill(act="confirm"), f"/{route.path.split('/')[1]}"
    if route.name in MULTIPART:
        field = "papers" if "repair" in path else "documents"
        files = {field: ("1.jpg", a_picture(), "image/jpeg")}
        return await client.post(path, headers=headers, data=WITH_PAPERS if field == "papers" else REASON, files=files)
    if route.name in DOCUMENTS:
        return await client.request(route.method, path, headers=headers, json=DOCUMENTS[route.name])
    if route.method == "POST" and surface in ACTS and "uuid" in route.parameters.values():
        return await client.request(route.method, path, headers=headers, data={**FORM, "act": ACTS[surface]})
    return await client.request(route.method, path, headers=headers)
