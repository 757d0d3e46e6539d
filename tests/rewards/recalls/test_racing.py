"""An entry that ends while it is given out: its receiver does not get it, or is told to stop using it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import httpx
import pytest
from support.lists import approve, make, person
from support.people import CITY, Caller, a_partner
from support.scenes import id_of

from xinyi_platform.clock import FixedClock
from xinyi_platform.database import transaction
from xinyi_platform.ids import new_id
from xinyi_platform.outbox import OutboxEvent
from xinyi_platform.principals import Role, Staff
from xinyi_platform.runtime import Runtime
from xinyi_platform.spreadsheets import read_cells
from xinyi_rewards.honor_lists.models import HonorEntry
from xinyi_rewards.honor_lists.publishing import end_entry
from xinyi_rewards.recalls.giving import entries_for, export_sheet
from xinyi_rewards.recalls.models import EntryReceipt, Recall
from xinyi_rewards.recalls.recalling import chase_due
from xinyi_rewards.recalls.receiving import record_receipts
from xinyi_rewards.recalls.statements import read_statement

pytestmark = pytest.mark.anyio
KIND = "red-good-neighbour"
Work = Callable[[], Awaitable[object]]


@pytest.fixture
async def entry(app_client: httpx.AsyncClient, lin: Caller, zhou: Caller) -> HonorEntry:
    made = await make(app_client, lin, [person(1)])
    await approve(app_client, lin, zhou, made)
    return await HonorEntry.get()


@pytest.fixture
async def bank(runtime: Runtime) -> str:
    return f"partner:{id_of(await a_partner(runtime, 'lists', client_id='bank'))}"


async def at_once(first: Work, second: Work) -> object:
    """Begin `second` when `first` has done its work and not committed yet; return what `second` returns."""
    done, commit = asyncio.Event(), asyncio.Event()

    async def held() -> None:
        async with transaction():
            await first()
            done.set()
            await commit.wait()

    async def after() -> object:
        await done.wait()
        return await second()

    tasks = [asyncio.create_task(held()), asyncio.create_task(after())]
    await asyncio.wait(tasks, timeout=0.5)
    commit.set()
    return (await asyncio.gather(*tasks))[1]


def ending(runtime: Runtime, entry: HonorEntry) -> Work:
    return lambda: end_entry(runtime, entry.id, "revoke", actor="x", reason="登记有误", at=runtime.clock.now())


async def test_an_entry_that_is_ending_is_not_given_to_a_partner(
    runtime: Runtime, entry: HonorEntry, bank: str
) -> None:
    given = await at_once(ending(runtime, entry), lambda: entries_for(bank, KIND, after=None, at=runtime.clock.now()))
    assert given.entries == []  # type: ignore[attr-defined]
    assert not await EntryReceipt.exists()


async def test_an_entry_that_is_ending_is_not_in_a_sheet(runtime: Runtime, entry: HonorEntry) -> None:
    staff = Staff(new_id(), session_id=new_id(), person="p", roles=frozenset({Role.REVIEWER}), division=CITY)
    sheet = await at_once(ending(runtime, entry), lambda: export_sheet(KIND, staff, at=runtime.clock.now()))
    assert isinstance(sheet, bytes)
    assert len(read_cells(sheet, "list.xlsx")) == 1
    assert not await EntryReceipt.exists()


async def test_an_entry_that_ends_while_it_is_given_is_recalled(runtime: Runtime, entry: HonorEntry, bank: str) -> None:
    assert await at_once(lambda: entries_for(bank, KIND, after=None, at=runtime.clock.now()), ending(runtime, entry))
    assert (await Recall.get()).receiver == bank


async def test_what_was_missed_is_recalled_once_by_the_next_sweep(
    runtime: Runtime, clock: FixedClock, entry: HonorEntry, bank: str, app_client: httpx.AsyncClient
) -> None:
    await ending(runtime, entry)()
    await record_receipts([entry.id], bank, "api", at=clock.now())
    await record_receipts([entry.id], bank, "webhook", at=clock.now())
    over = clock.now().replace(microsecond=0)
    clock.advance(timedelta(minutes=1))
    assert sorted(await asyncio.gather(*(chase_due(runtime) for _ in range(3)))) == [0, 0, 1]
    recall = await Recall.get()
    assert (recall.receiver, recall.issued_at) == (bank, clock.now())
    jwks = (await app_client.get("/.well-known/jwks.json")).json()
    assert read_statement(jwks, recall.statement) == (entry.id, bank, over)
    assert await OutboxEvent.filter(topic="honor_entry.recalled", audience=bank).count() == 1
    assert await chase_due(runtime) == 0


async def test_an_acknowledged_recall_is_not_sent_again_for_a_later_receipt(
    runtime: Runtime, entry: HonorEntry, bank: str
) -> None:
    await entries_for(bank, KIND, after=None, at=runtime.clock.now())
    await ending(runtime, entry)()
    await Recall.all().update(state="acknowledged", acknowledged_at=runtime.clock.now())
    await record_receipts([entry.id], bank, "webhook", at=runtime.clock.now())
    assert await chase_due(runtime) == 0
    assert (await Recall.get()).state == "acknowledged"
    assert not await EntryReceipt.filter(is_recalled=False).exists()
