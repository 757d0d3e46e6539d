"""Whatever a partner sends in whatever order: a bill never rises, and what has ended stays ended."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from support.databases import SqliteDatabases
from tortoise.backends.base.executor import EXECUTOR_CACHE

from xinyi_platform.database import connect_database
from xinyi_platform.errors import DomainError, TransitionForbidden
from xinyi_platform.ids import new_id
from xinyi_scenarios.claims import Claimed, ClaimOrder, settle_claims
from xinyi_scenarios.orders.models import ServiceOrder
from xinyi_scenarios.orders.serving import (
    NewOrder,
    complete_order,
    create_order,
    expire_unstarted,
    lower_amount,
    mark_overdue,
    revoke_order,
    start_order,
    sync_payment,
)
from xinyi_scenarios.orders.states import OPEN, TRANSITIONS, advance
from xinyi_scenarios.quotas import open_quota

START = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
PARTNER = new_id()
MOST = 2
EVENTS = {event for edges in TRANSITIONS.values() for event in edges}
Result = TypeVar("Result")


def test_the_table_leads_only_to_states_that_it_has() -> None:
    assert {target for edges in TRANSITIONS.values() for target in edges.values()} <= set(TRANSITIONS)


@pytest.mark.parametrize(
    ("state", "event"),
    sorted((state, event) for state in TRANSITIONS for event in EVENTS - set(TRANSITIONS[state])),
)
def test_a_missing_edge_is_refused(state: str, event: str) -> None:
    with pytest.raises(TransitionForbidden):
        advance(state, event)


async def all_orders() -> list[ServiceOrder]:
    return await ServiceOrder.all()


@dataclass
class Believed:
    """What the test believes of one order."""

    state: str
    created_at: datetime
    amount_fen: int | None = None
    is_paid: bool = False
    is_overdue: bool = False


class OrderMachine(RuleBasedStateMachine):
    """One resident, one partner, one waiver; the model is a dict."""

    databases: SqliteDatabases
    models: list[str]

    def __init__(self) -> None:
        super().__init__()
        EXECUTOR_CACHE.clear()
        self.address = self.databases.fresh()
        self.runner = asyncio.Runner()
        self.connection = connect_database(self.address, self.models)
        self.run(self.connection.__aenter__())
        self.now = START
        self.code = self.run(self.waiver())
        self.orders: dict[UUID, Believed] = {}

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

    async def waiver(self) -> str:
        quota = await open_quota("ride", "2026-11", total=1, at=START)
        benefit: dict[str, object] = {"kind": "waiver", "deposit_cap_fen": 29_900, "max_open_orders": MOST}
        order = ClaimOrder(
            scenario="ride", version=1, resident_id=new_id(), period="2026-11", quota_id=quota.id, benefit=benefit,
            valid_until=START + timedelta(days=365), scope="test", key="k", fingerprint="f", at=START,
        )  # fmt: skip
        (claimed,) = await settle_claims([order])
        assert isinstance(claimed, Claimed)
        return claimed.held.code

    @rule()
    def create(self) -> None:
        number = f"R-{len(self.orders)}"
        wish = NewOrder(out_order_no=number, code=self.code, deposit_fen=100, fee_items=[], expected_hours=24)
        row, refused = self.attempt(create_order(PARTNER, wish, at=self.now))
        if sum(order.state in OPEN for order in self.orders.values()) >= MOST:
            assert refused == "too_many_open_orders"
            return
        assert row
        self.orders[row.id] = Believed("created", self.now)

    def chosen(self, data: st.DataObject) -> tuple[UUID, Believed]:
        identity = data.draw(st.sampled_from(sorted(self.orders)))
        return identity, self.orders[identity]

    def expect(self, order: Believed, event: str, work: Coroutine[Any, Any, ServiceOrder]) -> bool:
        target = TRANSITIONS[order.state].get(event)
        _, refused = self.attempt(work)
        assert refused == (None if target else "transition_forbidden")
        order.state = target or order.state
        return target is not None

    @precondition(lambda self: self.orders)
    @rule(data=st.data())
    def start(self, data: st.DataObject) -> None:
        identity, order = self.chosen(data)
        self.expect(order, "start", start_order(identity, partner_id=PARTNER, at=self.now))

    @precondition(lambda self: self.orders)
    @rule(data=st.data(), amount_fen=st.integers(0, 500))
    def complete(self, data: st.DataObject, amount_fen: int) -> None:
        identity, order = self.chosen(data)
        work = complete_order(identity, partner_id=PARTNER, amount_fen=amount_fen, at=self.now)
        if self.expect(order, "complete", work):
            order.amount_fen, order.is_paid = amount_fen, amount_fen == 0

    @precondition(lambda self: self.orders)
    @rule(data=st.data(), amount_fen=st.integers(0, 500))
    def modify(self, data: st.DataObject, amount_fen: int) -> None:
        identity, order = self.chosen(data)
        work = lower_amount(identity, partner_id=PARTNER, amount_fen=amount_fen, reason="x", at=self.now)
        if order.is_paid:
            assert self.attempt(work) == (None, "order_already_paid")
        elif order.amount_fen is not None and amount_fen > order.amount_fen:
            assert self.attempt(work) == (None, "amount_may_only_fall")
        elif self.expect(order, "modify", work):
            order.amount_fen = amount_fen

    @precondition(lambda self: self.orders)
    @rule(data=st.data())
    def pay(self, data: st.DataObject) -> None:
        identity, order = self.chosen(data)
        work = sync_payment(identity, partner_id=PARTNER, paid_at=self.now, elsewhere=True, at=self.now)
        order.is_paid |= self.expect(order, "pay", work)

    @precondition(lambda self: self.orders)
    @rule(data=st.data())
    def revoke(self, data: st.DataObject) -> None:
        identity, order = self.chosen(data)
        self.expect(order, "revoke", revoke_order(identity, partner_id=PARTNER, reason="x", at=self.now))

    @rule(hours=st.sampled_from([1, 25, 24 * 31]))
    def wait(self, hours: int) -> None:
        self.now += timedelta(hours=hours)
        orders = self.orders.values()
        day, month = timedelta(days=1), timedelta(days=30)
        late = [o for o in orders if o.state == "doing" and not o.is_overdue and o.created_at + day <= self.now]
        stale = [o for o in orders if o.state == "created" and o.created_at + month <= self.now]
        assert self.run(mark_overdue(self.now)) == len(late)
        assert self.run(expire_unstarted(self.now)) == len(stale)
        for order in late:
            order.is_overdue = True
        for order in stale:
            order.state = "expired"

    @invariant()
    def everything_agrees(self) -> None:
        rows = self.run(all_orders())
        assert {row.id: row.state for row in rows} == {i: order.state for i, order in self.orders.items()}
        for row in rows:
            order = self.orders[row.id]
            assert (row.amount_fen, row.paid_at is not None, row.overdue_at is not None) == (
                order.amount_fen, order.is_paid, order.is_overdue,
            )  # fmt: skip
            assert row.amount_fen is None or row.amount_fen <= (row.completed_fen or 0)


def test_any_history_of_orders_keeps_bills_falling_and_ends_final(
    sqlite_databases: SqliteDatabases, models: list[str]
) -> None:
    OrderMachine.databases, OrderMachine.models = sqlite_databases, models
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large]
    run_state_machine_as_test(
        OrderMachine,
        settings=settings(max_examples=15, stateful_step_count=25, deadline=None, suppress_health_check=checks),
    )
