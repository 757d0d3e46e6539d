"""Two that bring a shop's support in line at once: no unit is lost, and nothing is granted on what is gone."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from support.people import CITY
from support.scenes import Shop, a_shop

from xinyi_merchants.registry import MerchantChanged
from xinyi_merchants.registry.models import HonestAward
from xinyi_platform.clock import FixedClock, local_date
from xinyi_platform.database import transaction
from xinyi_platform.ids import new_id
from xinyi_platform.principals import Role, Staff
from xinyi_platform.runtime import Runtime
from xinyi_rewards.support.granting import refresh_support
from xinyi_rewards.support.models import SupportGrant, SupportQuota
from xinyi_rewards.support.using import put_down_use

pytestmark = pytest.mark.anyio


@pytest.fixture
async def shop(app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock) -> Shop:
    """A hotel awarded today, whose support nobody has looked at yet."""
    made = await a_shop(runtime, "hotel", honest_days=365)
    await HonestAward.all().update(awarded_on=local_date(clock.now()))
    return made


async def test_an_award_that_is_being_withdrawn_brings_nothing(runtime: Runtime, clock: FixedClock, shop: Shop) -> None:
    """The hourly sweep comes while the withdrawal is not committed: it waits, and reads what became of the award."""
    withdrawn = asyncio.Event()

    async def withdraw() -> None:
        async with transaction():
            await HonestAward.all().update(state="withdrawn")
            await runtime.events.publish(MerchantChanged(shop.merchant.id))
            withdrawn.set()
            await asyncio.sleep(0.5)

    async def sweep() -> None:
        await withdrawn.wait()
        await refresh_support(shop.merchant.id, at=clock.now())

    await refresh_support(shop.merchant.id, at=clock.now())
    await SupportGrant.all().delete()
    await SupportQuota.all().delete()
    await asyncio.gather(withdraw(), sweep())
    assert await SupportGrant.filter(state="granted").count() == 0


async def test_the_last_unit_is_held_once_by_whoever_takes_it(runtime: Runtime, clock: FixedClock, shop: Shop) -> None:
    others = [await a_shop(runtime, "hotel", number=number, honest_days=365) for number in range(2, 8)]
    await HonestAward.all().update(awarded_on=local_date(clock.now()))
    await SupportQuota.create(policy="stall-fee", total=500, used=498)
    everyone = [one.merchant.id for one in (shop, *others)] * 3
    await asyncio.gather(*(refresh_support(merchant, at=clock.now()) for merchant in everyone))
    rows = await SupportGrant.filter(policy="stall-fee")
    assert sum(row.holds_unit for row in rows) == 2
    assert sorted({row.state for row in rows}) == ["granted", "waiting"]
    assert (await SupportQuota.get(policy="stall-fee")).used == 500


async def test_two_that_grant_to_one_shop_take_one_unit(runtime: Runtime, clock: FixedClock, shop: Shop) -> None:
    await SupportQuota.create(policy="stall-fee", total=500, used=500)
    await refresh_support(shop.merchant.id, at=clock.now())
    await SupportQuota.filter(policy="stall-fee").update(used=400)
    await asyncio.gather(*(refresh_support(shop.merchant.id, at=clock.now()) for _ in range(12)))
    assert (await SupportQuota.get(policy="stall-fee")).used == 401
    assert await SupportGrant.filter(policy="stall-fee", holds_unit=True).count() == 1


async def test_what_is_used_while_it_ends_does_not_come_back_to_the_quota(
    runtime: Runtime, clock: FixedClock, shop: Shop
) -> None:
    """A use at a counter does not hold the shop's row; it is not committed when the withdrawal's sweep comes."""
    await refresh_support(shop.merchant.id, at=clock.now())
    await HonestAward.all().update(state="withdrawn")
    grant, used = await SupportGrant.get(policy="stall-fee"), asyncio.Event()
    staff = Staff(new_id(), new_id(), "person-xu", frozenset({Role.CREDIT_OFFICE}), CITY)

    async def use() -> None:
        async with transaction():
            await put_down_use(grant.id, staff, amount_fen=5, reference="S1", at=clock.now())
            used.set()
            await asyncio.sleep(0.5)

    async def end() -> None:
        await used.wait()
        await refresh_support(shop.merchant.id, at=clock.now())

    await asyncio.gather(use(), end())
    ended = await SupportGrant.get(id=grant.id)
    assert (ended.state, ended.used_fen, ended.holds_unit) == ("ended", 5, True)
    assert (await SupportQuota.get(policy="stall-fee")).used == 1
