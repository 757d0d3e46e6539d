"""Open data: each month is published once, hides small numbers for good, and is not changed afterwards."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from datetime import timedelta
from itertools import product

import httpx
import pytest
from support.lists import approve, make, person
from support.people import Caller

from xinyi_platform.clock import FixedClock
from xinyi_platform.runtime import Runtime
from xinyi_rewards.figures.counting import MEASURES
from xinyi_rewards.figures.freezing import OPEN, TOTAL, Cell, freeze_months, hidden_cells
from xinyi_rewards.figures.models import OpenCell, OpenMonth
from xinyi_rewards.figures.reading import DATASETS
from xinyi_rewards.honor_lists.models import HonorEntry

pytestmark = pytest.mark.anyio
Table = tuple[tuple[Cell, int], ...]


def decided(upheld: int, dismissed: int, in_time: int, part: str) -> dict[Cell, int]:
    """What was decided about objections in one part of the city."""
    return {
        ("upheld", part): upheld,
        ("dismissed", part): dismissed,
        ("objections_in_time", part): in_time,
        ("objections_late", part): upheld + dismissed - in_time,
        ("objections_decided", part): upheld + dismissed,
    }


def assert_nothing_follows(tables: list[dict[Cell, int]]) -> None:
    """Whoever knows the program, too: among the tables that look the same, each hidden cell has several values."""
    alike: dict[object, list[dict[Cell, int]]] = defaultdict(list)
    for table in tables:
        hidden = hidden_cells(table)
        assert not [cell for cell, number in table.items() if 0 < number < 10 and cell not in hidden]
        alike[tuple(None if cell in hidden else number for cell, number in table.items())].append(table)
    for shown, same in alike.items():
        for number, values in zip(shown, zip(*(table.values() for table in same), strict=True), strict=True):
            assert number is not None or len(set(values)) > 1, same


def test_measures_that_add_up_give_nothing_away() -> None:
    every = product(range(12), range(12), range(23))
    assert_nothing_follows([decided(u, d, i, "410611") for u, d, i in every if i <= u + d])


def test_parts_and_the_whole_city_give_nothing_away() -> None:
    every = product(range(11), repeat=3)
    assert_nothing_follows(
        [{("red", "a"): a, ("red", "b"): b, ("red", "c"): c, ("red", TOTAL): a + b + c} for a, b, c in every]
    )


def test_consecutive_months_share_no_sum() -> None:
    """Any two months together are hidden as each of them is: nothing that is published spans both."""
    assert {one for _, keys in DATASETS.values() for one in keys} == set(OPEN) <= {one.key for one in MEASURES}
    first, second = {("red", "a"): 3, ("red", TOTAL): 3}, {("red", "a"): 40, ("red", TOTAL): 40}
    assert hidden_cells(first) == set(first)
    assert hidden_cells(second) == set()


@pytest.fixture
async def twelve(app_client: httpx.AsyncClient, clock: FixedClock, lin: Caller, zhou: Caller) -> None:
    """Twelve on a red list in November."""
    rows = [person(number, "王小丽") for number in range(1, 13)]
    await approve(app_client, lin, zhou, await make(app_client, lin, rows))


async def numbers(client: httpx.AsyncClient, query: str = "") -> dict[tuple[str, str, str], int | None]:
    found = (await client.get(f"/api/v1/open-data/lists{query}")).json()
    return {(n["measure"], n["division"], n["month"]): n["number"] for n in found["numbers"]}


async def test_a_month_is_published_some_days_after_its_end(
    app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock, twelve: None
) -> None:
    assert await freeze_months(runtime) == 12
    assert (await app_client.get("/api/v1/open-data/lists")).json()["months"][-1] == "2026-10"
    clock.advance(timedelta(days=11))  # the fourth of December
    assert await freeze_months(runtime) == 0
    clock.advance(timedelta(days=2))
    assert await freeze_months(runtime) == 1
    assert await freeze_months(runtime) == 0
    found = await numbers(app_client)
    assert found["red", "410611", "2026-11"] == 12
    assert found["red", TOTAL, "2026-11"] == 12
    assert found["black", TOTAL, "2026-11"] == 0
    assert {month for _, _, month in found} == {"2025-12", *(f"2026-{number:02d}" for number in range(1, 12))}


async def test_a_published_month_is_never_changed(
    app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock, twelve: None
) -> None:
    clock.advance(timedelta(days=31))
    await freeze_months(runtime)
    before = await numbers(app_client)
    await HonorEntry.all().update(published_at=clock.now() - timedelta(days=60))
    clock.advance(timedelta(days=31))
    assert await freeze_months(runtime) == 1
    after = await numbers(app_client)
    assert {cell: number for cell, number in after.items() if cell in before} == {
        cell: number for cell, number in before.items() if cell in after
    }
    of_the_year = {cell: number for cell, number in {**before, **after}.items() if cell[2].startswith("2026")}
    assert await numbers(app_client, "?year=2026") == of_the_year


async def test_what_is_hidden_leaves_by_no_door(
    app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock, twelve: None
) -> None:
    clock.advance(timedelta(days=31))
    await freeze_months(runtime)
    month = await OpenMonth.get(month="2026-11")
    kept = await OpenCell.get(month_id=month.id, measure="red", part="410611")
    await OpenCell.filter(id=kept.id).update(number=7, is_shown=False)
    assert (await numbers(app_client))["red", "410611", "2026-11"] is None
    answer = await app_client.get("/open-data/lists.csv")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert next(r for r in rows if (r["measure"], r["division"], r["month"]) == ("red", "410611", "2026-11")) == {
        "measure": "red", "measure_zh": "红名单发布", "measure_en": "Red entries published", "division": "410611",
        "division_zh": "淇滨区", "division_en": "Qibin District", "month": "2026-11", "number": "",
    }  # fmt: skip


async def test_open_data_is_described_in_both_languages_and_may_be_kept(
    app_client: httpx.AsyncClient, runtime: Runtime
) -> None:
    empty = (await app_client.get("/api/v1/open-data/rewards")).json()
    assert (empty["as_of"], empty["months"], empty["numbers"]) == (None, [], [])
    await freeze_months(runtime)
    found = await app_client.get("/api/v1/open-data/objections")
    assert found.json()["measures"]["upheld"] == {"zh": "异议成立", "en": "Objections upheld"}
    assert found.json()["as_of"] == "2026-11-23"
    for path in ("/api/v1/open-data/lists", "/open-data/lists.csv", "/open-data/rewards.csv?year=2026"):
        answer = await app_client.get(path)
        assert (answer.status_code, answer.headers["cache-control"]) == (200, "public, max-age=3600")
    for path in ("/api/v1/open-data/secrets", "/open-data/lists.csv?year=2019", "/open-data/lists"):
        assert (await app_client.get(path)).status_code == 404
    assert (await app_client.get("/open-data/lists.csv?year=26")).status_code == 400
    page = (await app_client.get("/open-data")).text
    assert "开放数据" in page
    assert "/open-data/lists.csv?year=2026" in page
