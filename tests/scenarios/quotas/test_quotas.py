"""Quotas: counted by local period, never over their total, never below what is used."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from xinyi_platform.database import transaction
from xinyi_platform.errors import NotFound
from xinyi_platform.ids import new_id
from xinyi_platform.runtime import Runtime
from xinyi_scenarios.quotas import (
    QuotaBelowUse,
    QuotaKey,
    change_total,
    open_quota,
    open_quotas,
    period_of,
    quota_for,
    release_units,
)
from xinyi_scenarios.quotas.counting import take_units
from xinyi_scenarios.quotas.models import Quota


@pytest.mark.parametrize(
    ("kind", "at", "period"),
    [
        ("day", datetime(2026, 11, 23, 15, 59, tzinfo=UTC), "2026-11-23"),
        ("day", datetime(2026, 11, 23, 16, 0, tzinfo=UTC), "2026-11-24"),
        ("month", datetime(2026, 11, 30, 15, 59, tzinfo=UTC), "2026-11"),
        ("month", datetime(2026, 11, 30, 16, 0, tzinfo=UTC), "2026-12"),
        ("month", datetime(2026, 12, 31, 16, 0, tzinfo=UTC), "2027-01"),
        ("ever", datetime(2026, 11, 23, tzinfo=UTC), "ever"),
    ],
)
def test_a_period_is_the_citys(kind: str, at: datetime, period: str) -> None:
    assert period_of(kind, at) == period


@pytest.mark.anyio
async def test_a_quota_is_opened_once_however_many_ask(runtime: Runtime) -> None:
    now = runtime.clock.now()
    assert await quota_for("ride", "2026-11") is None
    views = await asyncio.gather(*(open_quota("ride", "2026-11", total=9, at=now) for _ in range(5)))
    assert len({view.id for view in views}) == 1
    assert (await open_quota("ride", "2026-11", total=50, at=now)).total == 9
    assert await quota_for("ride", "2026-11") == views[0]


@pytest.mark.anyio
async def test_a_budget_counts_more_fen_than_a_small_integer_holds(runtime: Runtime) -> None:
    key, now = QuotaKey("fen", "", "2026"), runtime.clock.now()
    quota = (await open_quotas("ride", {key: 10**11}, at=now))[key]
    async with transaction():
        assert await take_units(quota.id, 10**10)
    found = await quota_for("ride", "2026", measure="fen")
    assert found
    assert (found.total, found.used) == (10**11, 10**10)


@pytest.mark.anyio
async def test_units_are_taken_to_the_last_and_come_back(runtime: Runtime) -> None:
    quota = await open_quota("ride", "2026-11", total=3, at=runtime.clock.now())
    taken = []
    for units in (2, 2, 1, 1):
        async with transaction():
            taken.append(await take_units(quota.id, units))
    assert taken == [True, False, True, False]
    async with transaction():
        await release_units(quota.id, 2)
    found = await quota_for("ride", "2026-11")
    assert found
    assert (found.used, found.left) == (1, 2)


@pytest.mark.anyio
async def test_of_many_at_once_no_more_win_than_there_are_units(runtime: Runtime) -> None:
    quota = await open_quota("ride", "2026-11", total=7, at=runtime.clock.now())

    async def take() -> bool:
        async with transaction():
            return await take_units(quota.id, 1)

    assert sum(await asyncio.gather(*(take() for _ in range(20)))) == 7
    assert (await Quota.get(id=quota.id)).used == 7


@pytest.mark.anyio
async def test_a_closed_quota_gives_nothing_and_shows_nothing_left(runtime: Runtime) -> None:
    quota = await open_quota("ride", "2026-11", total=3, at=runtime.clock.now())
    assert (await change_total(quota.id, total=3, is_open=False)).left == 0
    async with transaction():
        assert not await take_units(quota.id, 1)
    assert (await change_total(quota.id, total=5, is_open=True)).left == 5


@pytest.mark.anyio
async def test_a_total_may_fall_to_what_is_used_and_no_further(runtime: Runtime) -> None:
    quota = await open_quota("ride", "2026-11", total=5, at=runtime.clock.now())
    async with transaction():
        assert await take_units(quota.id, 4)
    with pytest.raises(QuotaBelowUse) as refused:
        await change_total(quota.id, total=3, is_open=True)
    assert refused.value.values == {"total": 3, "used": 4}
    assert (await change_total(quota.id, total=4, is_open=True)).left == 0
    with pytest.raises(NotFound):
        await change_total(new_id(), total=1, is_open=True)
