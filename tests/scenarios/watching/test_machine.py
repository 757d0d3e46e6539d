"""Whatever the bureau says, whenever the job runs: nothing is lost before she was told and the grace was over."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal, TypeVar
from uuid import UUID

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from support.bureau import BureauThread
from support.databases import SqliteDatabases
from support.loading import features
from support.scenes import a_consenting_resident, id_of
from support.watching import GRACE_DAYS, set_standing, watched_scene
from tortoise.backends.base.executor import EXECUTOR_CACHE

from xinyi_platform.app import all_features
from xinyi_platform.audit import AuditEntry
from xinyi_platform.bureau import BureauClient
from xinyi_platform.bureau.simulator import pin_keys
from xinyi_platform.clock import FixedClock
from xinyi_platform.consents import grant, live_consent, purpose_of, withdraw
from xinyi_platform.consents.purposes import SCENES
from xinyi_platform.credit.models import CreditSnapshot
from xinyi_platform.database import connect_database
from xinyi_platform.errors import NotFound
from xinyi_platform.language import Text
from xinyi_platform.notices.models import Notice
from xinyi_platform.runtime import build_runtime
from xinyi_platform.settings import Settings
from xinyi_scenarios.claims import claim_entitlement
from xinyi_scenarios.entitlements.models import Entitlement
from xinyi_scenarios.watching.models import EntitlementWarning
from xinyi_scenarios.watching.rechecking import recheck_due

START = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
GRACE = timedelta(days=GRACE_DAYS)
Result = TypeVar("Result")


@dataclass
class Surroundings:
    """What every run of the machine stands on."""

    databases: SqliteDatabases
    models: list[str]
    bureau: BureauThread
    key_ring_file: Path
    folder: Path
    do: Literal["suspend", "end"]
    clock: FixedClock


class WatchingMachine(RuleBasedStateMachine):
    """One resident, one watched scene, a bureau that changes its mind or is away, and a job at any hour."""

    around: Surroundings

    def __init__(self) -> None:
        super().__init__()
        EXECUTOR_CACHE.clear()
        around = self.around
        self.address = around.databases.fresh()
        self.clock = around.clock
        self.clock.advance(START - self.clock.now())
        self.bureau = around.bureau.simulator
        self.bureau.clock, self.bureau.mode = self.clock, "ok"
        self.runner = asyncio.Runner()
        self.connection = connect_database(self.address, around.models)
        self.run(self.connection.__aenter__())
        given = Settings(
            database_url=self.address, secret_file=around.key_ring_file, files_dir=around.folder,
            bureau_url=around.bureau.url, bureau_key_file=around.folder / "bureau.json", jobs=False,
        )  # fmt: skip
        self.runtime = build_runtime(given, clock=self.clock)
        self.loaded = all_features(features())
        self.run(self.open())
        self.who = id_of(self.run(a_consenting_resident(self.runtime, self.bureau)))
        self.scene = watched_scene(self.runtime, around.do)
        self.claims = 0

    async def open(self) -> None:
        for feature in self.loaded:
            feature.prepare(self.runtime)
        for feature in self.loaded:
            await feature.start(self.runtime)

    async def close(self) -> None:
        for feature in reversed(self.loaded):
            await feature.stop(self.runtime)
        await self.runtime.close()

    def teardown(self) -> None:
        try:
            self.all_is_well_again()
        finally:
            self.run(self.close())
            self.run(self.connection.__aexit__(None, None, None))
            self.runner.close()
            self.around.databases.drop(self.address)

    def run(self, work: Coroutine[Any, Any, Result]) -> Result:
        return self.runner.run(work)

    async def held(self) -> Entitlement | None:
        return await Entitlement.filter(resident_id=self.who).order_by("-created_at", "-id").first()

    @initialize()
    def claim(self) -> None:
        self.claims += 1
        given = claim_entitlement(self.runtime, self.who, self.scene.slug, key=str(self.claims), language="zh")
        assert self.run(given).held.state == "issued"

    @rule(standing=st.sampled_from(["good", "good", "serious", "serious", "general"]))
    def the_bureau_changes_its_mind(self, standing: str) -> None:
        set_standing(self.bureau, standing)

    @rule(mode=st.sampled_from(["ok", "ok", "down", "garbage"]))
    def the_bureau_comes_and_goes(self, mode: Literal["ok", "down", "garbage"]) -> None:
        self.bureau.mode = mode
        self.run(self.runtime.bureau.close())
        self.runtime.bureau = BureauClient.from_settings(
            self.runtime.settings, keys=self.runtime.keys, clock=self.clock
        )

    @rule(wanted=st.booleans())
    def she_consents_or_not(self, wanted: bool) -> None:
        now = self.clock.now()
        if wanted:
            self.run(grant(self.who, SCENES, version=purpose_of(SCENES).version, at=now))
            return
        try:
            self.run(withdraw(self.runtime.events, self.who, SCENES, at=now))
        except NotFound:
            return

    @rule(hours=st.integers(1, 60))
    def time_passes(self, hours: int) -> None:
        self.clock.advance(timedelta(hours=hours))

    @rule()
    def the_job_runs(self) -> None:
        before = self.run(self.held())
        self.run(recheck_due(self.runtime))
        after = self.run(self.held())
        assert before is not None
        assert after is not None
        if after.state in ("suspended", "withdrawn") and before.state not in ("suspended", "withdrawn"):
            self.run(self.assert_it_could_be_told())

    @precondition(lambda self: self.run(self.held()).state == "withdrawn")
    @rule()
    def claim_anew(self) -> None:
        self.all_is_well_again()
        self.claim()

    async def assert_it_could_be_told(self) -> None:
        """A live consent, and a word of the bureau that is bad and no older than a day."""
        snapshot = await CreditSnapshot.get(resident_id=self.who)
        assert snapshot.standing in ("serious", "general")
        assert self.clock.now() - snapshot.as_of <= timedelta(hours=self.scene.bureau.fresh_hours)
        assert await live_consent(self.who, SCENES, at=self.clock.now())

    def all_is_well_again(self) -> None:
        """Then nothing stays suspended, and nothing threatens."""
        self.the_bureau_comes_and_goes("ok")
        set_standing(self.bureau, "good")
        self.she_consents_or_not(True)
        self.clock.advance(timedelta(days=1, minutes=1))
        self.run(recheck_due(self.runtime))
        held = self.run(self.held())
        assert held is None or held.state in ("issued", "withdrawn")
        assert self.run(self.live_warnings()) == 0

    async def live_warnings(self) -> int:
        return await EntitlementWarning.filter(slot="live").count()

    @invariant()
    def nothing_is_lost_before_it_was_told_and_the_grace_was_over(self) -> None:
        self.run(self.check_losses())

    async def check_losses(self) -> None:
        losses = await AuditEntry.filter(action__in=["entitlement.suspend", "entitlement.withdraw"])
        for loss in losses:
            warning = await EntitlementWarning.get(id=UUID(str(loss.detail["warning"])))
            told = await Notice.get(resident_id=self.who, dedupe=f"entitlement.warning:{warning.id}")
            assert told.created_at == warning.warned_at
            assert told.created_at + GRACE <= loss.at == warning.acted_at
            day = f"{warning.acts_on.year}年{warning.acts_on.month}月{warning.acts_on.day}日"
            assert day in told.title_zh
            assert Text(told.body_zh, told.body_en).zh.startswith("原因:")
        assert len({loss.detail["warning"] for loss in losses}) == len(losses), "one warning, one loss"

    @invariant()
    def what_is_suspended_says_so_by_a_live_warning(self) -> None:
        held = self.run(self.held())
        if held is not None and held.state == "suspended":
            assert self.run(self.live_warnings()) == 1


@pytest.mark.parametrize("do", ["suspend", "end"])
def test_no_history_takes_anything_before_its_time(
    do: Literal["suspend", "end"],
    sqlite_databases: SqliteDatabases,
    models: list[str],
    bureau_thread: BureauThread,
    key_ring_file: Path,
    tmp_path: Path,
    clock: FixedClock,
) -> None:
    pin_keys(bureau_thread.keys, tmp_path / "bureau.json")
    bureau_thread.simulator.overrides.clear()
    around = Surroundings(sqlite_databases, models, bureau_thread, key_ring_file, tmp_path, do, clock)
    WatchingMachine.around = around
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
    run_state_machine_as_test(
        WatchingMachine,
        settings=settings(max_examples=12, stateful_step_count=25, deadline=None, suppress_health_check=checks),
    )
