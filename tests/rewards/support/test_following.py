"""Support follows a shop that changes its trade, moves, closes and opens again, or is awarded anew."""

from __future__ import annotations

from datetime import date, timedelta

import httpx
import pytest
from support.lists import act
from support.people import Caller, a_member_of_staff
from support.scenes import Shop, a_shop, read_page

from xinyi_merchants.registry import MerchantChanged
from xinyi_merchants.registry.models import HonestAward, Merchant
from xinyi_platform.clock import FixedClock, local_date
from xinyi_platform.database import transaction
from xinyi_platform.ids import new_id
from xinyi_platform.principals import Role
from xinyi_platform.runtime import Runtime
from xinyi_rewards.support.granting import refresh_all, refresh_support
from xinyi_rewards.support.models import SupportGrant, SupportQuota
from xinyi_rewards.support.reading import promoted

pytestmark = pytest.mark.anyio
FAR = "410621001001"


@pytest.fixture
async def shop(app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock) -> Shop:
    """A hotel awarded today, with its support."""
    made = await a_shop(runtime, "hotel", honest_days=365)
    await HonestAward.all().update(awarded_on=local_date(clock.now()))
    await refresh_support(made.merchant.id, at=clock.now())
    return made


async def change(runtime: Runtime, shop: Shop, **changes: object) -> None:
    async with transaction():
        await Merchant.filter(id=shop.merchant.id).update(**changes)
        await runtime.events.publish(MerchantChanged(shop.merchant.id))


async def renew(runtime: Runtime, shop: Shop, on: date) -> None:
    await HonestAward.create(
        id=new_id(), merchant_id=shop.merchant.id, awarded_on=on, valid_until=on + timedelta(days=365),
        state="granted", document_no="鹤信示〔2026〕2号",
    )  # fmt: skip
    await change(runtime, shop)


async def test_a_trade_that_a_policy_is_not_for_ends_it_with_the_reason(runtime: Runtime, shop: Shop) -> None:
    await change(runtime, shop, trade="catering")
    training = await SupportGrant.get(policy="hotel-training")
    assert (training.state, training.reason_zh, training.holds_unit) == ("ended", "不适用于该行业", False)
    assert (await SupportQuota.get(policy="hotel-training")).used == 0
    assert (await SupportGrant.get(policy="stall-fee")).state == "granted"


async def test_a_suspended_shop_may_change_its_trade_too(runtime: Runtime, shop: Shop) -> None:
    await change(runtime, shop, status="closed")
    await change(runtime, shop, trade="catering")
    assert (await SupportGrant.get(policy="hotel-training")).state == "ended"


async def test_one_shop_that_cannot_be_brought_in_line_keeps_none_of_the_others(
    runtime: Runtime, clock: FixedClock, shop: Shop
) -> None:
    other = await a_shop(runtime, "hotel", number=2, honest_days=365)
    await HonestAward.filter(merchant_id=other.merchant.id).update(awarded_on=local_date(clock.now()))
    await Merchant.filter(id=shop.merchant.id).delete()
    assert await refresh_all(runtime) == 1
    assert await SupportGrant.filter(merchant_id=other.merchant.id, state="granted").count() == 4


async def test_support_moves_with_the_shop(
    app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock, shop: Shop, lin: Caller
) -> None:
    far = await a_member_of_staff(runtime, Role.COMMUNITY_WORKER, username="far", division=FAR)
    await change(runtime, shop, division=FAR)
    grant = await SupportGrant.get(policy="stall-fee")
    body = {"amount_fen": 5, "reference": "S1"}
    assert (await act(app_client, far, f"/support/{grant.id}/uses", body)).status_code == 201
    assert (await act(app_client, lin, f"/support/{grant.id}/uses", {**body, "reference": "S2"})).status_code == 404
    today = local_date(clock.now())
    assert [one.id for one in await promoted(on=today, division="410621")] == [shop.merchant.id]
    assert await promoted(on=today, division="410611") == []


async def test_a_shop_that_was_closed_has_its_support_back_when_it_opens(runtime: Runtime, shop: Shop) -> None:
    await change(runtime, shop, status="closed")
    assert {row.state for row in await SupportGrant.all()} == {"suspended"}
    await change(runtime, shop, status="open")
    assert {(row.state, row.reason_zh) for row in await SupportGrant.all()} == {("granted", "诚信商户称号有效")}
    assert (await SupportQuota.get(policy="stall-fee")).used == 1


async def test_what_is_over_says_so_also_when_the_job_is_late(
    app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock, shop: Shop, lin: Caller
) -> None:
    grant = await SupportGrant.get(policy="stall-fee")
    await SupportGrant.filter(id=grant.id).update(starts_on=date(2026, 1, 1), ends_on=date(2026, 2, 1))
    late = await act(app_client, lin, f"/support/{grant.id}/uses", {"amount_fen": 5, "reference": "S1"})
    assert (late.status_code, "支持期已满" in late.text) == (409, True)
    clock.advance(timedelta(days=400))  # the award is over as well
    await refresh_all(runtime)
    assert {(row.state, row.reason_zh) for row in await SupportGrant.all()} == {("expired", "支持期已满")}


async def test_a_renewed_award_adds_its_months_and_no_second_cap_at_once(
    app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock, shop: Shop
) -> None:
    await renew(runtime, shop, local_date(clock.now()))
    first, second = await SupportGrant.filter(policy="stall-fee").order_by("starts_on")
    assert (first.state, first.reason_zh) == ("granted", "诚信商户称号有效")
    assert (second.state, second.reason_zh) == ("waiting", "上一称号的支持期结束后开始")
    assert second.starts_on == first.ends_on + timedelta(days=1)
    assert "上一称号的支持期结束后开始" in (await read_page(app_client, shop.operator, "/portal/support")).text
    clock.advance(timedelta(days=(second.starts_on - local_date(clock.now())).days))
    await refresh_all(runtime)
    rows = await SupportGrant.filter(policy="stall-fee").order_by("starts_on")
    assert [row.state for row in rows] == ["expired", "granted"]


async def test_withdrawing_the_earlier_award_leaves_what_the_later_one_brings(
    runtime: Runtime, clock: FixedClock, shop: Shop
) -> None:
    earlier = await HonestAward.get()
    await renew(runtime, shop, local_date(clock.now()))
    await HonestAward.filter(id=earlier.id).update(state="withdrawn")
    await change(runtime, shop)
    first, second = await SupportGrant.filter(policy="stall-fee").order_by("starts_on")
    assert (first.state, first.reason_zh) == ("ended", "诚信商户称号已失效或被撤销")
    assert second.state == "waiting"


@pytest.mark.parametrize(
    "body",
    [
        {"amount_fen": 3_000_000_000, "reference": "SC-1"},
        {"amount_fen": 10**19, "reference": "SC-1"},
        {"amount_fen": 100_000_001, "reference": "SC-1"},
        {"amount_fen": 0, "reference": "SC-1"},
    ],
)
async def test_numbers_that_no_row_can_hold_are_refused(
    app_client: httpx.AsyncClient, shop: Shop, lin: Caller, body: dict[str, object]
) -> None:
    grant = await SupportGrant.get(policy="stall-fee")
    assert (await act(app_client, lin, f"/support/{grant.id}/uses", body)).status_code == 400
