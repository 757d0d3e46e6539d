"""The books: each move takes from one account what it gives to another."""

from __future__ import annotations

import pytest

from xinyi_platform.database import transaction
from xinyi_platform.ids import new_id
from xinyi_platform.runtime import Runtime
from xinyi_scenarios.ledger import Journal, balance_of, book, book_many
from xinyi_scenarios.ledger.booking import MOVES
from xinyi_scenarios.ledger.models import LedgerJournal

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("kind", sorted(MOVES))
async def test_a_move_takes_from_one_account_what_it_gives_to_another(runtime: Runtime, kind: str) -> None:
    quota, entitlement = new_id(), new_id()
    await book(kind, quota_id=quota, entitlement_id=entitlement, at=runtime.clock.now())
    source, target = MOVES[kind]
    row = await LedgerJournal.get()
    assert (row.source, row.target, row.amount, row.entitlement_id) == (source, target, 1, entitlement)
    assert await balance_of(quota) == {source: -1, target: 1}


async def test_a_life_of_a_unit_ends_where_it_belongs(runtime: Runtime) -> None:
    quota, other = new_id(), new_id()
    journals = [Journal(kind, quota, new_id()) for kind in ("claim", "redeem", "reverse", "redeem")]
    await book_many([*journals, Journal("claim", other, new_id())], at=runtime.clock.now())
    assert await balance_of(quota) == {"pool": -1, "resident": 0, "used": 1}
    assert await balance_of(other) == {"pool": -1, "resident": 1}
    assert await balance_of(new_id()) == {}


async def test_what_is_rolled_back_is_not_in_the_books(runtime: Runtime) -> None:
    class Stop(Exception):
        pass

    async def book_and_stop() -> None:
        async with transaction():
            await book("claim", quota_id=new_id(), entitlement_id=new_id(), at=runtime.clock.now())
            raise Stop

    with pytest.raises(Stop):
        await book_and_stop()
    assert await LedgerJournal.all().count() == 0


async def test_a_move_that_there_is_not_is_refused(runtime: Runtime) -> None:
    with pytest.raises(KeyError):
        await book("steal", quota_id=new_id(), entitlement_id=new_id(), at=runtime.clock.now())
