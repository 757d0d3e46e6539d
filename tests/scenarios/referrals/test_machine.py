"""Whatever a resident, a bank and the calendar do: what may be used has a ground, and what lost it is recalled."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from support.banks import bank_scene
from support.databases import SqliteDatabases
from tortoise.backends.base.executor import EXECUTOR_CACHE

from xinyi_platform.audit import AuditEntry
from xinyi_platform.database import connect_database, transaction
from xinyi_platform.errors import DomainError
from xinyi_platform.ids import new_id
from xinyi_platform.keys import KeyRing
from xinyi_platform.outbox import OutboxEvent
from xinyi_scenarios.claims import Claimed, ClaimOrder, settle_claims
from xinyi_scenarios.entitlements.models import Entitlement
from xinyi_scenarios.quotas import open_quota
from xinyi_scenarios.referrals.answers import Signer, sign_answer
from xinyi_scenarios.referrals.models import Referral
from xinyi_scenarios.referrals.recalling import CHASE_EVERY, TOPIC, chase_due, expire_due, recall
from xinyi_scenarios.referrals.states import LIVE, TRANSITIONS
from xinyi_scenarios.referrals.telling import send_to_receiver
from xinyi_scenarios.referrals.using import acknowledge, acknowledge_recall, check_answer, fetch, report_outcome

START = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
SIGNER = Signer(KeyRing.generate(START), "http://city.test")
BANK = new_id()
VALID_FOR = timedelta(days=10)
Result = TypeVar("Result")


class ReferralMachine(RuleBasedStateMachine):
    """One answer to one bank; the model is its state, what was sent, and the clock."""

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
        self.state, self.reason, self.outcome, self.sent, self.used = "offered", "", "", 0, False
        self.chase_at: datetime | None = None
        self.id, self.answer = self.run(self.offered())

    def teardown(self) -> None:
        self.run(self.connection.__aexit__(None, None, None))
        self.runner.close()
        self.databases.drop(self.address)

    def run(self, work: Coroutine[Any, Any, Result]) -> Result:
        return self.runner.run(work)

    def refusal(self, work: Coroutine[Any, Any, Any]) -> str | None:
        try:
            self.run(work)
        except DomainError as error:
            return error.code
        return None

    async def offered(self) -> tuple[UUID, str]:
        scene = bank_scene()
        quota = await open_quota(scene.slug, "ever", total=1, at=START)
        order = ClaimOrder(
            scenario=scene.slug, version=1, resident_id=new_id(), period="ever", quota_id=quota.id,
            benefit=scene.benefit(), valid_until=START + timedelta(days=365), scope="test", key="k", fingerprint="f",
            at=START,
        )  # fmt: skip
        (claimed,) = await settle_claims([order])
        assert isinstance(claimed, Claimed)
        identity, expires_at = new_id(), START + VALID_FOR
        answer = sign_answer(
            SIGNER, referral_id=identity, partner_id=BANK, pseudonym="p", scenario=scene.slug, version=1,
            verdict="yes", at=START, expires_at=expires_at,
        )  # fmt: skip
        row = Referral(
            id=identity, entitlement_id=claimed.held.id, scenario=scene.slug, version=1, partner_id=BANK,
            resident_id=order.resident_id, purpose="referral.bank", consent_id=new_id(), pseudonym="p", verdict="yes",
            answer=answer, state="offered", offered_at=START, expires_at=expires_at, recheck_at=expires_at,
        )  # fmt: skip
        row.offer_event_id = await send_to_receiver("referral.offered", row, {"answer": answer}, at=START)
        await row.save(force_create=True)
        return identity, answer

    @property
    def is_over(self) -> bool:
        return self.now >= START + VALID_FOR

    @property
    def is_hidden(self) -> bool:
        return self.state in ("withdrawn", "expired")

    def expected(self, event: str) -> str | None:
        if self.is_hidden:
            return "not_found"
        return None if event in TRANSITIONS[self.state] else "transition_forbidden"

    @rule()
    def look(self) -> None:
        assert self.refusal(fetch(BANK, self.id, at=self.now)) == ("not_found" if self.is_hidden else None)
        if self.state == "offered":
            self.state = "delivered"

    @rule()
    def take(self) -> None:
        wanted = self.expected("acknowledge") or ("referral_expired" if self.is_over else None)
        assert self.refusal(acknowledge(BANK, self.id, at=self.now)) == wanted
        if wanted is None:
            self.state, self.used = "acknowledged", True

    @rule(outcome=st.sampled_from(["accepted", "declined"]))
    def report(self, outcome: str) -> None:
        wanted = self.expected("report")
        assert self.refusal(report_outcome(BANK, self.id, outcome=outcome, at=self.now)) == wanted
        if wanted is None:
            self.outcome = outcome

    @rule()
    def stop_using(self) -> None:
        wanted = self.expected("acknowledge_recall")
        assert self.refusal(acknowledge_recall(BANK, self.id, at=self.now)) == wanted
        if wanted is None:
            self.state, self.chase_at = "recall_acknowledged", None

    @rule(reason=st.sampled_from(["consent", "resident", "entitlement"]))
    def ground_falls_away(self, reason: str) -> None:
        async def fall() -> None:
            async with transaction():
                row = await Referral.get(id=self.id)
                if row.state in LIVE:
                    assert await recall(SIGNER, row, reason, actor="t", at=self.now)

        self.run(fall())
        self.fall(reason)

    def fall(self, reason: str) -> None:
        if self.state == "offered":
            self.state, self.reason = "expired" if reason == "expired" else "withdrawn", reason
        elif self.state in LIVE:
            self.state, self.reason, self.chase_at = "recalled", reason, self.now + CHASE_EVERY
            self.sent += 1

    @rule(hours=st.sampled_from([1, 12, 24, 24 * 6]))
    def wait(self, hours: int) -> None:
        self.now += timedelta(hours=hours)
        over = self.is_over and self.state in LIVE
        assert self.run(expire_due(SIGNER, self.now)) == over
        if over:
            self.fall("expired")
        chased = self.chase_at is not None and self.chase_at <= self.now
        assert self.run(chase_due(self.now)) == chased
        if chased:
            self.sent, self.chase_at = self.sent + 1, self.now + CHASE_EVERY

    @invariant()
    def everything_agrees(self) -> None:
        row, held, sent, uses, word = self.run(self.read())
        assert (row.state, row.recall_reason, row.outcome) == (self.state, self.reason, self.outcome)
        assert (row.slot == "live") == (self.state in LIVE)
        assert row.next_chase_at == self.chase_at
        assert sent == self.sent
        assert (held.state == "redeemed", uses) == (self.used, int(self.used))
        if self.state in LIVE:
            assert word == ("EXPIRED" if self.is_over else "VALID")
        else:
            assert word == ("EXPIRED" if self.reason == "expired" else "RECALLED")

    async def read(self) -> tuple[Referral, Entitlement, int, int, str]:
        row = await Referral.get(id=self.id)
        held = await Entitlement.get(id=row.entitlement_id)
        sent = await OutboxEvent.filter(topic=TOPIC, audience=f"partner:{BANK}").count()
        uses = await AuditEntry.filter(action="entitlement.redeem").count()
        return row, held, sent, uses, await check_answer(SIGNER, self.answer, partner_id=BANK, at=self.now)


def test_any_history_of_an_answer_agrees_with_its_ground_and_the_calendar(
    sqlite_databases: SqliteDatabases, models: list[str]
) -> None:
    ReferralMachine.databases, ReferralMachine.models = sqlite_databases, models
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large]
    run_state_machine_as_test(
        ReferralMachine,
        settings=settings(max_examples=20, stateful_step_count=25, deadline=None, suppress_health_check=checks),
    )
