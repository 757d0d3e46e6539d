"""Any interleaving of what several processes do to one scene's quotas keeps every invariant, on PostgreSQL."""

from __future__ import annotations

import asyncio
import multiprocessing
import random
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from support.databases import PostgresDatabases

from xinyi_platform.app import all_features, model_modules
from xinyi_platform.database import connect_database
from xinyi_platform.errors import DomainError
from xinyi_platform.ids import new_id
from xinyi_scenarios.claims import Claimed, ClaimOrder, settle_claims
from xinyi_scenarios.entitlements.changing import change_entitlement, expire_due
from xinyi_scenarios.entitlements.models import Entitlement
from xinyi_scenarios.ledger import balance_of
from xinyi_scenarios.manifests import Manifest
from xinyi_scenarios.manifests.loading import manifest_from
from xinyi_scenarios.quotas import (
    Hold,
    change_total,
    hold_from,
    lend_share,
    needs_of,
    open_quotas,
    period_of,
    take_back_share,
)
from xinyi_scenarios.quotas.models import Quota, QuotaLoan
from xinyi_scenarios.redemptions.models import Redemption
from xinyi_scenarios.redemptions.redeeming import Use, redeem_entitlement, reverse_redemption
from xinyi_scenarios.redemptions.spending import return_unspent

pytestmark = [pytest.mark.race, pytest.mark.timeout(300)]
START = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
DISTRICTS = ("410602", "410611", "410622")
RESIDENTS = [(UUID(int=n + 1), DISTRICTS[n % 3]) for n in range(12)]
TEXT = {"zh": "试验", "en": "trial"}
LIMITS = [
    {"per": "scene", "period": "day", "total": 8},
    {"per": "district", "period": "month", "total": 5, "shares": {"410602": 3}},
]
SCENE = {
    "slug": "trial", "version": 1, "opens_on": "2026-01-01",
    "name": TEXT, "summary": TEXT, "terms": TEXT, "provider": TEXT,
    "gives": {"flow": "voucher", "percent_off": 50, "cap_fen": 300, "validity_days": 2},
    "quota": {"total": 14, "period": "month", "per_resident": 2, "limits": LIMITS},
    "budget": {"total_fen": 2_700, "period": "month", "limits": [{"per": "district", "period": "day", "total": 1_500}]},
    "bureau": {"purpose": "credit_status.scenes", "basis": "试验"},
}  # fmt: skip


