"""Support comes with an award, for one to three months, is used up to its cap, and ends with what it rests on."""

from __future__ import annotations

from datetime import date, timedelta

import httpx
import pytest
from support.lists import WHOLE, act
from support.people import Caller, a_member_of_staff
from support.scenes import Shop, a_shop, post_form, read_page

from xinyi_merchants.registry import MerchantChanged
from xinyi_merchants.registry.awards import Award
from xinyi_merchants.registry.models import HonestAward, Merchant
from xinyi_merchants.risk_classes.lots import WEIGHTS, draw_lots, is_right, lots_of
from xinyi_merchants.risk_classes.models import InspectionDraw
from xinyi_platform.clock import FixedClock
from xinyi_platform.database import transaction
from xinyi_platform.ids import new_id
from xinyi_platform.principals import Role
from xinyi_platform.runtime import Runtime
from xinyi_rewards.honor_lists.models import HonorEntry
from xinyi_rewards.honor_lists.publishing import end_entry
from xinyi_rewards.support.deciding import ShopFacts, Term, term_of, wanted
from xinyi_rewards.support.granting import refresh_all, refresh_support
from xinyi_rewards.support.models import SupportGrant, SupportQuota, SupportUse
from xinyi_rewards.support.policy import SupportPolicy, support_policies
from xinyi_rewards.support.reading import promoted
from xinyi_rewards.support.states import advance

pytestmark = pytest.mark.anyio


@pytest.fixture
async def shop(app_client: httpx.AsyncClient, runtime: Runtime) -> Shop:
    """A hotel awarded today."""
    return await a_shop(runtime, "hotel", honest_days=365)


@pytest.fixture
async def xu(app_client: httpx.AsyncClient, runtime: Runtime) -> Caller:
    return await a_member_of_staff(runtime, Role.CREDIT_OFFICE, username="xu")


async def states(shop: Shop) -> dict[str, str]:
    rows: list[tuple[str, str]] = await SupportGrant.filter(merchant_id=shop.merchant.id).values_list("policy", "state")
    return dict(rows)


async def tell(runtime: Runtime, shop: Shop) -> None:
    async with transaction():
        await runtime.events.publish(MerchantChanged(shop.merchant.id))


def a_policy(**changes: object) -> SupportPolicy:
    known = {field: getattr(support_policies()["stall-fee"], field) for field in SupportPolicy.__struct_fields__}
    return SupportPolicy(**{**known, **changes})


AWARD = Award(new_id(), date(2026, 1, 31), date(2027, 1, 31))


@pytest.mark.parametrize(
    ("months", "awarded", "until", "last"),
    [
        (1, date(2026, 1, 31), date(2027, 1, 31), date(2026, 2, 28)),
        (1, date(2028, 1, 31), date(2029, 1, 31), date(2028, 2, 29)),
        (3, date(2026, 11, 30), date(2027, 11, 30), date(2027, 2, 28)),
        (2, date(2026, 11, 23), date(2027, 11, 23), date(2027, 1, 23)),
        (3, date(2026, 11, 23), date(2026, 12, 1), date(2026, 12, 1)),
    ],
)
def test_support_lasts_its_months_and_never_longer_than_the_award(
    months: int, awarded: date, until: date, last: date
) -> None:
    assert term_of(a_policy(months=months), Award(new_id(), awarded, until)) == Term(awarded, last)


def test_support_with_a_renewed_award_begins_when_the_earlier_one_is_over() -> None:
    renewed = Award(new_id(), date(2026, 11, 23), date(2027, 11, 23))
    assert term_of(a_policy(), renewed, after=date(2027, 1, 31)) == Term(date(2027, 2, 1), date(2027, 5, 1))
    assert term_of(a_policy(), renewed, after=date(2027, 11, 23)) is None
    assert term_of(a_policy(to_day=date(2027, 1, 31)), renewed, after=date(2027, 1, 31)) is None


@pytest.mark.parametrize(
    ("facts", "today", "granted", "waiting"),
    [
        ({}, date(2026, 2, 28), "granted", "granted"),
        ({}, date(2026, 3, 1), "expired", "expired"),
        ({"award": None}, date(2026, 2, 1), "ended", "ended"),
        ({"award": None}, date(2026, 3, 1), "expired", "expired"),
        ({"is_open": False}, date(2026, 2, 1), "suspended", "waiting"),
        ({"is_open": False}, date(2026, 3, 1), "expired", "expired"),
        ({"is_listed": True}, date(2026, 2, 1), "suspended", "waiting"),
        ({"is_listed": True}, date(2026, 3, 1), "expired", "expired"),
        ({"trade": "bookshop"}, date(2026, 2, 1), "ended", "waiting"),
        ({}, date(2026, 1, 1), "granted", "waiting"),
    ],
)
def test_facts_decide_with_a_reason(facts: dict[str, object], today: date, granted: str, waiting: str) -> None:
    whole = {"award": AWARD, "trade": "hotel", "is_open": True, "is_listed": False, **facts}
    term = Term(date(2026, 1, 31), date(2026, 2, 28))
    for state, asked in (("granted", granted), ("suspended", granted), ("waiting", waiting)):
        found = wanted(a_policy(trades=["hotel"]), ShopFacts(**whole), term, state=state, today=today)  # type: ignore[arg-type]
        assert found.state == asked
        assert found.reason.zh
        assert found.reason.en
        assert (
            found.state == state
            or advance(
                state,
                "resume"
                if (state, asked) == ("suspended", "granted")
                else {"granted": "grant", "suspended": "suspend", "ended": "end", "expired": "expire"}[asked],
            )
            == asked
        )


