"""What loses its ground ends: with the entry, also where a use is undone afterwards, and by the rule for minors."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta

import httpx
import pytest
from support.lists import WITH_NOTICE
from support.people import Caller, a_resident
from support.rewards import born, held, list_them, night, reason, rewards, tie, untie
from support.scenes import id_of
from support.telling import kinds_told

from xinyi_platform.clock import FixedClock
from xinyi_platform.errors import TransitionForbidden
from xinyi_platform.runtime import Runtime
from xinyi_rewards.honor_lists.models import HonorEntry
from xinyi_rewards.honor_lists.publishing import end_entry, publish_due
from xinyi_rewards.rewards.ending import end_groundless
from xinyi_rewards.rewards.granting import grant_due
from xinyi_rewards.rewards.models import RewardGrant, RewardHold
from xinyi_scenarios.entitlements.changing import change_entitlement
from xinyi_scenarios.entitlements.models import Entitlement
from xinyi_scenarios.ledger.models import LedgerJournal
from xinyi_scenarios.quotas.models import Quota

pytestmark = pytest.mark.anyio


async def end(runtime: Runtime, who: Caller) -> None:
    entry = await HonorEntry.filter(resident_id=who.id, state="published").first()
    assert entry is not None
    await end_entry(runtime, entry.id, "revoke", actor="test", reason="更正", at=runtime.clock.now())


async def test_a_use_that_is_undone_after_the_end_leaves_nothing_to_use(
    app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock, lin: Caller, zhou: Caller, wang: Caller
) -> None:
    await list_them(app_client, lin, zhou, 1)
    used = await held(wang, "checkup")
    before = (await Quota.get(id=used.quota_id)).used
    await change_entitlement(used.id, "redeem", actor="test", at=clock.now())
    await end(runtime, wang)
    assert (await held(wang, "checkup")).state == "redeemed"
    undone = await change_entitlement(used.id, "reverse", actor="test", at=clock.now())
    assert (undone.state, (await Quota.get(id=used.quota_id)).used) == ("withdrawn", before - 1)
    moved = LedgerJournal.filter(entitlement_id=used.id, quota_id=used.quota_id).order_by("id")
    assert await moved.values_list("kind", flat=True) == ["claim", "redeem", "reverse", "return"]
    with pytest.raises(TransitionForbidden):
        await change_entitlement(used.id, "redeem", actor="test", at=clock.now())


async def test_a_use_that_is_undone_while_the_entry_stands_can_be_had_again(
    app_client: httpx.AsyncClient, clock: FixedClock, lin: Caller, zhou: Caller, wang: Caller
) -> None:
    await list_them(app_client, lin, zhou, 1)
    used = await held(wang, "checkup")
    await change_entitlement(used.id, "redeem", actor="test", at=clock.now())
    assert (await change_entitlement(used.id, "reverse", actor="test", at=clock.now())).state == "reversed"


async def test_an_end_and_the_undoing_of_a_use_at_once_leave_nothing_to_use(
    app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock, lin: Caller, zhou: Caller, wang: Caller
) -> None:
    people = [wang, *[await a_resident(runtime, number) for number in range(2, 7)]]
    await list_them(app_client, lin, zhou, *range(1, 7))
    used = [(await held(who, "checkup")).id for who in people]
    for one in used:
        await change_entitlement(one, "redeem", actor="test", at=clock.now())
    undoings = [change_entitlement(one, "reverse", actor="test", at=clock.now()) for one in used]
    await asyncio.gather(*(end(runtime, who) for who in people), *undoings)
    assert set(await Entitlement.filter(id__in=used).values_list("state", flat=True)) == {"withdrawn"}
    assert not await RewardHold.exists()


async def test_nothing_that_an_entry_gives_lasts_longer_than_the_entry(
    app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock, lin: Caller, zhou: Caller, wang: Caller
) -> None:
    await list_them(app_client, lin, zhou, 1)
    over = clock.now() + timedelta(days=20)
    await HonorEntry.all().update(valid_until=over)
    await RewardGrant.filter(policy="job").update(try_at=clock.now())
    await born(wang, date(1990, 1, 1))
    assert await grant_due(runtime) == 1
    assert (await held(wang, "job")).valid_until == over


async def test_with_the_guardian_goes_what_a_minor_has_only_with_one_and_it_comes_back_with_another(
    app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock, lin: Caller, zhou: Caller, wang: Caller
) -> None:
    await born(wang, date(2014, 1, 1))
    mother = await a_resident(runtime, 2)
    await tie(runtime, id_of(mother), id_of(wang))
    await list_them(app_client, lin, zhou, 1)
    kept = await held(wang, "checkup")
    assert await end_groundless(runtime) == 0
    await untie(runtime)
    assert await end_groundless(runtime) == 2
    assert (await Entitlement.get(id=kept.id)).state == "withdrawn"
    assert (await rewards(wang))["checkup"] == "waiting"
    assert "监护" in await reason(wang, "checkup")
    assert "监护" in (await RewardGrant.get(entitlement_id=kept.id)).reason_zh
    assert "reward.taken_back" in await kinds_told(id_of(wang))
    assert await end_groundless(runtime) == 0
    await tie(runtime, id_of(mother), id_of(wang))
    await night(runtime, clock)
    assert (await rewards(wang))["checkup"] == "given"


async def test_with_one_of_two_lists_ends_its_reward_and_the_other_gives_it(
    app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock, lin: Caller, zhou: Caller, wang: Caller
) -> None:
    await list_them(app_client, lin, zhou, 1)
    await list_them(app_client, lin, zhou, 1, kind=WITH_NOTICE)
    clock.advance(timedelta(days=8))
    await publish_due(runtime)
    await grant_due(runtime)
    assert await Entitlement.filter(scenario="elder-care").count() == 1
    assert "另一名单" in await reason(wang, "elder-care")
    await end_entry(
        runtime,
        (await HonorEntry.get(kind="red-good-neighbour")).id,
        "revoke",
        actor="test",
        reason="更正",
        at=clock.now(),
    )
    assert await Entitlement.filter(scenario="elder-care", state="issued").count() == 0
    await night(runtime, clock)
    assert await Entitlement.filter(scenario="elder-care", state="issued").count() == 1
