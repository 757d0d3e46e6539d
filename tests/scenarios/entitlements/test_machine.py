"""Whatever happens to entitlements, in whatever order, quota and books agree with them."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from support.databases import SqliteDatabases
from tortoise.backends.base.executor import EXECUTOR_CACHE

from xinyi_platform.database import connect_database
from xinyi_platform.errors import DomainError
from xinyi_platform.ids import new_id
from xinyi_scenarios.claims import AlreadyClaimed, Claimed, ClaimOrder, SoldOut, settle_claims
from xinyi_scenarios.entitlements.changing import change_entitlement, expire_due
from xinyi_scenarios.entitlements.models import Entitlement
from xinyi_scenarios.entitlements.states import OPEN, TRANSITIONS, USABLE
from xinyi_scenarios.ledger import balance_of
from xinyi_scenarios.quotas import QuotaBelowUse, change_total, open_quota
from xinyi_scenarios.quotas.models import Quota
from xinyi_scenarios.redemptions.models import Redemption
from xinyi_scenarios.redemptions.redeeming import Use, redeem_entitlement, reverse_redemption

START = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
RESIDENTS = [new_id() for _ in range(4)]
EVENTS = sorted({event for edges in TRANSITIONS.values() for event in edges} - {"redeem", "reverse"})
Result = TypeVar("Result")


async def fetch_redemption(identity: UUID) -> Redemption:
    return await Redemption.get(id=identity)


async def fetch_quota(identity: UUID) -> Quota:
    return await Quota.get(id=identity)


async def fetch_all() -> list[Entitlement]:
    return await Entitlement.all()


class Held:
    """What the test believes of one entitlement."""

    def __init__(self, code: str, resident: UUID, state: str, at: datetime) -> None:
        self.code, self.resident, self.state = code, resident, state
        self.reserved_until, self.valid_until = at + timedelta(hours=2), at + timedelta(days=2)
        self.counts = True
        self.redemption: UUID | None = None


class EntitlementMachine(RuleBasedStateMachine):
    """Residents claim, use, give back and wait; the model is a dict, the rest is the product."""

    databases: SqliteDatabases
    models: list[str]

    def __init__(self) -> None:
        super().__init__()
        EXECUTOR_CACHE.clear()
        self.address = self.databases.fresh()
        self.runner = asyncio.Runner()
        self.connection = connect_database(self.address, self.models)
        self.run(self.connection.__aenter__())
        self.now, self.total = START, 3
        self.quota = self.run(open_quota("travel", "2026-11", total=self.total, at=self.now)).id
        self.held: dict[UUID, Held] = {}

    def teardown(self) -> None:
        self.run(self.connection.__aexit__(None, None, None))
        self.runner.close()
        self.databases.drop(self.address)

    def run(self, work: Coroutine[Any, Any, Result]) -> Result:
        return self.runner.run(work)

    def attempt(self, work: Coroutine[Any, Any, Result]) -> tuple[Result | None, str | None]:
        """Return what an act gave, or the code of its refusal."""
        try:
            return self.run(work), None
        except DomainError as error:
            return None, error.code

    @property
    def used(self) -> int:
        return sum(held.counts for held in self.held.values())

    @rule(resident=st.sampled_from(RESIDENTS), sure=st.booleans())
    def claim(self, resident: UUID, sure: bool) -> None:
        order = ClaimOrder(
            scenario="travel", version=1, resident_id=resident, period="2026-11", quota_id=self.quota, benefit={},
            valid_until=self.now + timedelta(days=2), scope=f"resident:{resident}", key=str(new_id()),
            fingerprint="f", at=self.now, state="issued" if sure else "reserved",
            reserved_until=None if sure else self.now + timedelta(hours=2),
        )  # fmt: skip
        (answer,) = self.run(settle_claims([order]))
        # Whoever used or let expire what she issued keeps the period's place; who gave it back may come again.
        holds = any(held.resident == resident and held.state in OPEN | {"redeemed"} for held in self.held.values())
        if holds:
            assert isinstance(answer, AlreadyClaimed)
        elif self.used >= self.total:
            assert isinstance(answer, SoldOut)
        else:
            assert isinstance(answer, Claimed)
            self.held[answer.held.id] = Held(answer.held.code, resident, order.state, self.now)

    @precondition(lambda self: self.held)
    @rule(data=st.data(), event=st.sampled_from(EVENTS))
    def change(self, data: st.DataObject, event: str) -> None:
        identity = data.draw(st.sampled_from(sorted(self.held)))
        held = self.held[identity]
        target = TRANSITIONS[held.state].get(event)
        _, refused = self.attempt(change_entitlement(identity, event, actor="test", at=self.now))
        assert refused == (None if target else "transition_forbidden")
        if target:
            self.end(held, event, target)

    def end(self, held: Held, event: str, target: str) -> None:
        if target in ("cancelled", "withdrawn") or (held.state, event) == ("reserved", "expire"):
            held.counts = False
        held.state = target

    @precondition(lambda self: self.held)
    @rule(data=st.data())
    def redeem(self, data: st.DataObject) -> None:
        held = self.held[data.draw(st.sampled_from(sorted(self.held)))]
        use = Use(merchant=None, actor="partner:test", channel="partner", price_fen=None, at=self.now)
        row, refused = self.attempt(redeem_entitlement(held.code, use))
        if row is None:
            assert held.state not in USABLE or held.valid_until <= self.now
            assert refused == ("already_redeemed" if held.state == "redeemed" else "not_usable")
            return
        assert held.state in USABLE
        held.state, held.redemption = "redeemed", row.id

    @precondition(lambda self: any(held.redemption for held in self.held.values()))
    @rule(data=st.data())
    def reverse(self, data: st.DataObject) -> None:
        used = [identity for identity, held in self.held.items() if held.redemption]
        held = self.held[data.draw(st.sampled_from(sorted(used)))]
        assert held.redemption
        row = self.run(fetch_redemption(held.redemption))
        undo = reverse_redemption(
            held.redemption, merchant_id=None, actor="partner:test", reason="mistake", at=self.now
        )
        done, refused = self.attempt(undo)
        if done is None:
            late = row.redeemed_at + timedelta(hours=24) < self.now
            assert refused == ("reversal_too_late" if late else "already_reversed")
            assert late or held.state != "redeemed"
            return
        assert held.state == "redeemed"
        held.state = "reversed"

    @rule(hours=st.integers(1, 30))
    def wait(self, hours: int) -> None:
        self.now += timedelta(hours=hours)
        due = [
            held
            for held in self.held.values()
            if held.state in OPEN
            and (held.valid_until <= self.now or (held.state == "reserved" and held.reserved_until <= self.now))
        ]
        assert self.run(expire_due(self.now)) == len(due)
        for held in due:
            self.end(held, "expire", "expired")

    @rule(total=st.integers(0, 6))
    def resize(self, total: int) -> None:
        try:
            self.run(change_total(self.quota, total=total, is_open=True))
        except QuotaBelowUse:
            assert total < self.used
            return
        assert total >= self.used
        self.total = total

    @invariant()
    def everything_agrees(self) -> None:
        rows = {row.id: row.state for row in self.run(fetch_all())}
        assert rows == {identity: held.state for identity, held in self.held.items()}
        quota = self.run(fetch_quota(self.quota))
        assert 0 <= quota.used <= quota.total == self.total
        assert quota.used == self.used
        states = [held.state for held in self.held.values()]
        expired = sum(held.state == "expired" and held.counts for held in self.held.values())
        expected = {
            "pool": -self.used,
            "resident": sum(state in OPEN for state in states),
            "used": states.count("redeemed"),
            "expired": expired,
        }
        found = self.run(balance_of(self.quota))
        assert {account: found.get(account, 0) for account in expected} == expected


def test_any_history_keeps_quota_books_and_entitlements_in_step(
    sqlite_databases: SqliteDatabases, models: list[str]
) -> None:
    EntitlementMachine.databases, EntitlementMachine.models = sqlite_databases, models
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large]
    run_state_machine_as_test(
        EntitlementMachine,
        settings=settings(max_examples=15, stateful_step_count=20, deadline=None, suppress_health_check=checks),
    )
