"""Figures count what happened in an area and month; what is published hides small numbers for good."""

from __future__ import annotations

import csv
import io
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from itertools import product

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.lists import WITH_NOTICE, approve, make, person
from support.people import Caller, a_member_of_staff
from support.scenes import read_page

from xinyi_platform.clock import FixedClock
from xinyi_platform.divisions import city_code
from xinyi_platform.errors import InvalidField
from xinyi_platform.identity.models import Account
from xinyi_platform.principals import Role
from xinyi_platform.runtime import Runtime
from xinyi_platform.tenancy import whole_city
from xinyi_rewards.figures.counting import MEASURES
from xinyi_rewards.figures.months import last_months, month_of, months_between
from xinyi_rewards.figures.tables import TOTAL, Figures, figures_of, full_months, parts_of, published
from xinyi_rewards.honor_lists.models import HonorEntry
from xinyi_rewards.honor_lists.publishing import end_entry, publish_due

pytestmark = pytest.mark.anyio


def test_a_month_is_the_citys() -> None:
    month = month_of("2026-11")
    assert month.begins == datetime(2026, 10, 31, 16, tzinfo=UTC)
    assert month.ends == datetime(2026, 11, 30, 16, tzinfo=UTC)
    assert [one.name for one in months_between("2026-11", "2027-02")] == ["2026-11", "2026-12", "2027-01", "2027-02"]
    assert last_months(date(2026, 2, 5), 3) == ("2025-12", "2026-02")
    assert full_months(date(2026, 2, 5)) == ("2025-02", "2026-01")


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


async def sheet(client: httpx.AsyncClient, who: Caller) -> list[dict[str, str]]:
    answer = await read_page(client, who, "/console/figures/sheet?form=csv&first=2026-11&last=2026-11")
    assert answer.status_code == 200
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


async def test_open_data_has_whole_months_and_hides_small_numbers(
    app_client: httpx.AsyncClient, clock: FixedClock, lin: Caller, zhou: Caller
) -> None:
    rows = [person(number, "王小丽") for number in range(1, 13)]
    await approve(app_client, lin, zhou, await make(app_client, lin, rows))
    clock.advance(timedelta(days=31))
    found = (await app_client.get("/api/v1/open-data/lists")).json()
    assert (found["first_month"], found["last_month"]) == ("2025-12", "2026-11")
    numbers = {(n["measure"], n["division"], n["month"]): n["number"] for n in found["numbers"]}
    assert numbers["red", "410611", "2026-11"] == 12
    assert numbers["red", TOTAL, TOTAL] == 12
    assert numbers["black", TOTAL, TOTAL] == 0
    text = (await app_client.get("/open-data/lists.csv")).content.decode("utf-8-sig")
    assert "red,410611," in text
    assert (await app_client.get("/open-data/rewards.csv")).status_code == 200
    assert (await app_client.get("/api/v1/open-data/secrets")).status_code == 404
    assert "开放数据" in (await app_client.get("/open-data")).text


numbers = st.one_of(st.just(0), st.integers(1, 12), st.integers(13, 60))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(numbers, min_size=2, max_size=2), min_size=2, max_size=3))
def test_no_hidden_number_follows_from_what_is_published(table: list[list[int]]) -> None:
    """Whatever is hidden, another table with the same published cells has another number there."""
    parts, months = [f"p{n}" for n in range(len(table))], ["a", "b"]
    counts = Counter({(part, month): table[r][c] for r, part in enumerate(parts) for c, month in enumerate(months)})
    cells = published(Figures("x", parts, months, {"m": counts}), "m")
    inner = list(product(parts, months))
    assert all(not 0 < number < 10 for number in cells.values() if number is not None)
    hidden = {cell for cell, number in cells.items() if number is None}
    for cell in hidden:
        assert could_differ(cell, inner, counts, hidden, parts, months), (cell, table, cells)


def could_differ(
    cell: tuple[str, str],
    inner: list[tuple[str, str]],
    counts: Counter[tuple[str, str]],
    hidden: set[tuple[str, str]],
    parts: list[str],
    months: list[str],
) -> bool:
    """Tell whether a change of hidden cells by whole numbers changes this one and leaves all that is shown as it is."""
    free = [one for one in inner if one in hidden]
    for steps in product((-1, 0, 1), repeat=len(free)):
        moved = dict(zip(free, steps, strict=True))

        def total(ones: list[tuple[str, str]], moved: dict[tuple[str, str], int] = moved) -> int:
            return sum(moved.get(one, 0) for one in ones)

        shifts = {one: moved.get(one, 0) for one in inner}
        shifts |= {(part, TOTAL): total([(part, month) for month in months]) for part in parts}
        shifts |= {(TOTAL, month): total([(part, month) for part in parts]) for month in months}
        shifts[TOTAL, TOTAL] = total(inner)
        if shifts[cell] and all(one in hidden or not shift for one, shift in shifts.items()):
            return True
    return False


def test_the_parts_of_an_area_are_what_lies_directly_below() -> None:
    assert parts_of(city_code())[-1] == city_code()
    assert "410611" in parts_of(city_code())
    assert parts_of("410611001001") == ["410611001001"]
