"""Classes over HTTP and in jobs: who sees them, that nobody else does, what changes them, inspections and draws."""

from __future__ import annotations

import asyncio
import io
from datetime import timedelta
from typing import Any

import httpx
import pytest
import xlsxwriter
from litestar import Litestar
from support.people import Caller, a_member_of_staff, a_partner, form_token
from support.routes import routes_of
from support.scenes import Shop, a_consenting_resident, a_shop, post_form, problem_code, read_page

from xinyi_merchants.registry import MerchantChanged
from xinyi_merchants.registry.models import HonestAward, Merchant
from xinyi_merchants.risk_classes.inspections import COLUMNS
from xinyi_merchants.risk_classes.lots import is_right
from xinyi_merchants.risk_classes.models import Inspection, InspectionDraw, RiskClass, RiskClassChange
from xinyi_merchants.risk_classes.recomputing import mark_stale, recompute, recompute_everybody, settle_classes
from xinyi_platform.audit.models import AuditEntry
from xinyi_platform.bureau.simulator import Simulator
from xinyi_platform.clock import FixedClock, local_date
from xinyi_platform.ids import new_id
from xinyi_platform.principals import Operator, Partner, Resident, Role, Staff
from xinyi_platform.runtime import Runtime

pytestmark = pytest.mark.anyio
LIST = "/console/risk-classes"
SCOPES = ("redemptions", "orders", "webhooks", "commitments", "referrals", "passes", "fairs", "lists")


@pytest.fixture
async def shop(runtime: Runtime) -> Shop:
    return await a_shop(runtime, "catering")


@pytest.fixture
async def gao(runtime: Runtime) -> Caller:
    return await a_member_of_staff(runtime, Role.SUPERVISOR)


def sheet(*rows: tuple[str, ...]) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        page = book.add_worksheet()
        for number, row in enumerate((COLUMNS, *rows)):
            for place, text in enumerate(row):
                page.write_string(number, place, text)
    return out.getvalue()


async def upload(client: httpx.AsyncClient, who: Caller, *rows: tuple[str, ...]) -> httpx.Response:
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return await post_form(client, who, f"{LIST}/inspections", files={"sheet": ("x.xlsx", sheet(*rows), kind)})


def failed(shop: Shop, number: int, day: str = "2026-10-01") -> tuple[str, ...]:
    return (shop.merchant.uscc, day, "食品", "不合格", "市场监管局", f"检〔2026〕{number}号")


async def classed(runtime: Runtime, shop: Shop) -> RiskClass:
    await settle_classes(runtime)
    return await RiskClass.get(merchant_id=shop.merchant.id)


async def test_a_failed_inspection_changes_the_class_and_the_history_says_why(
    app_client: httpx.AsyncClient, runtime: Runtime, shop: Shop, gao: Caller
) -> None:
    assert (await classed(runtime, shop)).colour == "yellow"  # new, and nobody has looked into anything
    assert (await upload(app_client, gao, failed(shop, 1), failed(shop, 2))).status_code == 303
    row = await classed(runtime, shop)
    assert (row.colour, row.points) == ("orange", 73)
    shown = (await read_page(app_client, gao, f"{LIST}/merchants/{shop.merchant.id}")).text
    assert "近两年检查不合格:两次以上" in shown
    changes = await RiskClassChange.all().order_by("at")
    assert [(change.before, change.colour) for change in changes] == [("", "yellow"), ("yellow", "orange")]
    assert (await upload(app_client, gao, failed(shop, 1), failed(shop, 2))).status_code == 303
    assert await Inspection.all().count() == 2, "a document number counts once"


