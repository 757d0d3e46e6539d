"""Before something runs out she hears of it, once a step, and not where it was never further away than that."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import httpx
import msgspec
import pytest
from support.people import Caller, a_partner
from support.scenes import ask, claim, id_of
from support.telling import kinds_told
from support.watching import a_claim, set_standing, watched_scene

from xinyi_platform.bureau import BureauClient
from xinyi_platform.bureau.simulator import Simulator
from xinyi_platform.clock import FixedClock
from xinyi_platform.notices.models import Notice
from xinyi_platform.runtime import Runtime
from xinyi_scenarios.claims.asking import settle_pending
from xinyi_scenarios.entitlements.changing import change_entitlement, expire_due
from xinyi_scenarios.entitlements.models import Entitlement
from xinyi_scenarios.manifests import Catalogue, Manifest
from xinyi_scenarios.orders.serving import NewOrder, complete_order, create_order, start_order
from xinyi_scenarios.watching.reminding import remind_due

pytestmark = pytest.mark.anyio


def valid_for(runtime: Runtime, days: int) -> Manifest:
    """A scene whose entitlements are valid for so many days."""
    catalogue = runtime.part(Catalogue)
    scene = catalogue.get("travel")
    gives = msgspec.structs.replace(scene.gives, validity_days=days, trades=[])
    made = msgspec.structs.replace(scene, slug=f"valid-{days}", gives=gives)
    catalogue.add(made)
    return made


async def passes(runtime: Runtime, clock: FixedClock, by: timedelta, step: timedelta = timedelta(hours=1)) -> None:
    """Let time pass with the job on its beat."""
    end = clock.now() + by
    while clock.now() < end:
        clock.advance(step)
        await remind_due(runtime)


@pytest.mark.parametrize(("days", "told"), [(30, [23, 29]), (8, [1, 7]), (7, [6]), (3, [2]), (1, [])])
async def test_a_validity_is_reminded_of_a_week_and_a_day_before(
    app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock, wang: Caller, days: int, told: list[int]
) -> None:
    await remind_due(runtime)
    held = await a_claim(app_client, wang, valid_for(runtime, days))
    began = clock.now()
    await passes(runtime, clock, timedelta(days=days), timedelta(hours=3))
    rows = await Notice.all().order_by("created_at")
    assert [row.kind for row in rows] == ["entitlement.expiring"] * len(told)
    assert [(row.created_at - began) // timedelta(days=1) for row in rows] == told
    assert all(row.link == f"/app/entitlements/{held.id}" and "信易游" in row.title_zh for row in rows)


async def test_what_was_given_back_is_not_reminded_of(
    app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock, wang: Caller
) -> None:
    await remind_due(runtime)
    held = await a_claim(app_client, wang, valid_for(runtime, 10))
    await change_entitlement(held.id, "cancel", actor="test", at=clock.now())
    await passes(runtime, clock, timedelta(days=10), timedelta(hours=6))
    assert await Notice.all().count() == 0


async def test_after_a_long_stop_only_the_nearest_reminder_is_told(
    app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock, wang: Caller
) -> None:
    await remind_due(runtime)
    await a_claim(app_client, wang, valid_for(runtime, 30))
    clock.advance(timedelta(days=29, hours=12))
    await remind_due(runtime)
    (row,) = await Notice.all()
    assert row.dedupe.endswith(":1d")


async def test_a_hold_is_reminded_of_before_it_ends_and_its_end_is_told(
    app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock, bureau: Simulator, wang: Caller
) -> None:
    await remind_due(runtime)
    bureau.mode = "down"
    answer = await claim(app_client, wang, "travel")
    assert answer.json()["state"] == "reserved"
    await passes(runtime, clock, timedelta(minutes=89), timedelta(minutes=1))
    assert await Notice.all().count() == 0
    await passes(runtime, clock, timedelta(minutes=30), timedelta(minutes=1))
    assert await kinds_told(id_of(wang)) == ["claim.hold_ending"]
    clock.advance(timedelta(minutes=1))
    assert await expire_due(clock.now()) == 1
    await passes(runtime, clock, timedelta(minutes=5), timedelta(minutes=1))
    assert await kinds_told(id_of(wang)) == ["claim.hold_ending", "claim.hold_ended"]
    assert "不是拒绝" in (await Notice.get(kind="claim.hold_ended")).body_zh


@pytest.mark.parametrize(
    ("hours", "told"), [(72, ["1d", "30m"]), (25, ["1d", "30m"]), (24, ["30m"]), (2, ["30m"]), (1, ["30m"])]
)
async def test_an_order_is_reminded_of_before_it_is_due(
    app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock, wang: Caller, hours: int, told: list[str]
) -> None:
    await remind_due(runtime)
    held = await a_claim(app_client, wang, watched_scene(runtime, "keep"))
    partner = id_of(await a_partner(runtime, "orders"))
    for number in ("out", "back"):
        new = NewOrder(out_order_no=number, code=held.code, deposit_fen=1, fee_items=[], expected_hours=hours)
        order = await create_order(partner, new, at=clock.now())
        await start_order(order.id, partner_id=partner, at=clock.now())
    await complete_order(order.id, partner_id=partner, amount_fen=0, at=clock.now())
    await passes(runtime, clock, timedelta(hours=hours + 2), timedelta(minutes=10))
    rows = await Notice.all().order_by("created_at")
    assert [row.dedupe.rpartition(":")[2] for row in rows] == told
    assert all("订单号:out" in row.body_zh for row in rows)


async def test_a_place_that_was_held_is_told_to_be_hers(
    app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock, bureau: Simulator, wang: Caller
) -> None:
    bureau.mode = "down"
    held = UUID((await claim(app_client, wang, "travel")).json()["id"])
    bureau.mode = "ok"
    await settle_all(runtime, clock)
    assert (await Entitlement.get(id=held)).state == "issued"
    assert await kinds_told(id_of(wang)) == ["claim.settled"]


@pytest.mark.parametrize(("standing", "reason"), [("serious", "严重失信记录"), ("general", "一般失信记录")])
async def test_a_place_that_was_held_is_refused_with_the_reason(
    app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock, bureau: Simulator, wang: Caller,
    standing: str, reason: str,
) -> None:  # fmt: skip
    bureau.mode = "down"
    held = UUID((await claim(app_client, wang, "travel")).json()["id"])
    bureau.mode = "ok"
    set_standing(bureau, standing)
    await settle_all(runtime, clock)
    assert (await Entitlement.get(id=held)).state == "withdrawn"
    told = await Notice.get()
    assert (told.kind, reason in told.body_zh, reason in told.title_zh) == ("claim.refused", True, False)
    assert "信用修复" in told.body_zh


async def settle_all(runtime: Runtime, clock: FixedClock) -> None:
    """Let the job ask again, by a client whose breaker is closed."""
    runtime.bureau = BureauClient.from_settings(runtime.settings, keys=runtime.keys, clock=clock)
    assert await settle_pending(runtime) == 1


async def test_a_use_that_the_partner_undoes_is_told(
    app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock, wang: Caller
) -> None:
    held = await a_claim(app_client, wang, valid_for(runtime, 30))
    spot = await a_partner(runtime, "redemptions")
    for times in (1, 2):
        used = await ask(app_client, spot, "/partner/v1/redemptions", {"code": held.code, "price_fen": 10_000})
        assert used.status_code == 201, used.text
        path = f"/partner/v1/redemptions/{used.json()['id']}/reverse"
        for _ in range(2):
            undone = await ask(app_client, spot, path, {"reason": "误扫"})
        assert undone.status_code == 409
        assert await kinds_told(id_of(wang)) == ["redemption.reversed"] * times
    mine = await app_client.get("/api/v1/me/notices", headers=wang.headers())
    assert mine.json()["unread"] == 2
