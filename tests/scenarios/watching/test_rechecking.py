"""When a condition is no longer met she is told first, and loses nothing before the day that she was told."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import httpx
import msgspec
import pytest
from support.people import Caller, a_partner
from support.scenes import a_consenting_resident, claim, id_of, read_page, signed_in_anew
from support.telling import kinds_told
from support.watching import DAY, GRACE_DAYS, a_claim, set_standing, watched_scene

from xinyi_platform.audit import AuditEntry
from xinyi_platform.bureau.simulator import Simulator
from xinyi_platform.clock import FixedClock, local_date
from xinyi_platform.consents import withdraw
from xinyi_platform.consents.purposes import SCENES
from xinyi_platform.credit.models import CreditRead
from xinyi_platform.notices.models import Notice, NoticeDelivery
from xinyi_platform.outbox import OutboxEvent
from xinyi_platform.runtime import Runtime
from xinyi_scenarios.decisions import replay_decision
from xinyi_scenarios.decisions.models import Decision
from xinyi_scenarios.entitlements.changing import change_entitlement
from xinyi_scenarios.entitlements.models import Entitlement
from xinyi_scenarios.manifests import Catalogue
from xinyi_scenarios.orders.models import ServiceOrder
from xinyi_scenarios.orders.serving import NewOrder, create_order, revoke_order
from xinyi_scenarios.watching.models import EntitlementWarning
from xinyi_scenarios.watching.rechecking import recheck_due, recheck_soon

pytestmark = pytest.mark.anyio


async def state_of(held: Entitlement) -> str:
    return (await Entitlement.get(id=held.id)).state


async def a_day_later(runtime: Runtime, clock: FixedClock, days: int = 1) -> None:
    """Let the job run once a day, as it would."""
    for _ in range(days):
        clock.advance(DAY)
        await recheck_due(runtime)


async def test_nothing_is_read_where_a_change_has_no_consequences(
    app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock, bureau: Simulator, wang: Caller
) -> None:
    held = await a_claim(app_client, wang, watched_scene(runtime, "keep"))
    reads = await CreditRead.all().count()
    set_standing(bureau, "serious")
    await a_day_later(runtime, clock, 10)
    assert await state_of(held) == "issued"
    assert await CreditRead.all().count() == reads
    assert await Notice.all().count() == 0


async def test_whose_conditions_hold_is_told_nothing_and_read_once_a_day(
    app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock, wang: Caller
) -> None:
    held = await a_claim(app_client, wang, watched_scene(runtime, "suspend"))
    assert await recheck_due(runtime) == 0, "the claim's decision is not a day old"
    clock.advance(DAY)
    assert [await recheck_due(runtime), await recheck_due(runtime)] == [1, 0]
    await a_day_later(runtime, clock)
    assert await state_of(held) == "issued"
    assert await Notice.all().count() == 0
    assert await Decision.filter(purpose="recheck").count() == 2
    reads = await CreditRead.filter(reason__startswith="recheck").order_by("at")
    assert [read.outcome for read in reads] == ["fresh", "fresh"]


async def test_she_is_told_first_then_suspended_on_the_day_then_it_comes_back(
    app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock, bureau: Simulator, wang: Caller
) -> None:
    held = await a_claim(app_client, wang, watched_scene(runtime, "suspend"))
    set_standing(bureau, "serious")
    await a_day_later(runtime, clock)
    warned, warning = await Notice.get(), await EntitlementWarning.get()
    assert warning.acts_on == local_date(clock.now()) + timedelta(days=GRACE_DAYS + 1)
    assert "信易行" in warned.title_zh
    assert "严重" not in warned.title_zh
    for part in ("严重失信记录", "信用修复", "2026年11月28日"):
        assert part in warned.body_zh
    assert "serious record" in warned.body_en
    assert await NoticeDelivery.all().count() == 1, "by SMS, unless she said no"
    assert await state_of(held) == "issued"
    stored, same = await replay_decision(warning.decision_id)
    assert (stored.verdict, same) == ("not_eligible", True)
    page = (await read_page(app_client, wang, f"/app/entitlements/{held.id}")).text
    for part in ("将暂停使用", "2026年11月28日", "严重失信记录", "信用修复"):
        assert part in page

    await a_day_later(runtime, clock, GRACE_DAYS)
    assert await state_of(held) == "issued", "the grace is not over"
    await a_day_later(runtime, clock)
    assert await state_of(held) == "suspended"
    assert await kinds_told(id_of(wang)) == ["entitlement.warning", "entitlement.suspended"]
    await a_day_later(runtime, clock, 3)
    assert await Notice.all().count() == 2, "what she knows is not told again"

    set_standing(bureau, "good")
    await a_day_later(runtime, clock)
    assert await state_of(held) == "issued"
    assert (await kinds_told(id_of(wang)))[2:] == ["entitlement.resumed"]
    assert {(row.state, row.slot == "live") for row in await EntitlementWarning.all()} == {("resumed", False)}
    assert "将暂停" not in (await read_page(app_client, wang, f"/app/entitlements/{held.id}")).text
    acts = await AuditEntry.filter(object_id=str(held.id), actor="job:recheck").order_by("at", "id")
    assert [row.action for row in acts] == ["entitlement.warn", "entitlement.suspend", "entitlement.resume"]


async def test_what_ends_gives_its_unit_back_and_can_be_claimed_anew(
    app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock, bureau: Simulator, wang: Caller
) -> None:
    scene = watched_scene(runtime, "end")
    held = await a_claim(app_client, wang, scene)
    set_standing(bureau, "general")
    await a_day_later(runtime, clock, GRACE_DAYS + 2)
    assert await state_of(held) == "withdrawn"
    assert await kinds_told(id_of(wang)) == ["entitlement.warning", "entitlement.ended"]
    assert await EntitlementWarning.filter(slot="live").count() == 0
    set_standing(bureau, "good")
    clock.advance(DAY)
    answer = await claim(app_client, signed_in_anew(runtime, wang), scene.slug)
    assert answer.status_code == 201, answer.text


async def test_met_again_in_time_the_warning_is_lifted_and_a_later_one_begins_anew(
    app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock, bureau: Simulator, wang: Caller
) -> None:
    held = await a_claim(app_client, wang, watched_scene(runtime, "suspend"))
    for standing in ("serious", "good", "minor"):
        set_standing(bureau, standing)
        await a_day_later(runtime, clock, 2)
    told = await kinds_told(id_of(wang))
    assert told == ["entitlement.warning", "entitlement.warning_lifted", "entitlement.warning"]
    first, second = await EntitlementWarning.all().order_by("warned_at")
    assert (first.state, second.state) == ("lifted", "open")
    assert second.acts_on > first.acts_on
    assert await state_of(held) == "issued"


async def test_a_silent_bureau_never_costs_her_anything_even_on_the_day(
    app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock, bureau: Simulator, wang: Caller
) -> None:
    held = await a_claim(app_client, wang, watched_scene(runtime, "suspend"))
    set_standing(bureau, "serious")
    await a_day_later(runtime, clock)
    bureau.mode = "down"
    await a_day_later(runtime, clock, GRACE_DAYS + 5)
    assert await state_of(held) == "issued"
    assert await kinds_told(id_of(wang)) == ["entitlement.warning"]


async def test_without_her_consent_nothing_is_read_and_nothing_lost(
    app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock, bureau: Simulator, wang: Caller
) -> None:
    held = await a_claim(app_client, wang, watched_scene(runtime, "suspend"))
    set_standing(bureau, "serious")
    await withdraw(runtime.events, id_of(wang), SCENES, at=clock.now())
    await a_day_later(runtime, clock, GRACE_DAYS + 5)
    assert await state_of(held) == "issued"
    assert await Notice.all().count() == 0
    outcomes = {read.outcome for read in await CreditRead.filter(reason__startswith="recheck")}
    assert outcomes == {"refused"}


async def test_news_of_the_bureau_is_acted_on_at_once_not_a_day_later(
    app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock, bureau: Simulator, wang: Caller
) -> None:
    """Her own look at her credit is what brings the news."""
    await a_claim(app_client, wang, watched_scene(runtime, "suspend"))
    set_standing(bureau, "serious")
    clock.advance(timedelta(hours=25))
    await recheck_due(runtime)
    await Notice.all().delete()
    await EntitlementWarning.all().delete()
    set_standing(bureau, "general")
    clock.advance(timedelta(hours=24, seconds=-1))
    assert await recheck_due(runtime) == 0
    clock.advance(timedelta(seconds=1))
    await app_client.get("/api/v1/me/credit", headers=signed_in_anew(runtime, wang).headers())
    assert await recheck_due(runtime) == 1
    assert await kinds_told(id_of(wang)) == ["entitlement.warning"]


async def test_a_thing_that_is_out_holds_the_end_up_but_not_a_suspension(
    app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock, bureau: Simulator, wang: Caller
) -> None:
    bike = await a_partner(runtime, "orders")
    held = [await a_claim(app_client, wang, watched_scene(runtime, do)) for do in ("suspend", "end")]
    for number, one in enumerate(held):
        order = NewOrder(
            out_order_no=f"A{number}", code=one.code, deposit_fen=100, fee_items=[], expected_hours=500
        )  # fmt: skip
        await create_order(id_of(bike), order, at=clock.now())
    set_standing(bureau, "serious")
    await a_day_later(runtime, clock, GRACE_DAYS + 3)
    assert [await state_of(one) for one in held] == ["suspended", "issued"]
    assert (await EntitlementWarning.get(entitlement_id=held[1].id)).state == "open"
    out = await ServiceOrder.get(entitlement_id=held[1].id)
    await revoke_order(out.id, partner_id=id_of(bike), reason="returned", at=clock.now())
    await a_day_later(runtime, clock)
    assert await state_of(held[1]) == "withdrawn"


async def test_two_workers_at_once_warn_once_and_suspend_once(
    app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock, bureau: Simulator
) -> None:
    scene = watched_scene(runtime, "suspend")
    people = [await a_consenting_resident(runtime, bureau, number) for number in range(1, 6)]
    held = [await a_claim(app_client, who, scene) for who in people]
    for number in range(1, 6):
        set_standing(bureau, "serious", number)
    for _ in range(GRACE_DAYS + 2):
        clock.advance(DAY)
        await asyncio.gather(*(recheck_due(runtime) for _ in range(3)))
    await recheck_due(runtime)
    for who, one in zip(people, held, strict=True):
        assert await kinds_told(id_of(who)) == ["entitlement.warning", "entitlement.suspended"]
        assert await state_of(one) == "suspended"
    assert await AuditEntry.filter(action="entitlement.suspend").count() == 5


async def test_what_was_used_or_given_back_meanwhile_is_left_alone_and_its_warning_ends(
    app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock, bureau: Simulator, wang: Caller
) -> None:
    held = await a_claim(app_client, wang, watched_scene(runtime, "suspend"))
    set_standing(bureau, "serious")
    await a_day_later(runtime, clock)
    await change_entitlement(held.id, "cancel", actor="test", at=clock.now())
    await a_day_later(runtime, clock, GRACE_DAYS + 2)
    assert await state_of(held) == "cancelled"
    assert (await EntitlementWarning.get()).state == "void"
    assert await kinds_told(id_of(wang)) == ["entitlement.warning"]


async def test_each_is_judged_by_the_version_that_it_was_given_under(
    app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock, bureau: Simulator, wang: Caller
) -> None:
    scene = watched_scene(runtime, "suspend")
    held = await a_claim(app_client, wang, scene)
    stricter = msgspec.structs.replace(
        scene, version=2, requires=[{"type": "age", "at_most": 20}], opens_on=local_date(clock.now())
    )
    runtime.part(Catalogue).add(stricter)
    await a_day_later(runtime, clock, 10)
    assert await state_of(held) == "issued"
    set_standing(bureau, "serious")
    await a_day_later(runtime, clock)
    assert "严重失信记录" in (await Notice.get()).body_zh
    assert (await Decision.filter(purpose="recheck").order_by("-at").first() or stricter).version == 1


async def test_of_a_version_that_is_gone_nothing_is_judged(
    app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock, bureau: Simulator, wang: Caller
) -> None:
    held = await a_claim(app_client, wang, watched_scene(runtime, "suspend"))
    await Entitlement.filter(id=held.id).update(version=7)
    set_standing(bureau, "serious")
    await a_day_later(runtime, clock, 10)
    assert await state_of(held) == "issued"
    assert await Notice.all().count() == 0


async def test_what_leaves_the_house_names_no_standing(
    app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock, bureau: Simulator, wang: Caller
) -> None:
    held = await a_claim(app_client, wang, watched_scene(runtime, "suspend"))
    set_standing(bureau, "serious")
    await a_day_later(runtime, clock, GRACE_DAYS + 2)
    assert await state_of(held) == "suspended"
    trail = str([row.detail for row in await AuditEntry.all()]) + str([row.payload for row in await OutboxEvent.all()])
    assert "credit_status" in trail
    for word in ("serious", "失信"):
        assert word not in trail


async def test_a_reward_rests_on_its_entry_and_is_not_judged_by_the_scene(
    app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock, bureau: Simulator, wang: Caller
) -> None:
    held = await a_claim(app_client, wang, watched_scene(runtime, "suspend"))
    await Entitlement.filter(id=held.id).update(decision_id=None)
    set_standing(bureau, "serious")
    await recheck_soon([id_of(wang)], at=clock.now())
    await a_day_later(runtime, clock, 3)
    assert await Notice.all().count() == 0