@pytest.mark.parametrize(
    ("place", "value", "said"),
    [
        (0, "91410600MA00000000", "辖区内没有该商户"),
        (1, "2026-13-01", "检查日期有误"),
        (1, "2026-12-24", "检查日期有误"),
        (2, "噪声", "类别应为"),
        (3, "尚可", "结果应为"),
        (4, "=cmd()", "检查机关和文书号"),
        (5, "", "检查机关和文书号"),
    ],
)
async def test_one_wrong_row_refuses_the_whole_sheet_and_names_itself(
    app_client: httpx.AsyncClient, shop: Shop, gao: Caller, place: int, value: str, said: str
) -> None:
    wrong = [*failed(shop, 2)]
    wrong[place] = value
    answer = await upload(app_client, gao, failed(shop, 1), tuple(wrong))
    assert (answer.status_code, said in answer.text, "第3行" in answer.text) == (422, True, True)
    assert await Inspection.all().count() == 0


async def test_an_event_has_a_shop_classed_again_and_another_day_everybody(
    runtime: Runtime, clock: FixedClock, shop: Shop
) -> None:
    await classed(runtime, shop)
    assert await settle_classes(runtime) == 0
    await Merchant.filter(id=shop.merchant.id).update(status="closed")
    await runtime.events.publish(MerchantChanged(shop.merchant.id))
    assert await settle_classes(runtime) == 1
    values = {reason["key"]: reason["value"] for reason in (await RiskClass.get()).reasons}
    assert values["licence_revoked"] == 1
    clock.advance(timedelta(days=3))
    assert await settle_classes(runtime) == 1
    assert (await RiskClass.get()).computed_on == local_date(clock.now())


async def test_what_changes_while_it_is_classed_is_classed_once_more(runtime: Runtime, shop: Shop) -> None:
    await classed(runtime, shop)
    before = runtime.clock.now()
    await mark_stale([shop.merchant.id], at=before + timedelta(seconds=1))
    await recompute([shop.merchant], now=before)
    assert (await RiskClass.get()).stale_at is not None


async def test_workers_at_once_write_each_change_down_once(runtime: Runtime, shop: Shop) -> None:
    others = [await a_shop(runtime, "hotel", number=n) for n in range(2, 6)]
    shops = [one.merchant for one in (shop, *others)]
    now = runtime.clock.now()
    await asyncio.gather(*(recompute(shops, now=now) for _ in range(4)))
    assert await RiskClass.all().count() == await RiskClassChange.all().count() == 5
    for one in shops:
        await HonestAward.create(
            id=new_id(), merchant_id=one.id, awarded_on=now.date(), valid_until=now.date(), state="withdrawn",
            document_no="鹤信示〔2026〕1号",
        )  # fmt: skip
    later = now + timedelta(hours=1)
    await asyncio.gather(*(recompute(shops, now=later) for _ in range(4)))
    assert await RiskClassChange.all().count() == 10


async def test_it_goes_on_where_it_stopped(runtime: Runtime, shop: Shop) -> None:
    for number in range(2, 6):
        await a_shop(runtime, "hotel", number=number)
    told: list[int] = []

    def stop_after_two(count: int) -> None:
        told.append(count)
        if len(told) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await recompute_everybody(runtime, stop_after_two, batch=2)
    assert await RiskClass.all().count() == 4
    assert await recompute_everybody(runtime, told.append, batch=2) == 1


async def test_a_draw_can_be_repeated_and_every_look_is_written_down(
    app_client: httpx.AsyncClient, runtime: Runtime, shop: Shop, gao: Caller
) -> None:
    for number in range(2, 9):
        await a_shop(runtime, "hotel", number=number)
    await settle_classes(runtime)
    done = await post_form(app_client, gao, f"{LIST}/draws", {"number": "3"})
    made = await InspectionDraw.get()
    assert (done.status_code, len(made.drawn), len(made.candidates), is_right(made)) == (303, 3, 8, True)
    assert "结果一致" in (await read_page(app_client, gao, done.headers["location"])).text
    made.drawn = made.drawn[::-1]
    assert not is_right(made)
    wrong = await post_form(app_client, gao, f"{LIST}/draws", {"number": "0"})
    assert wrong.status_code == 400
    await read_page(app_client, gao, f"{LIST}?colour=yellow&trade=hotel")
    await read_page(app_client, gao, f"{LIST}/merchants/{shop.merchant.id}")
    looks = await AuditEntry.filter(action__startswith="risk_class.").values_list("action", flat=True)
    assert {"risk_class.list", "risk_class.read"} == set(looks)
    one = await read_page(app_client, gao, f"/staff/v1/risk-classes/{shop.merchant.id}")
    assert (one.json()["colour"], one.json()["reasons"][0]["points"] > 0) == ("yellow", True)


