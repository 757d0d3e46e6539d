"""Districts lend and take back: the sum of their shares never changes, and nobody's claim is lost."""

from __future__ import annotations

import pytest

from xinyi_platform.database import transaction
from xinyi_platform.errors import NotFound
from xinyi_platform.ids import new_id
from xinyi_platform.runtime import Runtime
from xinyi_scenarios.quotas import (
    NotEnoughFree,
    NotTwoShares,
    QuotaKey,
    lend_share,
    open_quota,
    open_quotas,
    take_back_share,
    take_units,
)
from xinyi_scenarios.quotas.models import Quota, QuotaLoan

pytestmark = pytest.mark.anyio
NORTH = QuotaKey("units", "district:410602", "2026-11")
SOUTH = QuotaKey("units", "district:410622", "2026-11")


async def two_shares(runtime: Runtime) -> tuple[Quota, Quota]:
    found = await open_quotas("travel", {NORTH: 5, SOUTH: 3}, at=runtime.clock.now())
    return await Quota.get(id=found[NORTH].id), await Quota.get(id=found[SOUTH].id)


async def totals() -> list[int]:
    return [row.total for row in await Quota.all().order_by("scope")]


async def test_what_is_free_moves_and_comes_back_in_parts(runtime: Runtime) -> None:
    north, south = await two_shares(runtime)
    now = runtime.clock.now()
    loan = await lend_share(north.id, south.id, 4, actor="staff:x", at=now)
    assert await totals() == [1, 7]
    assert (await take_back_share(loan.id, 1, actor="staff:x", at=now)).returned == 1
    assert (await take_back_share(loan.id, 3, actor="staff:x", at=now)).returned == 4
    assert await totals() == [5, 3]
    with pytest.raises(NotEnoughFree) as refused:
        await take_back_share(loan.id, 1, actor="staff:x", at=now)
    assert refused.value.values == {"free": 0}


async def test_what_is_used_stays(runtime: Runtime) -> None:
    north, south = await two_shares(runtime)
    now = runtime.clock.now()
    async with transaction():
        assert await take_units(north.id, 3)
    with pytest.raises(NotEnoughFree) as refused:
        await lend_share(north.id, south.id, 3, actor="staff:x", at=now)
    assert refused.value.values == {"free": 2}
    assert (await totals(), await QuotaLoan.all().count()) == ([5, 3], 0)
    loan = await lend_share(north.id, south.id, 2, actor="staff:x", at=now)
    async with transaction():
        assert await take_units(south.id, 4)
    with pytest.raises(NotEnoughFree) as refused:
        await take_back_share(loan.id, 2, actor="staff:x", at=now)
    assert refused.value.values == {"free": 1}
    assert (await QuotaLoan.get(id=loan.id)).returned == 0


async def test_only_two_districts_of_one_scene_and_period_lend(runtime: Runtime) -> None:
    north, _ = await two_shares(runtime)
    now = runtime.clock.now()
    whole = await open_quota("travel", "2026-11", total=9, at=now)
    other = (await open_quotas("hotel", {SOUTH: 3}, at=now))[SOUTH]
    later = (await open_quotas("travel", {QuotaKey("units", SOUTH.scope, "2026-12"): 3}, at=now)).popitem()[1]
    for lender, borrower in ((north.id, whole.id), (north.id, other.id), (north.id, later.id), (north.id, north.id)):
        with pytest.raises(NotTwoShares):
            await lend_share(lender, borrower, 1, actor="staff:x", at=now)
    with pytest.raises(NotFound):
        await lend_share(north.id, new_id(), 1, actor="staff:x", at=now)
    with pytest.raises(NotFound):
        await take_back_share(new_id(), 1, actor="staff:x", at=now)
