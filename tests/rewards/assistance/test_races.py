"""An entry that ends, or a session that is cancelled, at the same moment: nothing stays open or is told wrongly."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from uuid import UUID

import httpx
import pytest
from support.helping import STATEMENT, WISH, call, handle, planned
from support.people import Caller
from support.racing import SlowAfter, after_reading
from support.scenes import Shop, id_of, post_form, problem_code
from support.telling import kinds_told

from xinyi_platform.clock import FixedClock
from xinyi_platform.database import is_postgres
from xinyi_platform.principals import Role, Staff
from xinyi_platform.runtime import Runtime
from xinyi_rewards.assistance import agency, booking
from xinyi_rewards.assistance.booking import remind_of_trainings
from xinyi_rewards.assistance.handling import prepare_draft
from xinyi_rewards.assistance.models import AgencyRequest, TrainingBooking, TrainingSession
from xinyi_rewards.honor_lists.models import HonorEntry
from xinyi_rewards.honor_lists.parties import Party
from xinyi_rewards.honor_lists.publishing import end_entry

pytestmark = pytest.mark.anyio


async def end(runtime: Runtime, entry: HonorEntry) -> bool:
    return await end_entry(runtime, entry.id, "expire", actor="job:expire", reason="over", at=runtime.clock.now())


async def cancel() -> None:
    await TrainingSession.all().update(state="cancelled", reason="讲师生病")


async def test_a_slow_staff_does_not_keep_the_entry_from_ending(
    app_client: httpx.AsyncClient,
    runtime: Runtime,
    lin: Caller,
    wang: Caller,
    entry: HonorEntry,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if not is_postgres():
        pytest.skip("SQLite has one writer")
    await call(app_client, wang, "POST", entry, "/agency", WISH)
    row = await AgencyRequest.get()
    await handle(app_client, lin, row, act="take")
    worker = Staff(id_of(lin), id_of(lin), "person-lin", frozenset({Role.COMMUNITY_WORKER}), row.division)
    slow = SlowAfter(agency.tell_step)
    monkeypatch.setattr(agency, "tell_step", slow)
    later = runtime.clock.now() + timedelta(seconds=1)
    preparing = asyncio.create_task(prepare_draft(runtime, row.id, worker, statement=STATEMENT, papers=[], at=later))
    await slow.taken()
    assert await end(runtime, entry)
    await preparing
    assert ((await HonorEntry.get()).state, (await AgencyRequest.get()).state) == ("expired", "lapsed")


@pytest.mark.parametrize("wanted", ["agency", "place"])
async def test_help_that_is_asked_for_while_the_entry_ends_is_not_kept(
    app_client: httpx.AsyncClient,
    runtime: Runtime,
    lin: Caller,
    wang: Caller,
    entry: HonorEntry,
    wanted: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = await planned(app_client, runtime, lin)
    monkeypatch.setattr(booking, "entry_of", after_reading(lambda: end(runtime, entry)))
    tail, body = ("/agency", WISH) if wanted == "agency" else (f"/sessions/{made.id}/place", None)
    assert problem_code(await call(app_client, wang, "POST", entry, tail, body)) == "nothing_to_help"
    assert not await AgencyRequest.exists()
    assert not await TrainingBooking.exists()
    assert (await TrainingSession.get()).taken == 0


async def test_a_session_that_is_cancelled_meanwhile_is_not_told_as_full(
    app_client: httpx.AsyncClient,
    runtime: Runtime,
    lin: Caller,
    wang: Caller,
    entry: HonorEntry,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made, read = await planned(app_client, runtime, lin), booking._for

    async def then_cancelled(party: Party, training_id: UUID) -> TrainingSession:
        training = await read(party, training_id)
        await cancel()
        return training

    monkeypatch.setattr(booking, "_for", then_cancelled)
    refused = await call(app_client, wang, "POST", entry, f"/sessions/{made.id}/place")
    assert problem_code(refused) == "training_not_open"


async def two_booked(client: httpx.AsyncClient, runtime: Runtime, lin: Caller, wang: Caller, entry: HonorEntry,
                     shop: Shop, shop_entry: HonorEntry) -> None:  # fmt: skip
    made = await planned(client, runtime, lin, starts_at="2026-11-24T09:30", ends_at="2026-11-24T11:00")
    await call(client, wang, "POST", entry, f"/sessions/{made.id}/place")
    path = f"/portal/help/{shop_entry.id}/sessions/{made.id}"
    assert (await post_form(client, shop.operator, path, {"act": "book"})).status_code == 303


async def test_nobody_is_reminded_of_a_session_that_is_cancelled_meanwhile(
    app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock, lin: Caller, wang: Caller, entry: HonorEntry,
    shop: Shop, shop_entry: HonorEntry, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    await two_booked(app_client, runtime, lin, wang, entry, shop, shop_entry)
    tell = booking.tell_soon

    async def and_cancel(row: TrainingBooking, training: TrainingSession, *, at: datetime) -> None:
        await tell(row, training, at=at)
        await cancel()

    monkeypatch.setattr(booking, "tell_soon", and_cancel)
    assert await remind_of_trainings(runtime) == 1


async def test_a_reminder_that_cannot_be_sent_holds_up_no_other(
    app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock, lin: Caller, wang: Caller, entry: HonorEntry,
    shop: Shop, shop_entry: HonorEntry, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    await two_booked(app_client, runtime, lin, wang, entry, shop, shop_entry)
    tell = booking.tell_soon
    first = await TrainingBooking.all().order_by("training__starts_at", "id").first()
    assert first is not None

    async def fails_for_the_first(row: TrainingBooking, training: TrainingSession, *, at: datetime) -> None:
        if row.id == first.id:
            raise RuntimeError
        await tell(row, training, at=at)

    with monkeypatch.context() as patched:
        patched.setattr(booking, "tell_soon", fails_for_the_first)
        assert await remind_of_trainings(runtime) == 1
    assert await TrainingBooking.filter(is_reminded=False).values_list("id", flat=True) == [first.id]
    assert await remind_of_trainings(runtime) == 1
    assert "assistance.training_soon" in await kinds_told(id_of(wang))
