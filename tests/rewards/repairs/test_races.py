"""An entry that ends or is published at the same moment: nothing stays open about it, nobody waits in a circle."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta

import httpx
import pytest
from support.lists import WHOLE, act
from support.people import Caller
from support.racing import SlowAfter, after_reading
from support.repairs import FILED, GRANT, ask, listed, step
from support.scenes import problem_code

from xinyi_platform.clock import FixedClock
from xinyi_platform.database import is_postgres
from xinyi_platform.ids import new_id
from xinyi_platform.principals import Role, Staff
from xinyi_platform.runtime import Runtime
from xinyi_rewards.honor_lists.models import HonorEntry
from xinyi_rewards.honor_lists.publishing import end_entry, publish_due
from xinyi_rewards.repairs import deferring, handling, requesting
from xinyi_rewards.repairs.models import MeasureDeferral, RepairRequest

pytestmark = pytest.mark.anyio


async def test_a_request_filed_while_the_entry_ends_is_not_kept(
    app_client: httpx.AsyncClient,
    runtime: Runtime,
    xu: Caller,
    zhou: Caller,
    wang: Caller,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    entry = await listed(app_client, xu, zhou)

    async def end() -> object:
        return await end_entry(runtime, entry.id, "revoke", actor="x", reason="x", at=runtime.clock.now())

    monkeypatch.setattr(requesting, "entry_of", after_reading(end))
    assert problem_code(await ask(app_client, wang, entry, FILED)) == "nothing_to_repair"
    assert not await RepairRequest.exists()


async def test_a_promise_made_while_the_measure_is_taken_is_not_kept(
    app_client: httpx.AsyncClient,
    runtime: Runtime,
    clock: FixedClock,
    xu: Caller,
    zhou: Caller,
    wang: Caller,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = await act(app_client, xu, "/honor-lists/mirrored", {**WHOLE, "objection_until": "2026-11-30"})
    await act(app_client, zhou, f"/honor-lists/{made.json()['id']}/approve")
    entry = await HonorEntry.get()

    async def publish() -> object:
        await HonorEntry.filter(id=entry.id).update(publish_at=clock.now())
        return await publish_due(runtime)

    monkeypatch.setattr(deferring, "entry_of", after_reading(publish))
    promise = {"plan": "分两次还清欠款。", "due_on": "2026-12-10", "signed": "2026-1"}
    assert problem_code(await ask(app_client, wang, entry, promise, tail="/deferral")) == "cannot_defer"
    assert not await MeasureDeferral.exists()


def of_the_office(person: str) -> Staff:
    return Staff(new_id(), session_id=new_id(), person=person, roles=frozenset({Role.CREDIT_OFFICE}), division="410600")


async def test_a_decision_and_the_end_of_the_entry_do_not_wait_in_a_circle(
    app_client: httpx.AsyncClient,
    runtime: Runtime,
    xu: Caller,
    zhou: Caller,
    lin: Caller,
    wang: Caller,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if not is_postgres():
        pytest.skip("SQLite has one writer")
    entry = await listed(app_client, xu, zhou)
    await ask(app_client, wang, entry, FILED)
    row, now = await RepairRequest.get(), runtime.clock.now()
    await step(app_client, lin, row, {"act": "pass_on", "document": "XY-1"})
    slow = SlowAfter(requesting.move)
    monkeypatch.setattr(handling, "move", slow)
    deciding = asyncio.create_task(
        handling.decide(
            runtime, row.id, of_the_office("sun"), "grant", document=str(GRANT["document"]),
            decided_on=date(2026, 11, 23), reason="已履行", at=now,
        )
    )  # fmt: skip
    await slow.taken()
    assert await end_entry(runtime, entry.id, "expire", actor="job:expire", reason="over", at=now) is False
    await deciding
    assert ((await HonorEntry.get()).state, (await RepairRequest.get()).state) == ("repaired", "granted")


async def test_a_kept_promise_and_its_publication_do_not_wait_in_a_circle(
    app_client: httpx.AsyncClient,
    runtime: Runtime,
    clock: FixedClock,
    xu: Caller,
    zhou: Caller,
    sun: Caller,
    wang: Caller,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if not is_postgres():
        pytest.skip("SQLite has one writer")
    made = await act(app_client, xu, "/honor-lists/mirrored", {**WHOLE, "objection_until": "2026-11-30"})
    await act(app_client, zhou, f"/honor-lists/{made.json()['id']}/approve")
    entry = await HonorEntry.get()
    promise = {"plan": "分两次还清欠款。", "due_on": "2026-12-10", "signed": "2026-1"}
    await ask(app_client, wang, entry, promise, tail="/deferral")
    row = await MeasureDeferral.get()
    accept = {"act": "accept", "document": "演法暂缓1号", "reason": "同意"}
    assert (await act(app_client, sun, f"/deferrals/{row.id}", accept)).status_code == 204
    clock.advance(timedelta(days=20))
    slow = SlowAfter(deferring._move)
    monkeypatch.setattr(deferring, "_move", slow)
    keeping = asyncio.create_task(
        deferring.keep_deferral(
            runtime, row.id, of_the_office("qian"), document="演法结案1号", reason="已履行", at=clock.now()
        )
    )
    await slow.taken()
    await publish_due(runtime)
    await keeping
    assert ((await HonorEntry.get()).state, (await MeasureDeferral.get()).state) == ("revoked", "kept")


async def test_a_request_that_staff_send_back_as_the_entry_ends_lapses(
    app_client: httpx.AsyncClient,
    runtime: Runtime,
    xu: Caller,
    zhou: Caller,
    lin: Caller,
    wang: Caller,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if not is_postgres():
        pytest.skip("SQLite has one writer")
    entry = await listed(app_client, xu, zhou)
    await ask(app_client, wang, entry, FILED)
    row, now = await RepairRequest.get(), runtime.clock.now()
    slow = SlowAfter(requesting._record)
    monkeypatch.setattr(requesting, "_record", slow)
    sending = asyncio.create_task(
        handling.send_back(row.id, of_the_office("sun"), reason="请补充凭证", at=now + timedelta(seconds=1))
    )
    await slow.taken()
    assert await end_entry(runtime, entry.id, "expire", actor="job:expire", reason="over", at=now)
    await sending
    assert ((await HonorEntry.get()).state, (await RepairRequest.get()).state) == ("expired", "lapsed")