class Actor:
    """One process's hands: each act is drawn by its own chance, and a refusal by the product is an answer."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.scene: Manifest = manifest_from(SCENE)
        self.now = START

    async def act(self) -> None:
        self.now += timedelta(minutes=self.chance.randrange(90))
        acts = [self.claim] * 5 + [self.cancel, self.redeem, self.redeem, self.reverse, self.resize, self.lend]
        act = self.chance.choice([*acts, self.take_back, self.sweep])
        try:
            await act()
        except DomainError as refused:
            if refused.status >= 500:
                raise

    async def claim(self) -> None:
        people = self.chance.sample(RESIDENTS, self.chance.randrange(1, 6))
        needs = {resident: needs_of(self.scene, district=district, at=self.now) for resident, district in people}
        totals = {need.key: need.total for row in needs.values() for need in row}
        quotas = await open_quotas("trial", totals, at=self.now)
        state = self.chance.choice(["issued", "issued", "reserved"])
        orders = [
            ClaimOrder(
                scenario="trial", version=1, resident_id=resident, period=period_of("month", self.now),
                quota_id=quotas[row[-1].key].id, benefit=self.scene.benefit(),
                valid_until=self.now + timedelta(days=2), scope=f"resident:{resident}", key=str(new_id()),
                fingerprint="f", at=self.now, state=state,
                reserved_until=self.now + timedelta(hours=2) if state == "reserved" else None,
                holds=tuple(Hold(quotas[need.key].id, need.key.measure, need.amount) for need in row[:-1]), times=2,
            )
            for resident, row in needs.items()
        ]  # fmt: skip
        for answer in await settle_claims(orders):
            assert isinstance(answer, Claimed | DomainError)

    async def one(self, *states: str) -> Entitlement | None:
        found = await Entitlement.filter(state__in=states)
        return self.chance.choice(found) if found else None

    async def cancel(self) -> None:
        if held := await self.one("issued", "reserved", "reversed"):
            await change_entitlement(held.id, "cancel", actor="test", at=self.now)

    async def redeem(self) -> None:
        if held := await self.one("issued", "reversed"):
            price = self.chance.randrange(900)
            use = Use(merchant=None, actor="partner:x", channel="partner", price_fen=price, at=self.now)
            await redeem_entitlement(held.code, use)

    async def reverse(self) -> None:
        if found := await Redemption.filter(slot="live"):
            row = self.chance.choice(found)
            await reverse_redemption(row.id, merchant_id=None, actor="partner:x", reason="test", at=self.now)

    async def resize(self) -> None:
        if found := await Quota.filter(scope="", measure="units"):
            row = self.chance.choice(found)
            await change_total(row.id, total=self.chance.randrange(4, 16), is_open=self.chance.random() < 0.9)

    async def lend(self) -> None:
        found = await Quota.filter(scope__startswith="district:")
        if len(found) > 1:
            one, two = self.chance.sample(found, 2)
            await lend_share(one.id, two.id, self.chance.randrange(1, 3), actor="test", at=self.now)

    async def take_back(self) -> None:
        if found := await QuotaLoan.all():
            await take_back_share(self.chance.choice(found).id, 1, actor="test", at=self.now)

    async def sweep(self) -> None:
        await expire_due(self.now)
        await return_unspent(self.now)


async def _live_through(database_url: str, seed: int, acts: int) -> None:
    async with connect_database(database_url, model_modules(all_features())):
        actor = Actor(seed)
        for _ in range(acts):
            await actor.act()


def live_through(database_url: str, seed: int, acts: int) -> None:
    asyncio.run(_live_through(database_url, seed, acts))


async def _require_agreement(database_url: str) -> int:
    """Check every row against the books and against what entitlements and redemptions hold."""
    async with connect_database(database_url, model_modules(all_features())):
        expected: dict[UUID, int] = {}
        entitlements = await Entitlement.all()
        settled = {row.entitlement_id: row for row in await Redemption.exclude(settled_at=None)}
        for held in entitlements:
            for hold in (*map(hold_from, held.holds), Hold(held.quota_id, "units", 1)):
                amount = _still_held(held, hold, settled.get(held.id))
                expected[hold.quota_id] = expected.get(hold.quota_id, 0) + amount
        rows = await Quota.all()
        for row in rows:
            assert 0 <= row.used <= row.total
            assert row.used == expected.get(row.id, 0), (row.measure, row.scope, row.period)
            assert row.used == -(await balance_of(row.id)).get("pool", 0)
        loans = await QuotaLoan.all()
        assert all(0 <= loan.returned <= loan.units for loan in loans)
        return len(entitlements)


def _still_held(held: Entitlement, hold: Hold, settled: Redemption | None) -> int:
    """Return what an entitlement should hold of a row, said apart from the product's own words."""
    if held.state in ("cancelled", "withdrawn") or (held.state == "expired" and held.issued_at is None):
        return 0
    if hold.measure == "fen" and held.state == "expired":
        return 0
    if hold.measure == "fen" and settled is not None:
        return settled.discount_fen or 0
    return hold.amount


@pytest.mark.parametrize("seed", range(3))
def test_whatever_three_processes_do_at_once_quotas_budgets_and_books_agree(
    postgres_databases: PostgresDatabases, seed: int
) -> None:
    database_url = postgres_databases.fresh()
    spawn = multiprocessing.get_context("spawn")
    processes = [spawn.Process(target=live_through, args=(database_url, seed * 10 + n, 150)) for n in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0, 0, 0]
    assert asyncio.run(_require_agreement(database_url)) > 5, "hardly anything was claimed: the run proves little"
