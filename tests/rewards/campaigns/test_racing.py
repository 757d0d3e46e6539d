"""Several sweeps, entries and endings at once compete for the last units of a campaign; its books stay exact."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID

import httpx
import pytest
from support.campaigns import WORTH, a_scene, approved, books, list_them
from support.people import Caller, a_resident

from xinyi_platform.clock import FixedClock
from xinyi_platform.database import transaction
from xinyi_platform.ids import new_id
from xinyi_platform.language import Text
from xinyi_platform.runtime import Runtime
from xinyi_rewards.campaigns.models import CampaignUse
from xinyi_rewards.campaigns.offering import slug_of
from xinyi_rewards.campaigns.spending import Spend, return_unused, take_unit
from xinyi_rewards.honor_lists.models import HonorEntry
from xinyi_rewards.honor_lists.publishing import end_entry
from xinyi_rewards.rewards.granting import grant_due
from xinyi_rewards.rewards.models import RewardGrant
from xinyi_rewards.rewards.offers import UsedUp
from xinyi_rewards.rewards.promising import refresh_rewards
from xinyi_scenarios.entitlements.models import Entitlement
from xinyi_scenarios.quotas.models import Quota

pytestmark = pytest.mark.anyio
PEOPLE, UNITS = 12, 5


@pytest.fixture(params=["units", "money"])
async def scarce(
    request: pytest.FixtureRequest, app_client: httpx.AsyncClient, runtime: Runtime, lin: Caller, zhou: Caller
) -> UUID:
    """Twelve people on a list, and a campaign that came later and is enough for five of them."""
    a_scene(runtime)
    for number in range(1, PEOPLE + 1):
        await a_resident(runtime, number)
    await list_them(app_client, lin, zhou, *range(1, PEOPLE + 1))
    money = f"{UNITS * WORTH // 100 + 1}"
    limits = {"units": str(UNITS), "budget": "9999"} if request.param == "units" else {"units": "99", "budget": money}
    return await approved(app_client, runtime, lin, zhou, **limits)


async def check_books(made: UUID, units: int) -> None:
    """What the campaign says is used is what is held, reward by reward and unit by unit."""
    assert await books(made) == (units, units * WORTH)
    assert await CampaignUse.filter(campaign_id=made, returned_at=None).count() == units
    assert await RewardGrant.filter(policy=slug_of(made), state="given").count() == units
    assert await Entitlement.filter(scenario="gift", state="issued").count() == units
    quota = await Quota.get(scenario="gift", measure="units", scope="")
    assert quota.used == units


async def test_sweeps_at_once_give_just_the_units_that_there_are(runtime: Runtime, scarce: UUID) -> None:
    assert sum(await asyncio.gather(*(refresh_rewards(runtime) for _ in range(4)))) == PEOPLE
    assert sum(await asyncio.gather(*(grant_due(runtime) for _ in range(6)))) >= UNITS
    await check_books(scarce, UNITS)
    waiting = RewardGrant.filter(policy=slug_of(scarce), state="waiting")
    assert await waiting.count() == await waiting.filter(reason_zh="该活动的预算已用完").count() == PEOPLE - UNITS


async def test_takers_at_once_get_just_what_there_is_and_leave_no_trace_where_nothing_is_left(
    runtime: Runtime, scarce: UUID
) -> None:
    async def take() -> None:
        spend = Spend(grant_id=new_id(), resident_id=new_id(), entitlement_id=new_id(), worth_fen=WORTH)
        async with transaction():
            if not await take_unit(scarce, spend, at=runtime.clock.now()):
                raise UsedUp(Text("", ""))

    answers = await asyncio.gather(*(take() for _ in range(PEOPLE)), return_exceptions=True)
    assert sorted(type(one).__name__ for one in answers) == ["NoneType"] * UNITS + ["UsedUp"] * (PEOPLE - UNITS)
    assert await books(scarce) == (UNITS, UNITS * WORTH)
    assert await CampaignUse.filter(campaign_id=scarce).count() == UNITS


async def test_entries_that_end_while_sweeps_give_leave_the_books_exact(
    runtime: Runtime, clock: FixedClock, scarce: UUID
) -> None:
    await refresh_rewards(runtime)
    await grant_due(runtime)
    held: list[UUID] = await RewardGrant.filter(policy=slug_of(scarce), state="given").values_list(  # type: ignore[assignment]
        "entry_id", flat=True
    )
    clock.advance(timedelta(days=1))
    now = clock.now()
    ends = [end_entry(runtime, entry, "revoke", actor="test", reason="更正", at=now) for entry in held[:3] * 2]
    sweeps = [grant_due(runtime) for _ in range(4)]
    outcomes = await asyncio.gather(*ends, *sweeps, return_unused(now), return_unused(now), return_exceptions=True)
    assert not [one for one in outcomes if isinstance(one, BaseException) and "transition" not in str(one)]
    clock.advance(timedelta(days=1))
    await grant_due(runtime)
    await check_books(scarce, UNITS)
    assert await CampaignUse.filter(campaign_id=scarce).exclude(returned_at=None).count() == 3
    assert await HonorEntry.filter(state="published").count() == PEOPLE - 3
