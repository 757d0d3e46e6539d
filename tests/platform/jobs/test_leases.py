"""Any number of workers may run the sweeps: a lease lets one at a time through, and a dead one's is taken over."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from xinyi_platform.app import all_features
from xinyi_platform.clock import FixedClock
from xinyi_platform.features import Job
from xinyi_platform.jobs import JobRunner
from xinyi_platform.jobs.models import JobLease
from xinyi_platform.jobs.running import LEASE
from xinyi_platform.runtime import Runtime

pytestmark = pytest.mark.anyio


class Work:
    """A sweep that waits at a gate and counts how many are in it."""

    def __init__(self) -> None:
        self.gate, self.entered = asyncio.Event(), asyncio.Event()
        self.runs = self.inside = self.most = 0

    async def run(self, _: Runtime) -> int:
        self.runs += 1
        self.inside += 1
        self.most = max(self.most, self.inside)
        self.entered.set()
        await self.gate.wait()
        self.inside -= 1
        return 3

    def job(self) -> Job:
        return Job(name="work", every_seconds=1, run=self.run)


async def test_two_runners_at_once_have_one_effect(runtime: Runtime) -> None:
    work = Work()
    work.gate.set()
    runners = [JobRunner(runtime, [work.job()]) for _ in range(4)]
    counts = await asyncio.gather(*(runner.run_once("work") for runner in runners))
    assert work.most == 1
    assert set(counts) <= {3, None}
    assert work.runs == counts.count(3)


async def test_while_one_works_the_other_stays_away_and_runs_afterwards(runtime: Runtime) -> None:
    work = Work()
    first, second = JobRunner(runtime, [work.job()]), JobRunner(runtime, [work.job()])
    running = asyncio.create_task(first.run_once("work"))
    await work.entered.wait()
    assert await second.run_once("work") is None
    work.gate.set()
    assert await running == 3
    assert await second.run_once("work") == 3
    assert work.most == 1


async def test_a_dead_runners_lease_is_taken_over_and_not_before_its_time(runtime: Runtime, clock: FixedClock) -> None:
    work = Work()
    dead, heir = JobRunner(runtime, [work.job()]), JobRunner(runtime, [work.job()])
    killed = asyncio.create_task(dead.run_once("work"))
    await work.entered.wait()
    killed.cancel()
    await asyncio.gather(killed, return_exceptions=True)
    work.gate.set()
    clock.advance(LEASE - timedelta(seconds=1))
    assert await heir.run_once("work") is None
    clock.advance(timedelta(seconds=1))
    assert await heir.run_once("work") == 3


async def test_who_was_overtaken_does_not_give_back_the_heirs_lease(runtime: Runtime, clock: FixedClock) -> None:
    slow, fast = Work(), Work()
    first, heir = JobRunner(runtime, [slow.job()]), JobRunner(runtime, [fast.job()])
    late = asyncio.create_task(first.run_once("work"))
    await slow.entered.wait()
    clock.advance(LEASE)
    overtaking = asyncio.create_task(heir.run_once("work"))
    await fast.entered.wait()
    held = await JobLease.get(name="work")
    slow.gate.set()
    await late
    assert (await JobLease.get(name="work")).until == held.until
    fast.gate.set()
    assert await overtaking == 3


async def test_a_failed_run_is_noted_and_gives_the_lease_back(runtime: Runtime) -> None:
    async def fail(_: Runtime) -> int:
        raise LookupError("13800000001")

    runner = JobRunner(runtime, [Job(name="work", every_seconds=1, run=fail)])
    assert await runner.run_once("work") == 0
    lease = await JobLease.get(name="work")
    assert (lease.last_error, lease.last_count) == ("LookupError", 0)
    assert await runner.run_once("work") == 0, "the lease was free again"


async def test_a_stop_waits_for_what_runs(runtime: Runtime) -> None:
    work = Work()
    runner = JobRunner(runtime, [Job(name="work", every_seconds=0.01, run=work.run)])
    runner.start()
    await asyncio.wait_for(work.entered.wait(), 10)
    stopping = asyncio.create_task(runner.stop())
    await asyncio.sleep(0)
    assert not stopping.done()
    work.gate.set()
    await asyncio.wait_for(stopping, 10)
    assert work.inside == 0


@pytest.mark.parametrize("name", [job.name for feature in all_features() for job in feature.jobs])
async def test_every_sweep_of_the_product_may_run_twice_on_an_empty_city(name: str, runtime: Runtime) -> None:
    runner = JobRunner(runtime, [job for feature in all_features() for job in feature.jobs])
    for _ in range(2):
        await runner.run_once(name)
    assert (await JobLease.get(name=name)).last_error == ""