@pytest.mark.parametrize("change", [{"months": 4}, {"months": 0}, {"basis": " "}, {"trades": ["moon"]}, {"cap_fen": 0}])
def test_a_policy_that_contradicts_itself_is_refused(change: dict[str, object]) -> None:
    import msgspec

    known = {field: getattr(support_policies()["stall-fee"], field) for field in SupportPolicy.__struct_fields__}
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({**known, **change}, SupportPolicy)


async def test_an_award_brings_support_and_its_withdrawal_ends_it(
    runtime: Runtime, clock: FixedClock, shop: Shop
) -> None:
    await HonestAward.all().update(awarded_on=clock.now().date())
    await tell(runtime, shop)
    assert await states(shop) == dict.fromkeys(
        ["stall-fee", "inspection-relief", "promotion", "hotel-training"], "granted"
    )
    await tell(runtime, shop)
    assert (await SupportQuota.get(policy="stall-fee")).used == 1
    await HonestAward.all().update(state="withdrawn")
    await tell(runtime, shop)
    assert set((await states(shop)).values()) == {"ended"}
    assert (await SupportQuota.get(policy="stall-fee")).used == 0


async def test_other_trades_and_full_quotas_wait_with_their_reason(runtime: Runtime, clock: FixedClock) -> None:
    cafe = await a_shop(runtime, "catering", number=2, honest_days=365)
    await HonestAward.all().update(awarded_on=clock.now().date())
    await SupportQuota.create(policy="stall-fee", total=500, used=500)
    await refresh_all(runtime)
    assert (await states(cafe))["hotel-training"] == "waiting"
    waiting = await SupportGrant.get(merchant_id=cafe.merchant.id, policy="stall-fee")
    assert (waiting.state, waiting.reason_zh) == ("waiting", "名额已满,有名额时自动补上")
    await SupportQuota.filter(policy="stall-fee").update(used=499)
    await refresh_all(runtime)
    assert (await states(cafe))["stall-fee"] == "granted"


async def test_a_published_decision_suspends_support_until_it_ends(
    app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock, shop: Shop, xu: Caller, zhou: Caller
) -> None:
    await HonestAward.all().update(awarded_on=clock.now().date())
    await tell(runtime, shop)
    about = {**WHOLE, "subject_kind": "merchant", "name": shop.merchant.name, "number": shop.merchant.uscc}
    made = (await act(app_client, xu, "/honor-lists/mirrored", about)).json()["id"]
    await act(app_client, zhou, f"/honor-lists/{made}/approve")
    assert set((await states(shop)).values()) == {"suspended"}
    assert (await SupportQuota.get(policy="stall-fee")).used == 1
    entry = await HonorEntry.get()
    await end_entry(runtime, entry.id, "repair", actor="test", reason="done", at=clock.now())
    assert set((await states(shop)).values()) == {"granted"}


async def test_support_is_over_after_its_months_each_on_its_day(
    runtime: Runtime, clock: FixedClock, shop: Shop
) -> None:
    await HonestAward.all().update(awarded_on=clock.now().date())
    await tell(runtime, shop)
    clock.advance(timedelta(days=31))
    await refresh_all(runtime)
    assert (await states(shop))["hotel-training"] == "expired"
    assert (await states(shop))["promotion"] == "granted"
    clock.advance(timedelta(days=62))
    await refresh_all(runtime)
    assert set((await states(shop)).values()) == {"expired"}


async def test_a_waiver_is_used_up_to_its_cap_once_a_reference_and_undone_once(
    app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock, shop: Shop, xu: Caller, lin: Caller
) -> None:
    await HonestAward.all().update(awarded_on=clock.now().date())
    await tell(runtime, shop)
    grant = await SupportGrant.get(policy="stall-fee")
    path = f"/support/{grant.id}/uses"
    used = await act(app_client, lin, path, {"amount_fen": 40_000, "reference": "SC-1"})
    assert used.status_code == 201
    assert (await act(app_client, lin, path, {"amount_fen": 10, "reference": "SC-1"})).json()["code"] == (
        "support_use_put_down"
    )
    over = await act(app_client, lin, path, {"amount_fen": 20_001, "reference": "SC-2"})
    assert (over.status_code, over.json()["left_fen"]) == (422, 20_000)
    assert await SupportUse.all().count() == 1
    back = f"/support/uses/{used.json()['id']}/reverse"
    assert (await act(app_client, lin, back, {"reason": "金额录错"})).status_code == 204
    assert (await act(app_client, lin, back, {"reason": "金额录错"})).json()["code"] == "support_use_reversed"
    assert (await SupportGrant.get(id=grant.id)).used_fen == 0
    assert (await act(app_client, lin, path, {"amount_fen": 60_000, "reference": "SC-1"})).status_code == 201
    training = await SupportGrant.get(policy="hotel-training")
    assert (
        await act(app_client, lin, f"/support/{training.id}/uses", {"amount_fen": 1, "reference": "X1"})
    ).status_code == 404
    page = (await read_page(app_client, shop.operator, "/portal/support")).text
    for text in ("摊位管理费减免", "600.00", "已冲正", "SC-1"):
        assert text in page
    assert "正在享受4项" in (await read_page(app_client, shop.operator, "/portal")).text


