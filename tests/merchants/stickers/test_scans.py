"""Scans counted without anybody's identity, and the warning that a sticker may have been copied."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import httpx
import pytest
from support.people import Caller, a_member_of_staff, an_operator
from support.scenes import post_form, read_page
from tortoise import connections

from xinyi_merchants.registry.models import Merchant, MerchantOperator
from xinyi_merchants.stickers import scans
from xinyi_merchants.stickers.copy_warnings import are_near_in_time, far_apart, find_copies
from xinyi_merchants.stickers.issuing import revoke_sticker
from xinyi_merchants.stickers.models import Sticker, StickerCopyWarning, StickerScan
from xinyi_merchants.stickers.scans import ScanCounts, area_of, scans_since
from xinyi_platform.audit.models import AuditEntry
from xinyi_platform.clock import FixedClock
from xinyi_platform.ids import new_id
from xinyi_platform.principals import Role

pytestmark = pytest.mark.anyio
TODAY = date(2026, 11, 23)


async def counted(runtime: Any) -> dict[str, int]:
    await runtime.part(ScanCounts).flush()
    return {row.area: row.scans for row in await StickerScan.all()}


@pytest.mark.parametrize(
    ("told", "area"),
    [
        ("410611", "410611"),
        ("410611001", "410611"),
        ("410611001001", "410611"),
        (" 410611 ", "410611"),
        ("410600", ""),
        ("410699", ""),
        ("110101", "110100"),
        ("110101001001", "110100"),
        ("000000", "000000"),
        ("", ""),
        ("41061", ""),
        ("35.7,114.3", ""),
        ("４１０６１１", ""),
        ("淇滨区", ""),
        ("1.2.3.4", ""),
    ],
)
def test_an_area_is_a_district_here_and_a_prefecture_elsewhere(told: str, area: str) -> None:
    assert area_of(told, "410600") == area


async def test_a_page_that_is_shown_is_counted_drawn_and_kept_alike(
    app_client: httpx.AsyncClient, runtime: Any, printed: str
) -> None:
    for _ in range(3):
        assert (await app_client.get(f"/M/{printed}")).status_code == 200
    answer = await app_client.get(f"/m/{printed}?at=410602")
    assert "只按区计数" in answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert await counted(runtime) == {"": 3, "410602": 1}
    await app_client.get(f"/m/{printed}")
    assert await counted(runtime) == {"": 4, "410602": 1}
    assert await scans_since([printed[:10]], TODAY) == {printed[:10]: 5}
    row = await StickerScan.filter(area="").get()
    assert (row.serial, row.day, row.hours) == (printed[:10], TODAY, 1 << 10)


@pytest.mark.parametrize(
    "query", ["at=", "at=%FF", "at=410602410602410602", "at=410602&at=110101", "cat=410602", "&".join(["at=1"] * 99)]
)
async def test_whatever_is_told_the_page_is_shown(
    app_client: httpx.AsyncClient, runtime: Any, printed: str, query: str
) -> None:
    assert (await app_client.get(f"/m/{printed}?{query}")).status_code == 200
    assert sum((await counted(runtime)).values()) == 1


async def test_only_stickers_of_ours_are_counted(
    app_client: httpx.AsyncClient, runtime: Any, shop: Merchant, sticker: Sticker, printed: str
) -> None:
    spoilt = printed[:-1] + ("2" if printed[-1] != "2" else "3")
    for path in (f"/m/{shop.code}", f"/m/{spoilt}", "/m/nothing", f"/m/{printed}/complain"):
        await app_client.get(path)
    assert await counted(runtime) == {}
    await revoke_sticker(runtime, sticker.id, shop.id, reason="lost", actor="x", now=runtime.clock.now())
    await app_client.get(f"/m/{printed}")
    assert await counted(runtime) == {"": 1}, "a revoked one still hangs somewhere"


async def test_the_operators_header_tells_a_district_only_where_it_is_named(
    app_client: httpx.AsyncClient, runtime: Any, printed: str
) -> None:
    headers = {"X-District": "410611001001", "X-Forwarded-For": "1.2.3.4", "User-Agent": "Phone 7"}
    await app_client.get(f"/m/{printed}", headers=headers)
    runtime.settings = replace(runtime.settings, place_header="x-district")
    await app_client.get(f"/m/{printed}", headers=headers)
    await app_client.get(f"/m/{printed}?at=410621", headers=headers)
    await app_client.get(f"/m/{printed}?at=nowhere", headers=headers)
    assert await counted(runtime) == {"": 1, "410611": 2, "410621": 1}


async def test_nothing_of_who_scanned_is_stored(app_client: httpx.AsyncClient, runtime: Any, printed: str) -> None:
    headers = {"X-Forwarded-For": "203.0.113.77", "User-Agent": "Phone-of-Wang", "Cookie": "xinyi_lang=zh; who=wang"}
    await app_client.get(f"/m/{printed}?at=410602&phone=13800000000", headers=headers)
    await counted(runtime)
    (row,) = await StickerScan.all().values()
    assert set(row) == {"id", "serial", "day", "area", "scans", "hours"}
    assert not [word for word in ("203.0", "Wang", "wang", "138000") if word in str(row)]


async def test_processes_add_up_and_none_waits_for_another(runtime: Any, sticker: Sticker, printed: str) -> None:
    others = [ScanCounts(runtime.clock) for _ in range(4)]
    for counts in others:
        for area in ("", "410602", "410611"):
            for _ in range(5):
                counts.count(printed, area)
    await asyncio.gather(*(counts.flush() for counts in others))
    assert await counted(runtime) == {"": 20, "410602": 20, "410611": 20}


async def test_what_could_not_be_written_is_written_later(runtime: Any, printed: str) -> None:
    counts = runtime.part(ScanCounts)
    counts.count(printed, "")
    script = connections.get("default").execute_script
    await script("ALTER TABLE sticker_scan RENAME TO sticker_scan_away")
    with pytest.raises(Exception, match="sticker_scan"):
        await counts.flush()
    counts.count(printed, "")
    await script("ALTER TABLE sticker_scan_away RENAME TO sticker_scan")
    assert await counted(runtime) == {"": 2}
    assert await counts.flush() == 0


async def test_made_up_places_do_not_fill_the_memory(
    runtime: Any, printed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scans, "_MOST_KEYS", 3)
    for prefecture in range(1100, 1110):
        runtime.part(ScanCounts).count(printed, f"{prefecture}00")
    assert len(await counted(runtime)) == 3


def scan(area: str, number: int, *hours: int) -> StickerScan:
    return StickerScan(serial="S", day=TODAY, area=area, scans=number, hours=sum(1 << hour for hour in hours))


@pytest.mark.parametrize(
    ("rows", "areas"),
    [
        ([scan("410602", 3, 9), scan("410621", 3, 9)], ["410602", "410621"]),
        ([scan("410602", 3, 9), scan("110100", 9, 11)], ["110100", "410602"]),
        ([scan("410602", 3, 9), scan("410621", 3, 12)], []),
        ([scan("410602", 3, 9, 20), scan("410621", 3, 12, 22)], ["410602", "410621"]),
        ([scan("410602", 2, 9), scan("410621", 30, 9)], []),
        ([scan("410602", 99, 9)], []),
        ([scan("", 99, 9), scan("410602", 99, 9)], []),
        ([scan("410602", 3, 9), scan("410621", 3, 10), scan("000000", 3, 23)], ["410602", "410621"]),
    ],
)
def test_the_rule_of_places_far_apart(rows: list[StickerScan], areas: list[str]) -> None:
    assert [row.area for row in far_apart(rows)] == areas


@pytest.mark.parametrize(("first", "second", "near"), [(0, 2, True), (0, 3, False), (23, 21, True), (23, 20, False)])
def test_hours_are_near_up_to_two(first: int, second: int, near: bool) -> None:
    assert are_near_in_time(1 << first, 1 << second) is near
    assert are_near_in_time(1 << second, 1 << first) is near


async def scanned_far_apart(runtime: Any, printed: str) -> int:
    for area in ("410611", "410621"):
        for _ in range(3):
            runtime.part(ScanCounts).count(printed, area)
    await runtime.part(ScanCounts).flush()
    return await find_copies(runtime)


async def test_staff_of_the_shops_area_are_warned_once_and_close_it_with_a_note(
    app_client: httpx.AsyncClient, runtime: Any, clock: FixedClock, shop: Merchant, printed: str, lin: Caller
) -> None:
    assert await scanned_far_apart(runtime, printed) == 1
    assert await find_copies(runtime) == 0
    page = (await read_page(app_client, lin, "/console/sticker-warnings")).text
    for said in (shop.name, printed[:10], "淇滨区", "浚县", "不是结论"):
        assert said in page
    row = await StickerCopyWarning.get()
    settle = f"/console/sticker-warnings/{row.id}/settle"
    empty = await post_form(app_client, lin, settle, {"note": " "})
    assert (empty.status_code, "2–300字" in empty.text) == (400, True)
    assert (await post_form(app_client, lin, settle, {"note": "现场核对无误。"})).status_code == 303
    assert (await post_form(app_client, lin, settle, {"note": "再办一次。"})).status_code == 404
    assert "现场核对无误" in (await read_page(app_client, lin, "/console/sticker-warnings")).text
    assert (await AuditEntry.get(action="sticker.copy_settled")).actor == f"staff:{lin.id}"
    assert await find_copies(runtime) == 0, "once a day"
    clock.advance(timedelta(days=2))
    assert await scanned_far_apart(runtime, printed) == 1


async def test_another_areas_warnings_are_not_there(
    app_client: httpx.AsyncClient, runtime: Any, shop: Merchant, printed: str, lin: Caller
) -> None:
    await scanned_far_apart(runtime, printed)
    await StickerCopyWarning.all().update(division="410621001001")
    row = await StickerCopyWarning.get()
    assert shop.name not in (await read_page(app_client, lin, "/console/sticker-warnings")).text
    settle = f"/console/sticker-warnings/{row.id}/settle"
    assert (await post_form(app_client, lin, settle, {"note": "看过了。"})).status_code == 404
    mediator = await a_member_of_staff(runtime, Role.MEDIATOR)
    assert (await read_page(app_client, mediator, "/console/sticker-warnings")).status_code == 403


async def test_no_public_page_tells_of_a_warning(
    app_client: httpx.AsyncClient, runtime: Any, shop: Merchant, printed: str
) -> None:
    before = (await app_client.get(f"/m/{printed}")).text
    await scanned_far_apart(runtime, printed)
    assert (await app_client.get(f"/m/{printed}")).text == before
    assert "预警" not in (await app_client.get(f"/m/{shop.code}")).text


async def test_old_counts_are_forgotten(runtime: Any, clock: FixedClock, printed: str) -> None:
    runtime.part(ScanCounts).count(printed, "")
    assert await counted(runtime) == {"": 1}
    clock.advance(timedelta(days=90))
    await find_copies(runtime)
    assert await StickerScan.all().count() == 1
    clock.advance(timedelta(days=1))
    await find_copies(runtime)
    assert await StickerScan.all().count() == 0


async def test_the_operator_sees_how_often_her_sticker_was_scanned(
    app_client: httpx.AsyncClient, runtime: Any, shop: Merchant, printed: str
) -> None:
    operator = await an_operator(runtime)
    await MerchantOperator.create(
        id=new_id(), account_id=operator.id, merchant_id=shop.id, role="owner", created_at=runtime.clock.now()
    )
    for _ in range(7):
        runtime.part(ScanCounts).count(printed, "")
    await runtime.part(ScanCounts).flush()
    assert "近30天扫码 7" in (await read_page(app_client, operator, "/portal/stickers")).text
