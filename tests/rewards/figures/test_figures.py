"""Figures count what happened in an area and month."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlencode

import httpx
import pytest
from support.lists import WITH_NOTICE, approve, make, person
from support.people import Caller, a_member_of_staff
from support.scenes import read_page

from xinyi_platform.clock import FixedClock
from xinyi_platform.divisions import city_code
from xinyi_platform.errors import InvalidField
from xinyi_platform.identity.models import Account
from xinyi_platform.ids import new_id
from xinyi_platform.principals import Role
from xinyi_platform.runtime import Runtime
from xinyi_platform.tenancy import whole_city
from xinyi_rewards.figures.counting import MEASURES
from xinyi_rewards.figures.months import last_months, month_of, months_between
from xinyi_rewards.figures.tables import figures_of, parts_of
from xinyi_rewards.honor_lists.models import HonorEntry
from xinyi_rewards.honor_lists.publishing import end_entry, publish_due
from xinyi_rewards.repairs.models import RepairRequest
from xinyi_rewards.rewards.models import RewardGrant
from xinyi_scenarios.orders.models import ServiceOrder

pytestmark = pytest.mark.anyio


def test_a_month_is_the_citys() -> None:
    month = month_of("2026-11")
    assert month.begins == datetime(2026, 10, 31, 16, tzinfo=UTC)
    assert month.ends == datetime(2026, 11, 30, 16, tzinfo=UTC)
    assert [one.name for one in months_between("2026-11", "2027-02")] == ["2026-11", "2026-12", "2027-01", "2027-02"]
    assert last_months(date(2026, 2, 5), 3) == ("2025-12", "2026-02")


@pytest.mark.parametrize(
    ("first", "last"), [("2026-13", "2026-12"), ("2026-12", "2026-11"), ("2024-01", "2026-02"), ("x", "y")]
)
def test_months_that_are_none_or_too_many_are_refused(first: str, last: str) -> None:
    with pytest.raises(InvalidField):
        months_between(first, last)


async def test_what_happened_is_counted_where_and_when(
    app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock, lin: Caller, zhou: Caller, wang: Caller
) -> None:
    await approve(app_client, lin, zhou, await make(app_client, lin, [person(1), person(2, "李小明")]))
    await approve(app_client, lin, zhou, await make(app_client, lin, [person(3, "赵一")], kind=WITH_NOTICE))
    clock.advance(timedelta(days=8))  # from November into December
    await publish_due(runtime)
    first = await HonorEntry.get(resident_id=wang.id)
    await end_entry(runtime, first.id, "revoke", actor="test", reason="更正", at=clock.now())
    months = months_between("2026-11", "2026-12")
    city = await figures_of(whole_city(), months)
    assert city.by_month("red") == [2, 1]
    assert city.by_month("revoked") == [0, 1]
    assert city.counts["red"]["410611", "2026-11"] == 2
    assert city.by_month("rewards")[0] >= 3
    assert sum(city.by_month("black")) == 0
    assert set(city.counts) == {measure.key for measure in MEASURES}


async def test_staff_see_their_areas_figures_and_export_them(
    app_client: httpx.AsyncClient, runtime: Runtime, lin: Caller, zhou: Caller
) -> None:
    await approve(app_client, lin, zhou, await make(app_client, lin, [person(1), person(2, "李小明")]))
    page = (await read_page(app_client, zhou, "/console/figures?first=2026-11&last=2026-11")).text
    assert "<svg" in page
    assert "红名单发布" in page
    assert "style=" not in page
    rows = await sheet(app_client, lin)
    assert [row["红名单发布"] for row in rows] == ["2"]
    far = await a_member_of_staff(runtime, Role.COMMUNITY_WORKER, username="far")
    await Account.filter(id=far.id).update(division="410621001001")
    assert {row["红名单发布"] for row in await sheet(app_client, far)} == {"0"}
    assert (await read_page(app_client, far, "/console/figures?division=410611")).status_code == 404
    assert (await read_page(app_client, zhou, "/console/figures?division=410611")).status_code == 200
    assert (await read_page(app_client, zhou, "/console/figures?first=2026-99")).status_code == 400
    book = await read_page(app_client, zhou, "/console/figures/sheet?form=xlsx")
    assert book.content[:2] == b"PK"


@pytest.mark.parametrize("code", ["4106中", '4106"x', "41061", "410699", "410611001001x"])
@pytest.mark.parametrize("path", ["/console/figures", "/console/figures/sheet", "/console/figures/sheet?form=csv"])
async def test_what_is_no_division_has_no_figures(
    app_client: httpx.AsyncClient, runtime: Runtime, path: str, code: str
) -> None:
    office = await a_member_of_staff(runtime, Role.CREDIT_OFFICE, username="qian", division=city_code())
    link = "&" if "?" in path else "?"
    answer = await read_page(app_client, office, f"{path}{link}{urlencode({'division': code})}")
    assert answer.status_code in (400, 404)


async def sheet(client: httpx.AsyncClient, who: Caller) -> list[dict[str, str]]:
    answer = await read_page(client, who, "/console/figures/sheet?form=csv&first=2026-11&last=2026-11")
    assert answer.status_code == 200
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


def test_the_parts_of_an_area_are_what_lies_directly_below() -> None:
    assert parts_of(city_code())[-1] == city_code()
    assert "410611" in parts_of(city_code())
    assert parts_of("410611001001") == ["410611001001"]


async def test_repairs_count_in_the_month_of_their_decision_late_ones_too(runtime: Runtime, clock: FixedClock) -> None:
    decided, by = (
        date(2026, 10, 30),
        {"in time": date(2026, 10, 30), "late": date(2026, 10, 29), "later": date(2026, 9, 1)},
    )
    for decide_by in by.values():
        await a_decided_repair(clock, decided, decide_by)
    october, november = months_between("2026-10", "2026-11")
    counted = await figures_of(whole_city(), [october, november])
    assert counted.by_month("repairs_decided") == [3, 0]
    assert counted.by_month("repairs_in_time") == [1, 0]
    assert counted.by_month("repairs_late") == [2, 0]


async def a_decided_repair(clock: FixedClock, decided_on: date, decide_by: date) -> None:
    identity = new_id()
    await RepairRequest.create(
        id=identity, entry_id=new_id(), slot=str(identity), resident_id=new_id(), division="410611001001",
        state="granted", statement="", commitment_version="1", filed_at=clock.now(), pass_on_by=decide_by,
        decide_by=decide_by, decided_on=decided_on, decision_document="1", source="bureau", changed_at=clock.now(),
    )  # fmt: skip


async def test_rewards_are_used_as_their_flow_tells_and_counted_where_the_list_is(
    app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock, lin: Caller, zhou: Caller, wang: Caller
) -> None:
    await approve(app_client, lin, zhou, await make(app_client, lin, [person(1)]))
    given = await RewardGrant.get(resident_id=wang.id, policy="read")
    clock.advance(timedelta(days=20))
    await ServiceOrder.create(
        id=new_id(), partner_id=new_id(), out_order_no="1", scenario="read", entitlement_id=given.entitlement_id,
        resident_id=wang.id, state="doing", waived_deposit_fen=1, fee_items=[], due_at=clock.now(),
        created_at=clock.now(), started_at=clock.now(),
    )  # fmt: skip
    months = months_between("2026-11", "2026-12")
    city = await figures_of(whole_city(), months)
    assert city.by_month("rewards_used") == [0, 1]
    far = await figures_of(whole_city().part("410621"), months)
    assert far.by_month("rewards_used") == far.by_month("rewards") == [0, 0]


async def test_figures_are_read_in_english_too(app_client: httpx.AsyncClient, runtime: Runtime) -> None:
    xu = await a_member_of_staff(runtime, Role.CREDIT_OFFICE, username="xu", division=city_code())
    english = {**xu.headers(), "Accept-Language": "en"}
    page = (await app_client.get("/console/figures", headers=english)).text
    for label in ("Qibin District", "Heshan District", "Objections decided late", "Published and ended · by area"):
        assert label in page
    answer = await app_client.get("/console/figures/sheet?form=csv", headers=english)
    assert answer.content.decode("utf-8-sig").startswith("Code,Division,Month,Red entries published,")