async def test_staff_look_a_shop_up_use_and_undo_on_the_page(
    app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock, shop: Shop, lin: Caller
) -> None:
    await HonestAward.all().update(awarded_on=clock.now().date())
    await tell(runtime, shop)
    grant, code = await SupportGrant.get(policy="stall-fee"), shop.merchant.code
    assert shop.merchant.name in (await read_page(app_client, lin, f"/console/support?code={code}")).text
    assert (await read_page(app_client, lin, "/console/support?code=NOWHERE")).status_code == 404
    path = f"/console/support/{grant.id}/uses"
    refused = await post_form(app_client, lin, path, {"code": code, "amount": "9999", "reference": "SC-7"})
    assert (refused.status_code, "SC-7" in refused.text) == (422, True)
    empty = await post_form(app_client, lin, path, {"code": code, "reference": "SC-7"})
    assert empty.status_code == 400
    kept = await post_form(app_client, lin, path, {"code": code, "amount": "12.50", "reference": "SC-7"})
    assert kept.status_code == 303
    use = await SupportUse.get()
    assert use.amount_fen == 1_250
    undone = await post_form(
        app_client, lin, f"/console/support/uses/{use.id}/reverse", {"code": code, "reason": "录错"}
    )
    assert undone.status_code == 303
    far = await a_member_of_staff(runtime, Role.COMMUNITY_WORKER, username="far", division="410621001001")
    assert (
        await act(app_client, far, f"/support/{grant.id}/uses", {"amount_fen": 1, "reference": "X1"})
    ).status_code == 404
    assert (await read_page(app_client, far, f"/console/support?code={code}")).status_code == 404


async def test_promoted_shops_stand_on_a_public_page_in_an_order_that_nobody_buys(
    app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock
) -> None:
    shops = [await a_shop(runtime, "catering", number=number, honest_days=365) for number in range(1, 9)]
    await HonestAward.all().update(awarded_on=clock.now().date())
    await refresh_all(runtime)
    today = clock.now().date()
    orders = {tuple(one.code for one in await promoted(on=today + timedelta(days=day))) for day in range(10)}
    assert len(orders) > 5
    assert all(len(order) == 8 for order in orders)
    listed = (await app_client.get("/api/v1/promoted-merchants?division=410611")).json()
    assert {one["code"] for one in listed} == {one.merchant.code for one in shops}
    assert (await app_client.get("/api/v1/promoted-merchants?division=410622")).json() == []
    page = (await app_client.get("/recommended-shops")).text
    assert shops[0].merchant.name in page
    assert '<h2 id="in-410611"' in page
    assert 'href="#in-410611"' in page
    assert "没有坐标" in page
    landing = (await app_client.get("/")).text
    assert 'href="/recommended-shops"' in landing
    assert 'href="/open-data"' in landing
    await Merchant.filter(id=shops[0].merchant.id).update(status="closed")
    assert shops[0].merchant.name not in (await app_client.get("/recommended-shops")).text


async def test_relief_halves_the_lots_and_never_takes_the_last(
    app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock, shop: Shop
) -> None:
    lots = lots_of(WEIGHTS)
    assert all(lots[f"{colour}-relieved"] * 2 == lots[colour] > 0 for colour in WEIGHTS)
    crowd = [(f"r-{n}", "green-relieved") for n in range(100)] + [(f"g-{n}", "green") for n in range(100)]
    drawn = [one for seed in range(200) for one in draw_lots(crowd, 20, seed=str(seed), weights=lots)]
    share = sum(one.startswith("r-") for one in drawn) / len(drawn)
    assert 0.3 < share < 0.4  # one lot of three is theirs
    await HonestAward.all().update(awarded_on=clock.now().date())
    await refresh_support(shop.merchant.id, at=clock.now())
    other = await a_shop(runtime, "hotel", number=2)
    gao = await a_member_of_staff(runtime, Role.SUPERVISOR, username="gao")
    made = await act(app_client, gao, "/inspection-draws", {"number": 2})
    assert made.status_code == 201
    draw = await InspectionDraw.get()
    classes = dict(map(tuple, draw.candidates))
    assert classes[str(shop.merchant.id)] == "yellow-relieved"
    assert classes[str(other.merchant.id)] == "yellow"
    assert is_right(draw)
