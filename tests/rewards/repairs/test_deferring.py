"""A measure is announced; a promise defers it; it is reminded of; kept or broken, it has its consequence."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import httpx
import pytest
from support.lists import WHOLE, act
from support.people import Caller, a_member_of_staff
from support.scenes import a_shop, post_form, problem_code, read_page, signed_in_anew

from xinyi_merchants.registry.models import Merchant
from xinyi_merchants.webhooks.topics import TOPICS
from xinyi_platform.clock import FixedClock, local_date
from xinyi_platform.errors import TransitionForbidden
from xinyi_platform.identity.models import Account
from xinyi_platform.notices.models import Notice
from xinyi_platform.outbox import OutboxEvent
from xinyi_platform.principals import Role
from xinyi_platform.runtime import Runtime
from xinyi_rewards.honor_lists.models import HonorEntry
from xinyi_rewards.honor_lists.publishing import publish_due
from xinyi_rewards.repairs.deferring import remind_promises
from xinyi_rewards.repairs.models import ListingReminder, MeasureDeferral
from xinyi_rewards.repairs.portal_cards import reminders_of
from xinyi_rewards.repairs.reminding import remind_due
from xinyi_rewards.repairs.states import DEFERRAL, advance_deferral
from xinyi_rewards.repairs.telling import day_of, words_of

pytestmark = pytest.mark.anyio
PROMISE = {"plan": "分两次还清欠款。", "due_on": "2026-12-10", "signed": "2026-1"}
ACCEPT = {"act": "accept", "document": "演法暂缓1号", "reason": "同意限期履行"}
PUBLIC = "/api/v1/honor-lists/black-enforcement/entries"


@pytest.fixture
async def noticed(app_client: httpx.AsyncClient, xu: Caller, zhou: Caller, wang: Caller) -> HonorEntry:
    """A listing of wang that is announced for 2026-12-01."""
    made = (await act(app_client, xu, "/honor-lists/mirrored", {**WHOLE, "objection_until": "2026-11-30"})).json()
    await act(app_client, zhou, f"/honor-lists/{made['id']}/approve")
    return await HonorEntry.get()


async def promise(client: httpx.AsyncClient, who: Caller, entry: HonorEntry, **change: str) -> httpx.Response:
    client.cookies.clear()
    headers = {**who.headers(), "Idempotency-Key": f"k{abs(hash(str(change)))}"}
    path = f"/api/v1/me/honors/{entry.id}/repair/deferral"
    return await client.post(path, headers=headers, json={**PROMISE, **change})


async def test_a_promise_that_is_kept_means_that_nothing_is_ever_published(
    app_client: httpx.AsyncClient,
    runtime: Runtime,
    clock: FixedClock,
    xu: Caller,
    sun: Caller,
    wang: Caller,
    noticed: HonorEntry,
) -> None:
    assert (await promise(app_client, wang, noticed)).status_code == 201
    assert problem_code(await promise(app_client, wang, noticed, plan="另一个计划。")) == "cannot_defer"
    row = await MeasureDeferral.get()
    assert problem_code(await act(app_client, xu, f"/deferrals/{row.id}", ACCEPT)) == "own_repair"
    assert (await act(app_client, sun, f"/deferrals/{row.id}", {**ACCEPT, "document": ""})).status_code == 400
    assert (await act(app_client, sun, f"/deferrals/{row.id}", ACCEPT)).status_code == 204
    clock.advance(timedelta(days=13))
    assert await publish_due(runtime) == 0
    assert await remind_promises(runtime) == 0
    clock.advance(timedelta(days=1))
    assert await remind_promises(runtime) == 1
    assert await remind_promises(runtime) == 0
    assert await Notice.filter(resident_id=wang.id, kind="repair.promise_due").count() == 1
    office = await a_member_of_staff(runtime, Role.CREDIT_OFFICE, username="qian")
    kept = {"act": "keep", "document": "演法结案1号", "reason": "已履行完毕"}
    for person in ("person-xu", "person-sun"):
        double = await a_member_of_staff(runtime, Role.CREDIT_OFFICE, username=f"double of {person}")
        await Account.filter(id=double.id).update(person=person)
        assert problem_code(await act(app_client, double, f"/deferrals/{row.id}", kept)) == "own_repair"
    assert (await act(app_client, office, f"/deferrals/{row.id}", kept)).status_code == 204
    clock.advance(timedelta(days=30))
    assert await publish_due(runtime) == 0
    assert (await HonorEntry.get()).state == "revoked"
    assert (await MeasureDeferral.get()).state == "kept"
    assert (await app_client.get(PUBLIC)).json() == []


async def test_a_promise_that_is_broken_lets_the_measure_begin_the_day_after(
    app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock, sun: Caller, wang: Caller, noticed: HonorEntry
) -> None:
    await promise(app_client, wang, noticed)
    row = await MeasureDeferral.get()
    await act(app_client, sun, f"/deferrals/{row.id}", ACCEPT)
    entry = await HonorEntry.get()
    assert entry.publish_at is not None
    assert entry.publish_at.isoformat() == "2026-12-10T16:00:00+00:00"
    clock.advance(entry.publish_at - clock.now() - timedelta(seconds=1))
    assert await publish_due(runtime) == 0
    clock.advance(timedelta(seconds=1))
    assert await publish_due(runtime) == 1
    assert (await MeasureDeferral.get()).state == "broken"
    assert await Notice.filter(resident_id=wang.id, dedupe=f"deferral:{row.id}:break").count() == 1


async def test_refused_it_takes_effect_on_its_day(
    app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock, sun: Caller, wang: Caller, noticed: HonorEntry
) -> None:
    await promise(app_client, wang, noticed)
    row = await MeasureDeferral.get()
    assert (
        await post_form(app_client, sun, f"/console/deferrals/{row.id}", {"act": "refuse", "reason": "不符合条件"})
    ).status_code == 303
    clock.advance(timedelta(days=8))
    assert await publish_due(runtime) == 1
    assert (await MeasureDeferral.get()).state == "refused"


@pytest.mark.parametrize("day", ["2026-11-30", "2026-12-24"])
async def test_the_day_lies_between_the_measure_and_the_longest_term(
    app_client: httpx.AsyncClient, wang: Caller, noticed: HonorEntry, day: str
) -> None:
    refused = await promise(app_client, wang, noticed, due_on=day)
    assert (refused.status_code, refused.json()["field"]) == (400, "due_on")
    assert (await promise(app_client, wang, noticed, signed="no")).status_code == 422
    assert not await MeasureDeferral.exists()


async def test_what_is_published_is_not_deferred(
    app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock, wang: Caller, noticed: HonorEntry
) -> None:
    clock.advance(timedelta(days=8))
    await publish_due(runtime)
    refused = await promise(app_client, signed_in_anew(runtime, wang), noticed)
    assert problem_code(refused) == "cannot_defer"


async def test_she_is_reminded_before_it_can_be_repaired_and_before_it_ends_each_once(
    app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock, wang: Caller, noticed: HonorEntry
) -> None:
    clock.advance(timedelta(days=8))
    await publish_due(runtime)
    told = []
    for _ in range(350):
        clock.advance(timedelta(days=1))
        if await remind_due(runtime):
            told.append(clock.now().date().isoformat())
        assert await remind_due(runtime) == 0
    assert told == ["2027-01-03", "2027-01-26", "2027-10-03", "2027-10-26"]
    kinds = await Notice.filter(resident_id=wang.id, dedupe__contains=":").order_by("id").values_list("kind", flat=True)
    assert [kind for kind in kinds if kind in ("repair.possible", "honor_entry.ending")] == [
        "repair.possible",
        "repair.possible",
        "honor_entry.ending",
        "honor_entry.ending",
    ]


async def test_she_is_reminded_once_before_an_ordinary_measure_with_what_she_can_do(
    app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock, wang: Caller, noticed: HonorEntry
) -> None:
    clock.advance(timedelta(days=4))
    assert await remind_due(runtime) == 0
    clock.advance(timedelta(days=1))
    assert [await remind_due(runtime) for _ in range(2)] == [1, 0]
    told = await Notice.get(resident_id=wang.id, kind="honor_entry.measure")
    assert "2026-12-01" in told.body_zh
    assert "异议" in told.body_zh
    assert "承诺" in told.body_zh
    assert told.link == f"/app/repairs/{noticed.id}"


@pytest.mark.parametrize("what", ["contested", "deferred"])
async def test_a_measure_that_does_not_come_is_not_reminded_of(
    app_client: httpx.AsyncClient,
    runtime: Runtime,
    clock: FixedClock,
    sun: Caller,
    wang: Caller,
    noticed: HonorEntry,
    what: str,
) -> None:
    if what == "contested":
        await HonorEntry.all().update(display_suspended=True)
    else:
        await promise(app_client, wang, noticed)
        await act(app_client, sun, f"/deferrals/{(await MeasureDeferral.get()).id}", ACCEPT)
    clock.advance((await HonorEntry.get()).publish_at - clock.now() - timedelta(days=1))  # type: ignore[operator]
    assert await remind_due(runtime) == 0


async def test_a_shop_is_reminded_by_webhook_and_on_its_portals_home(
    app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock, xu: Caller, zhou: Caller
) -> None:
    shop = await a_shop(runtime, "catering")
    change = {
        "subject_kind": "merchant",
        "name": shop.merchant.name,
        "number": (await Merchant.get(id=shop.merchant.id)).uscc,
    }
    made = await act(app_client, xu, "/honor-lists/mirrored", {**WHOLE, **change, "objection_until": "2026-11-25"})
    await act(app_client, zhou, f"/honor-lists/{made.json()['id']}/approve")
    assert "到期提醒" not in (await read_page(app_client, shop.operator, "/portal")).text
    assert await remind_due(runtime) == 1
    told = await OutboxEvent.get(topic="honor_entry.reminder")
    assert (told.audience, told.payload["about"]) == (f"merchant:{shop.merchant.id}", "measure")
    assert told.payload["day"] == "2026-11-26"
    home = (await read_page(app_client, shop.operator, "/portal")).text
    assert "到期提醒" in home
    assert "2026-11-26" in home
    assert {"honor_entry.reminder", "repair.changed", "repair.deferral", "repair.promise_due"} <= set(TOPICS["listing"])
    clock.advance(timedelta(days=3))
    await publish_due(runtime)
    entry = await HonorEntry.get()
    assert [one.title.zh for one in await reminders_of(shop.merchant.id, today=local_date(clock.now()))] == []
    await ListingReminder.create(entry_id=entry.id, about="ends", days=7, sent_at=clock.now())
    (one,) = await reminders_of(shop.merchant.id, today=local_date(clock.now()))
    assert one.day == entry.ends_on


async def test_the_last_day_is_the_citys_and_the_days_end_is_not_another_day() -> None:
    midnight = datetime(2026, 11, 30, 16, tzinfo=UTC)  # the city's 2026-12-01, 0:00
    for until, day in ((midnight, "2026-11-30"), (midnight + timedelta(hours=1), "2026-12-01")):
        entry = HonorEntry(kind="red-volunteer", valid_until=until)
        assert str(day_of(entry, "ends")) == day
        assert day in words_of(entry, "ends")[1].zh


@pytest.mark.parametrize("state", DEFERRAL)
async def test_only_the_edges_of_the_table_can_be_walked(state: str) -> None:
    for event in {event for edges in DEFERRAL.values() for event in edges} - set(DEFERRAL[state]):
        with pytest.raises(TransitionForbidden):
            advance_deferral(state, event)


async def test_a_measure_that_is_far_away_tells_from_when_it_can_be_deferred(
    app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock, wang: Caller, noticed: HonorEntry
) -> None:
    await HonorEntry.all().update(publish_at=clock.now() + timedelta(days=40))
    page, path = f"/app/repairs/{noticed.id}", f"/api/v1/me/honors/{noticed.id}/repair"
    far = (await read_page(app_client, wang, page)).text
    assert "自2026-12-03起可以承诺限期整改" in far
    assert "整改计划" not in far
    assert (await app_client.get(path, headers=wang.headers())).json()["may_defer"] is False
    assert problem_code(await promise(app_client, wang, noticed, due_on="2027-01-02")) == "cannot_defer"
    clock.advance(timedelta(days=10))
    wang = signed_in_anew(runtime, wang)
    assert (await app_client.get(path, headers=wang.headers())).json()["may_defer"] is True
    assert (await promise(app_client, wang, noticed, due_on="2027-01-02")).status_code == 201
