"""A fair's day through several processes on PostgreSQL: places, entries and prizes come out exact."""

from __future__ import annotations

import asyncio
import multiprocessing
import random
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from support.databases import PostgresDatabases
from support.fairs import BEGINS, GIVES

from xinyi_platform.app import all_features, model_modules
from xinyi_platform.database import connect_database
from xinyi_platform.errors import Conflict, NotFound
from xinyi_platform.ids import new_public_code
from xinyi_scenarios.entitlements.models import Entitlement
from xinyi_scenarios.fairs.booking import book_ticket, cancel_ticket
from xinyi_scenarios.fairs.entering import Scan, settle_scans
from xinyi_scenarios.fairs.models import FairAward, FairPrizeDay, FairScan, FairSlotDay, FairStamp, FairTicket
from xinyi_scenarios.fairs.rewarding import give_prize, stamp_ticket

pytestmark = [pytest.mark.race, pytest.mark.timeout(300)]
MONDAY = datetime(2026, 11, 23, 2, tzinfo=UTC)
PLACES, STOCK, PEOPLE = 20, 6, 40
SLOTS = [
    {"key": "morning", "begins": "09:00", "ends": "12:00", "places": PLACES},
    {"key": "afternoon", "begins": "13:00", "ends": "17:00", "places": PLACES // 2},
]
PRIZES = [{"key": "bag", "name": {"zh": "袋", "en": "bag"}, "stamps": 1, "stock": STOCK}]
BENEFIT = {**GIVES, "kind": "fair", "slots": SLOTS, "prizes": PRIZES}


async def _people() -> None:
    for n in range(PEOPLE):
        await Entitlement.create(
            code=new_public_code(), scenario="fair", version=1, resident_id=UUID(int=n + 1), period="2026-11",
            slot="2026-11", quota_id=UUID(int=999), state="issued", benefit=BENEFIT, created_at=MONDAY,
            valid_until=MONDAY + timedelta(days=30), reason="",
        )  # fmt: skip


async def _week(seed: int) -> None:
    """Everybody books, some change and give back; each process acts for all of them."""
    chance = random.Random(seed)
    held = await Entitlement.all()
    for _ in range(150):
        one = chance.choice(held)
        try:
            if chance.random() < 0.2:
                await cancel_ticket(one.resident_id, one.id, at=MONDAY)
            else:
                slot = chance.choice(["morning", "morning", "afternoon"])
                await book_ticket(one.resident_id, one.id, BEGINS.date(), slot, at=MONDAY)
        except (Conflict, NotFound):
            continue


async def _day(seed: int) -> None:
    """Every process scans every ticket, under ids of which some are another's, and hands out what it can."""
    chance = random.Random(seed)
    tickets = await FairTicket.all()
    chance.shuffle(tickets)
    at = BEGINS + timedelta(hours=6)
    for ticket in tickets:
        shared = UUID(int=ticket.id.int ^ 1)
        own = UUID(int=ticket.id.int ^ (seed + 2))
        when = ticket.begins_at + timedelta(seconds=chance.randrange(900))
        scans = [
            Scan(id=id_, scenario="fair", gate="east", code=ticket.code, scanned_at=moment)
            for id_, moment in ((shared, ticket.begins_at + timedelta(seconds=450)), (own, when))
        ]
        await settle_scans(scans, actor="partner:x", at=at)
        try:
            await stamp_ticket("fair", ticket.code, "quiz", actor="partner:x", at=at)
            await give_prize("fair", ticket.code, "bag", actor="partner:x", at=at)
        except Conflict:
            continue


def _run(database_url: str, part: str, seed: int) -> None:
    async def run() -> None:
        async with connect_database(database_url, model_modules(all_features())):
            await {"week": _week, "day": _day}[part](seed)

    asyncio.run(run())


def together(database_url: str, part: str) -> None:
    spawn = multiprocessing.get_context("spawn")
    processes = [spawn.Process(target=_run, args=(database_url, part, seed)) for seed in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0, 0, 0]


async def _in_the_city(database_url: str, act: str) -> None:
    async with connect_database(database_url, model_modules(all_features())):
        await {"people": _people, "places": _require_places, "entries": _require_entries}[act]()


async def _require_places() -> None:
    booked = await FairTicket.filter(state="booked")
    rows = {row.slot: row for row in await FairSlotDay.all()}
    for slot, row in rows.items():
        assert row.taken == sum(ticket.slot == slot for ticket in booked) <= row.places
    assert len(booked) > PLACES // 2, "hardly anything was booked: the run proves little"


async def _require_entries() -> None:
    tickets = await FairTicket.exclude(state="cancelled")
    for ticket in tickets:
        scans = await FairScan.filter(ticket_id=ticket.id)
        assert len(scans) == 4
        first = min(scans, key=lambda scan: (scan.counted_at, scan.id))
        assert [scan.id for scan in scans if scan.outcome == "admitted"] == [first.id]
        assert (ticket.state, ticket.entered_at) == ("entered", first.counted_at)
    entitled = {ticket.entitlement_id for ticket in tickets}
    assert {row.id for row in await Entitlement.filter(state="redeemed")} == entitled
    assert await FairStamp.all().count() == len(tickets)
    assert (await FairPrizeDay.get()).given == await FairAward.all().count() == STOCK


def test_places_entries_and_prizes_are_exact_whatever_three_processes_do(
    postgres_databases: PostgresDatabases,
) -> None:
    database_url = postgres_databases.fresh()
    asyncio.run(_in_the_city(database_url, "people"))
    together(database_url, "week")
    asyncio.run(_in_the_city(database_url, "places"))
    together(database_url, "day")
    asyncio.run(_in_the_city(database_url, "entries"))