async def test_a_supervisor_of_another_area_sees_nothing(
    app_client: httpx.AsyncClient, runtime: Runtime, shop: Shop, gao: Caller
) -> None:
    await settle_classes(runtime)
    await RiskClass.all().update(division="410622001001")
    answer = await app_client.get(f"/staff/v1/risk-classes/{shop.merchant.id}", headers=gao.headers())
    assert (answer.status_code, problem_code(answer)) == (404, "not_found")
    assert (await app_client.get("/staff/v1/risk-classes", headers=gao.headers())).json() == []


async def test_no_other_route_tells_a_class(
    app: Litestar, app_client: httpx.AsyncClient, runtime: Runtime, bureau: Simulator, shop: Shop
) -> None:
    """Every page and answer that residents, shops, partners, other staff and visitors can read."""
    await settle_classes(runtime)
    mark = "1907391907"  # points longer than any chance repeats in an id
    await RiskClass.all().update(points=int(mark), version="untold", colour="red")
    people: dict[type, Caller] = {
        Resident: await a_consenting_resident(runtime, bureau, 9_003),
        Operator: shop.operator,
        Partner: await a_partner(runtime, *SCOPES, client_id="reader"),
    }
    others = [
        await a_member_of_staff(runtime, role, username=f"reader-{role}")
        for role in Role
        if role is not Role.SUPERVISOR
    ]
    known: dict[str, Any] = {"code": shop.merchant.code, "slug": "travel", "kind": "red-worker"}
    read, told = 0, []
    for route in routes_of(app):
        if route.method != "GET" or route.path.startswith(("/api/v1/risk-model", "/schema")):
            continue
        kinds = route.guards[0].kinds
        mine = [people[kind] for kind in kinds if kind in people]
        callers = others if Staff in kinds else mine or [Caller("anyone")]
        for caller in callers:
            answer = await app_client.get(route.fill(**known), headers=caller.headers())
            read += answer.status_code == 200
            words = (
                ("风险分类", "risk_class", "risk class", "untold", mark)
                if not route.path.startswith("/problems")
                else (mark, "untold")
            )
            told += [(route.name, word) for word in words if word in answer.text and answer.status_code == 200]
    assert not told
    assert read > 60
    page = (await app_client.get(f"/m/{shop.merchant.code}")).text
    assert shop.merchant.name in page
    home = (await read_page(app_client, others[0], "/console")).text
    assert "风险" not in home


async def test_the_model_is_public_and_names_no_merchant(app_client: httpx.AsyncClient, shop: Shop) -> None:
    told = (await app_client.get("/api/v1/risk-model")).json()
    assert (told["version"], told["thresholds"]) == ("2026-04", {"yellow": 20, "orange": 45, "red": 80})
    assert shop.merchant.name not in str(told)


async def test_roles_other_than_supervisors_are_refused(
    app_client: httpx.AsyncClient, runtime: Runtime, shop: Shop
) -> None:
    mediator = await a_member_of_staff(runtime, Role.MEDIATOR)
    token = await form_token(app_client)
    app_client.cookies.clear()
    for path in (LIST, f"{LIST}/rules", f"{LIST}/merchants/{shop.merchant.id}", "/staff/v1/risk-classes"):
        assert (await app_client.get(path, headers=mediator.headers())).status_code == 403
    drawn = await app_client.post(
        "/staff/v1/inspection-draws", json={"number": 1}, headers=mediator.headers(csrf=token)
    )
    assert drawn.status_code == 403
