"""The books: each move is a journal of two lines that sum to zero, and what does not sum is found."""

from __future__ import annotations

import pytest

from xinyi_platform.database import transaction
from xinyi_platform.ids import new_id
from xinyi_platform.runtime import Runtime
from xinyi_scenarios.ledger import Journal, balance_of, book, book_many, find_imbalances
from xinyi_scenarios.ledger.booking import MOVES
from xinyi_scenarios.ledger.models import LedgerEntry

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("kind", sorted(MOVES))
async def test_a_move_is_two_lines_that_sum_to_zero(runtime: Runtime, kind: str) -> None:
    quota, entitlement = new_id(), new_id()
    await book(kind, quota_id=quota, entitlement_id=entitlement, at=runtime.clock.now())
    source, target = MOVES[kind]
    rows = await LedgerEntry.all()
    assert {(row.account, row.amount) for row in rows} == {(source, -1), (target, 1)}
    assert len({row.journal for row in rows}) == 1
    assert await balance_of(quota) == {source: -1, target: 1}
    assert await find_imbalances() == []


async def test_a_life_of_a_unit_ends_where_it_belongs(runtime: Runtime) -> None:
    quota, other = new_id(), new_id()
    journals = [Journal(kind, quota, new_id()) for kind in ("claim", "redeem", "reverse", "redeem")]
    await book_many([*journals, Journal("claim", other, new_id())], at=runtime.clock.now())
    assert await balance_of(quota) == {"pool": -1, "resident": 0, "used": 1}
    assert await balance_of(other) == {"pool": -1, "resident": 1}
    assert await balance_of(new_id()) == {}


async def test_a_line_that_was_lost_is_found(runtime: Runtime) -> None:
    quota = new_id()
    await book_many([Journal("claim", quota, new_id()) for _ in range(3)], at=runtime.clock.now())
    lost = await LedgerEntry.filter(account="resident").first()
    assert lost
    await lost.delete()
    assert await find_imbalances() == [lost.journal]


async def test_what_is_rolled_back_is_not_in_the_books(runtime: Runtime) -> None:
    class Stop(Exception):
        pass

    async def book_and_stop() -> None:
        async with transaction():
            await book("claim", quota_id=new_id(), entitlement_id=new_id(), at=runtime.clock.now())
            raise Stop

    with pytest.raises(Stop):
        await book_and_stop()
    assert await LedgerEntry.all().count() == 0


async def test_a_move_that_there_is_not_is_refused(runtime: Runtime) -> None:
    with pytest.raises(KeyError):
        await book("steal", quota_id=new_id(), entitlement_id=new_id(), at=runtime.clock.now())
