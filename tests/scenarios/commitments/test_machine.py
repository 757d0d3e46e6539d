"""Whatever happens to a promise in whatever order and on whatever day: it ends once, and the benefit with it."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from support.databases import SqliteDatabases
from support.promises import DUE_DAYS, REPAIR_DAYS, promise_scene
from tortoise.backends.base.executor import EXECUTOR_CACHE

from xinyi_platform.audit import AuditEntry
from xinyi_platform.clock import local_date
from xinyi_platform.database import connect_database
from xinyi_platform.errors import DomainError
from xinyi_platform.ids import new_id
from xinyi_scenarios.claims import Claimed, ClaimOrder, settle_claims
from xinyi_scenarios.commitments.deadlines import RETRY_DAYS
from xinyi_scenarios.commitments.keeping import (
    break_if_due,
    confirm_paper,
    extend,
    fulfil,
    grant_on_promise,
    hand_in,
    refuse_paper,
    withdraw,
)
from xinyi_scenarios.commitments.models import CommitmentPaper, SignedCommitment
from xinyi_scenarios.entitlements.models import Entitlement
from xinyi_scenarios.quotas import open_quota
from xinyi_scenarios.quotas.models import Quota

START = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
KEYS = ("lease", "health")
ENTITLEMENT = {
    "signed": "issued", "broken": "suspended", "fulfilled": "redeemed", "repaired": "redeemed",
    "withdrawn": "cancelled",
}  # fmt: skip
Result = TypeVar("Result")


class CommitmentMachine(RuleBasedStateMachine):
    """One promise with two papers; the model is a few fields and the calendar."""

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
        self.due = local_date(START) + timedelta(days=DUE_DAYS)
        self.repair: date | None = None
        self.state, self.granted, self.extended = "signed", False, False
        self.papers = dict.fromkeys(KEYS, "open")
        self.id = self.run(self.promise())

    def teardown(self) -> None:
        self.run(self.connection.__aexit__(None, None, None))
        self.runner.close()
        self.databases.drop(self.address)

    def run(self, work: Coroutine[Any, Any, Result]) -> Result:
        return self.runner.run(work)

    def refusal(self, work: Coroutine[Any, Any, Any]) -> str | None:
        """Return the code of an act's refusal; None where it went through."""
        try:
            self.run(work)
        except DomainError as error:
            return error.code
        return None

    async def promise(self) -> UUID:
        scene = promise_scene()
        quota = await open_quota(scene.slug, "ever", total=1, at=START)
        order = ClaimOrder(
            scenario=scene.slug, version=1, resident_id=new_id(), period="ever", quota_id=quota.id,
            benefit=scene.benefit(), valid_until=START + timedelta(days=365), scope="test", key="k", fingerprint="f",
            at=START,
        )  # fmt: skip
        (claimed,) = await settle_claims([order])
        assert isinstance(claimed, Claimed)
        row = await SignedCommitment.create(
            entitlement_id=claimed.held.id, scenario=scene.slug, version=1, resident_id=order.resident_id,
            state="signed", language="zh", text="x", text_digest="x", receipt="x", signed_at=START,
            first_due_on=self.due, due_on=self.due, repair_days=REPAIR_DAYS, remind_days=[7, 1],
            next_remind_on=None, changed_at=START,
        )  # fmt: skip
        for place, key in enumerate(KEYS):
            await CommitmentPaper.create(
                commitment_id=row.id, place=place, key=key, name_zh=key, name_en=key, state="open"
            )
        return row.id

    @property
    def today(self) -> date:
        return local_date(self.now)

    def catch_up(self) -> bool:
        late = self.state == "signed" and self.today > self.due
        if late and any(state in ("open", "refused") for state in self.papers.values()):
            self.state, self.repair = "broken", self.due + timedelta(days=REPAIR_DAYS)
            return True
        return False

    def expect(self, work: Coroutine[Any, Any, Any], refused: str | None) -> bool:
        """Compare with what the model says; a refused act leaves the calendar to the sweep."""
        assert self.refusal(work) == refused
        if refused:
            self.run(break_if_due(self.id, at=self.now))
        return refused is None

    def running(self) -> bool:
        return self.state in ("signed", "broken")

    def settle(self) -> None:
        if set(self.papers.values()) == {"confirmed"}:
            self.state = "fulfilled" if self.state == "signed" else "repaired"

    @rule(key=st.sampled_from(KEYS), channel=st.sampled_from(["upload", "counter"]))
    def paper_comes(self, key: str, channel: str) -> None:
        self.catch_up()
        refused = None
        if not self.running() or self.papers[key] in ("handed_in", "confirmed"):
            refused = "transition_forbidden"
        elif self.state == "broken" and self.repair and self.today > self.repair:
            refused = "commitment_repair_over"
        if self.expect(hand_in(self.id, key, actor="t", channel=channel, at=self.now), refused):
            self.papers[key] = "handed_in"

    @rule(key=st.sampled_from(KEYS))
    def confirm(self, key: str) -> None:
        self.catch_up()
        possible = self.running() and self.papers[key] == "handed_in"
        if self.expect(
            confirm_paper(self.id, key, actor="t", at=self.now), None if possible else "transition_forbidden"
        ):
            self.papers[key] = "confirmed"
            self.settle()

    @rule(key=st.sampled_from(KEYS))
    def refuse(self, key: str) -> None:
        self.catch_up()
        possible = self.running() and self.papers[key] == "handed_in"
        work = refuse_paper(self.id, key, reason="x", actor="t", at=self.now)
        if self.expect(work, None if possible else "transition_forbidden"):
            self.papers[key] = "refused"
            floor = self.today + timedelta(days=RETRY_DAYS)
            if self.state == "signed":
                self.due = max(self.due, floor)
            elif self.repair:
                self.repair = max(self.repair, floor)

    @rule()
    def confirm_all(self) -> None:
        self.catch_up()
        refused = None
        if not self.running():
            refused = "transition_forbidden"
        elif any(state in ("open", "refused") for state in self.papers.values()):
            refused = "commitment_papers_missing"
        if self.expect(fulfil(self.id, actor="t", at=self.now), refused):
            self.papers = dict.fromkeys(KEYS, "confirmed")
            self.settle()

    @rule()
    def grant(self) -> None:
        self.catch_up()
        refused = None if self.state == "signed" else "transition_forbidden"
        self.granted |= self.expect(grant_on_promise(self.id, actor="t", at=self.now), refused)

    @rule(days=st.integers(0, DUE_DAYS + 1))
    def move(self, days: int) -> None:
        self.catch_up()
        refused = None
        if self.state != "signed":
            refused = "transition_forbidden"
        elif self.extended:
            refused = "commitment_already_extended"
        elif not 1 <= days <= DUE_DAYS:
            refused = "commitment_extension_too_long"
        if self.expect(extend(self.id, days=days, reason="x", actor="t", at=self.now), refused):
            self.extended = True
            self.due += timedelta(days=days)

    @rule()
    def take_back(self) -> None:
        self.catch_up()
        refused = "transition_forbidden" if self.state != "signed" else None
        if refused is None and self.granted:
            refused = "commitment_already_granted"
        if self.expect(withdraw(self.id, actor="t", at=self.now), refused):
            self.state = "withdrawn"

    @rule(hours=st.sampled_from([1, 23, 24 * 4, 24 * 9, 24 * 21]))
    def wait(self, hours: int) -> None:
        self.now += timedelta(hours=hours)
        assert self.run(break_if_due(self.id, at=self.now)) == self.catch_up()

    @invariant()
    def everything_agrees(self) -> None:
        row, papers, held, quota = self.run(self.read())
        assert (row.state, row.due_on, row.repair_until) == (self.state, self.due, self.repair)
        assert (row.granted_at is not None, row.extended_at is not None) == (self.granted, self.extended)
        assert papers == self.papers
        assert held.state == ENTITLEMENT[self.state]
        assert quota.used == (0 if self.state == "withdrawn" else 1)

    async def read(self) -> tuple[SignedCommitment, dict[str, str], Entitlement, Quota]:
        row = await SignedCommitment.get(id=self.id)
        papers = {paper.key: paper.state for paper in await CommitmentPaper.filter(commitment_id=row.id)}
        held = await Entitlement.get(id=row.entitlement_id)
        assert await AuditEntry.filter(action="entitlement.redeem").count() == (held.state == "redeemed")
        return row, papers, held, await Quota.get(id=held.quota_id)


def test_any_history_of_a_promise_agrees_with_the_calendar(
    sqlite_databases: SqliteDatabases, models: list[str]
) -> None:
    CommitmentMachine.databases, CommitmentMachine.models = sqlite_databases, models
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large]
    run_state_machine_as_test(
        CommitmentMachine,
        settings=settings(max_examples=20, stateful_step_count=25, deadline=None, suppress_health_check=checks),
    )


@pytest.mark.anyio
async def test_two_workers_break_it_once(database_url: str, models: list[str]) -> None:
    async with connect_database(database_url, models):
        machine = CommitmentMachine.__new__(CommitmentMachine)
        machine.due = local_date(START) + timedelta(days=DUE_DAYS)
        promise = await machine.promise()
        late = START + timedelta(days=DUE_DAYS + 1)
        broken = await asyncio.gather(*(break_if_due(promise, at=late) for _ in range(6)))
        assert sorted(broken) == [False] * 5 + [True]
        assert await AuditEntry.filter(action="commitment.break").count() == 1
        assert await AuditEntry.filter(action="entitlement.suspend").count() == 1
