"""What a campaign gives: to whom lives there, by the one mechanism of rewards, within its units and its money."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import httpx
import pytest
from support.campaigns import API, PAGE, VOUCHER, WORTH, a_scene, approved, books, grant_of, list_them
from support.lists import act, look
from support.people import Caller, a_resident
from support.scenes import add_scene, id_of, post_form, read_page

from xinyi_platform.audit.models import AuditEntry
from xinyi_platform.clock import FixedClock
from xinyi_platform.guardianships.models import Guardianship
from xinyi_platform.identity.models import ResidentAccount
from xinyi_platform.ids import new_id
from xinyi_platform.language import Text
from xinyi_platform.runtime import Runtime
from xinyi_rewards.campaigns import deciding
from xinyi_rewards.campaigns.deciding import end_due
from xinyi_rewards.campaigns.models import Campaign, CampaignUse
from xinyi_rewards.campaigns.offering import slug_of
from xinyi_rewards.campaigns.spending import give_units_back, return_unused
from xinyi_rewards.honor_lists.models import HonorEntry
from xinyi_rewards.honor_lists.publishing import end_entry
from xinyi_rewards.rewards.ending import end_waiting
from xinyi_rewards.rewards.granting import grant_due
from xinyi_rewards.rewards.models import RewardGrant
from xinyi_rewards.rewards.promising import refresh_rewards
from xinyi_rewards.rewards.renewing import renew_rewards
from xinyi_scenarios.entitlements.changing import change_entitlement, expire_due
from xinyi_scenarios.entitlements.models import Entitlement
from xinyi_scenarios.quotas.models import Quota

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def gift(app_client: httpx.AsyncClient, runtime: Runtime) -> str:
    return a_scene(runtime)


async def end(runtime: Runtime, who: Caller, event: str = "revoke") -> None:
    entry = await HonorEntry.get(resident_id=who.id)
    await end_entry(runtime, entry.id, event, actor="test", reason="更正", at=runtime.clock.now())


async def gifts(state: str = "issued") -> int:
    return await Entitlement.filter(scenario="gift", state=state).count()


async def test_who_is_listed_while_it_runs_gets_it_at_once_and_reads_its_name(
    app_client: httpx.AsyncClient, runtime: Runtime, lin: Caller, zhou: Caller, wang: Caller
) -> None:
    made = await approved(app_client, runtime, lin, zhou)
    await list_them(app_client, lin, zhou, 1)
    grant = await grant_of(made, wang)
    assert (grant.state, grant.scenario, len(grant.policy)) == ("given", "gift", 40)
    assert await books(made) == (1, WORTH)
    held = (await app_client.get("/api/v1/me/entitlements", headers=wang.headers())).json()
    assert "gift" in {row["scenario"] for row in held if row["state"] == "issued"}
    mine = (await read_page(app_client, wang, "/app/honors")).text
    assert "活动: 好邻居月" in mine
    assert mine.count("活动: ") == 1
    page = (await read_page(app_client, lin, f"{PAGE}/{made}")).text
    assert "¥50.00 / ¥100.00" in page
    use = await CampaignUse.get()
    assert (use.grant_id, use.worth_fen, use.returned_at) == (grant.id, WORTH, None)


async def test_who_was_listed_before_it_began_gets_it_by_the_refresh_from_its_first_day_on(
    app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock, lin: Caller, zhou: Caller, wang: Caller
) -> None:
    await list_them(app_client, lin, zhou, 1)
    made = await approved(app_client, runtime, lin, zhou, first_on="2026-11-25")
    assert await refresh_rewards(runtime) == 0
    assert not await RewardGrant.filter(policy=slug_of(made)).exists()
    clock.advance(timedelta(days=2))
    assert await refresh_rewards(runtime, limit=1) == 1
    assert await refresh_rewards(runtime) == 0
    await grant_due(runtime)
    assert (await grant_of(made, wang)).state == "given"


async def test_the_refresh_passes_by_those_who_live_elsewhere_and_reaches_those_behind_them(
    app_client: httpx.AsyncClient, runtime: Runtime, lin: Caller, zhou: Caller, wang: Caller
) -> None:
    others = [await a_resident(runtime, number) for number in (2, 3, 4)]
    await ResidentAccount.filter(id__in=[wang.id, *(one.id for one in others[:2])]).update(division="410611001002")
    await list_them(app_client, lin, zhou, 1, 2, 3, 4)
    made = await approved(app_client, runtime, lin, zhou)
    assert await refresh_rewards(runtime, limit=1) == 1
    await grant_due(runtime)
    assert (await grant_of(made, others[2])).state == "given"


async def test_outside_the_area_there_is_nothing_until_one_moves_in(
    app_client: httpx.AsyncClient, runtime: Runtime, lin: Caller, zhou: Caller, wang: Caller
) -> None:
    made = await approved(app_client, runtime, lin, zhou)
    await ResidentAccount.filter(id=wang.id).update(division="410611001002")
    await list_them(app_client, lin, zhou, 1)
    assert not await RewardGrant.filter(policy=slug_of(made)).exists()
    assert await books(made) == (0, 0)
    await ResidentAccount.filter(id=wang.id).update(division="410611001001")
    assert await refresh_rewards(runtime) == 1
    await ResidentAccount.filter(id=wang.id).update(division="410611001002")
    await grant_due(runtime)
    waits = await grant_of(made, wang)
    assert (waits.state, "辖区" in waits.reason_zh) == ("waiting", True)


async def test_another_kind_of_list_gives_nothing_of_it(
    app_client: httpx.AsyncClient, runtime: Runtime, lin: Caller, zhou: Caller, wang: Caller
) -> None:
    await approved(app_client, runtime, lin, zhou, kinds="red-volunteer")
    await list_them(app_client, lin, zhou, 1)
    assert not await Entitlement.filter(scenario="gift").exists()


@pytest.mark.parametrize("limits", [{"units": "1"}, {"units": "9", "budget": "99.99"}])
async def test_used_up_it_waits_with_the_reason_and_comes_when_something_is_given_back(
    app_client: httpx.AsyncClient,
    runtime: Runtime,
    clock: FixedClock,
    lin: Caller,
    zhou: Caller,
    wang: Caller,
    limits: dict[str, str],
) -> None:
    second = await a_resident(runtime, 2)
    made = await approved(app_client, runtime, lin, zhou, **limits)
    await list_them(app_client, lin, zhou, 1)
    await list_them(app_client, lin, zhou, 2)
    waits = await grant_of(made, second)
    assert (waits.state, waits.reason_zh, waits.reason_en) == (
        "waiting",
        "该活动的预算已用完",
        "The campaign's budget is used up",
    )
    assert (await books(made), await gifts()) == ((1, WORTH), 1)
    assert (await Quota.filter(scenario="gift", measure="units", scope="").first()).used == 1  # type: ignore[union-attr]
    page = (await read_page(app_client, lin, f"{PAGE}/{made}")).text
    assert "该活动的预算已用完: 1" in page
    assert (await app_client.get("/api/v1/campaigns")).json()[0]["left"] == 0
    await end(runtime, wang)
    assert await books(made) == (0, 0)
    clock.advance(timedelta(days=1))
    await grant_due(runtime)
    assert (await grant_of(made, second)).state == "given"
    assert await books(made) == (1, WORTH)


async def test_with_the_entrys_end_unit_and_money_go_back_just_once(
    app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock, lin: Caller, zhou: Caller, wang: Caller
) -> None:
    made = await approved(app_client, runtime, lin, zhou)
    await list_them(app_client, lin, zhou, 1)
    grant = await grant_of(made, wang)
    await end(runtime, wang)
    assert (await books(made), await gifts("withdrawn")) == ((0, 0), 1)
    assert await give_units_back([grant.id], at=clock.now()) == 0
    assert await return_unused(clock.now()) == 0
    assert await books(made) == (0, 0)


async def test_what_was_redeemed_does_not_come_back(
    app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock, lin: Caller, zhou: Caller, wang: Caller
) -> None:
    made = await approved(app_client, runtime, lin, zhou)
    await list_them(app_client, lin, zhou, 1)
    entitlement = (await grant_of(made, wang)).entitlement_id
    await change_entitlement(entitlement, "redeem", actor="test", at=clock.now())
    await end(runtime, wang)
    assert await return_unused(clock.now()) == 0
    assert (await books(made), (await grant_of(made, wang)).state) == ((1, WORTH), "ended")
    assert "1 / 2" in (await read_page(app_client, lin, f"{PAGE}/{made}")).text


@pytest.mark.parametrize("way", ["given back", "run out"])
async def test_what_ends_unused_otherwise_goes_back_by_the_job_just_once(
    app_client: httpx.AsyncClient,
    runtime: Runtime,
    clock: FixedClock,
    lin: Caller,
    zhou: Caller,
    wang: Caller,
    way: str,
) -> None:
    made = await approved(app_client, runtime, lin, zhou)
    await list_them(app_client, lin, zhou, 1)
    entitlement = (await grant_of(made, wang)).entitlement_id
    if way == "given back":
        answer = await app_client.post(f"/api/v1/entitlements/{entitlement}/cancel", headers=wang.headers())
        assert answer.status_code in (200, 204)
    else:
        clock.advance(timedelta(days=31))
        assert await expire_due(clock.now()) >= 1
    assert [await return_unused(clock.now(), limit=1) for _ in range(2)] == [1, 0]
    assert await books(made) == (0, 0)
    await end(runtime, wang)
    assert await books(made) == (0, 0)


async def test_stopped_it_gives_no_more_ends_what_waits_and_takes_nothing_back(
    app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock, lin: Caller, zhou: Caller, wang: Caller
) -> None:
    second, third = await a_resident(runtime, 2), await a_resident(runtime, 3)
    made = await approved(app_client, runtime, lin, zhou, units="1")
    await list_them(app_client, lin, zhou, 1)
    await list_them(app_client, lin, zhou, 2)
    path = f"{PAGE}/{made}/stop"
    bare = await post_form(app_client, lin, path, {"reason": ""})
    assert (bare.status_code, 'href="#f-reason"' in bare.text) == (400, True)
    assert (await post_form(app_client, lin, path, {"reason": "资金调整"})).status_code == 303
    assert (await act(app_client, lin, f"{API}/{made}/stop", {"reason": "资金调整"})).status_code == 409
    assert [(await grant_of(made, who)).state for who in (wang, second)] == ["given", "ended"]
    assert (await grant_of(made, second)).reason_zh == "活动已停止:资金调整"
    assert "活动已停止:资金调整" in (await read_page(app_client, second, "/app/honors")).text
    report = (await look(app_client, lin, f"{API}/{made}")).json()["not_given"]
    assert [(one["reason_zh"], one["rewards"]) for one in report] == [("活动已停止:资金调整", 1)]
    assert (await books(made), await gifts()) == ((1, WORTH), 1)
    await list_them(app_client, lin, zhou, 3)
    assert not await RewardGrant.filter(policy=slug_of(made), resident_id=third.id).exists()
    assert "资金调整" in (await read_page(app_client, lin, f"{PAGE}/{made}")).text
    assert (await app_client.get("/api/v1/campaigns")).json() == []
    await RewardGrant.filter(resident_id=second.id, policy=slug_of(made)).update(
        state="waiting", try_at=clock.now(), ended_at=None
    )
    await grant_due(runtime)
    assert (await grant_of(made, second)).state == "ended"


async def test_after_its_last_day_it_gives_nothing_and_what_waits_ends(
    app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock, lin: Caller, zhou: Caller, wang: Caller
) -> None:
    second = await a_resident(runtime, 2)
    made = await approved(app_client, runtime, lin, zhou, units="1")
    await list_them(app_client, lin, zhou, 1)
    await list_them(app_client, lin, zhou, 2)
    clock.advance(timedelta(days=10))
    await Campaign.filter(id=made).update(units=2)
    await grant_due(runtime)
    assert (await grant_of(made, second)).state == "waiting"
    await end_due(clock.now())
    assert [(await grant_of(made, who)).state for who in (wang, second)] == ["given", "ended"]
    assert (await app_client.get("/campaigns")).text.count("好邻居月") == 0


async def test_what_cannot_be_ended_holds_up_no_other_and_the_trail_tells_the_last_numbers(
    app_client: httpx.AsyncClient,
    runtime: Runtime,
    clock: FixedClock,
    lin: Caller,
    zhou: Caller,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stuck = await approved(app_client, runtime, lin, zhou)
    made = await approved(app_client, runtime, lin, zhou)
    clock.advance(timedelta(days=10))

    async def slow(policy: str, *, reason: Text, at: datetime) -> int:
        if policy == slug_of(stuck):
            raise RuntimeError
        await Campaign.filter(id=made).update(used=1, spent_fen=WORTH)
        return await end_waiting(policy, reason=reason, at=at)

    monkeypatch.setattr(deciding, "end_waiting", slow)
    assert await end_due(clock.now()) == 1
    assert [(await Campaign.get(id=one)).state for one in (stuck, made)] == ["approved", "ended"]
    assert (await AuditEntry.get(action="campaign.end")).detail == {"used": 1, "spent_fen": WORTH}


async def test_minors_get_it_by_the_campaigns_own_rule(
    app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock, lin: Caller, zhou: Caller, wang: Caller
) -> None:
    await ResidentAccount.filter(id=wang.id).update(birth_date=date(2012, 1, 1))
    adults = await approved(app_client, runtime, lin, zhou)
    a_scene(runtime, "gift-2")
    guarded = await approved(app_client, runtime, lin, zhou, scene="gift-2", minors="guardian")
    a_scene(runtime, "gift-3")
    open_to_all = await approved(app_client, runtime, lin, zhou, scene="gift-3", minors="given")
    await list_them(app_client, lin, zhou, 1)
    states = [(await grant_of(one, wang)).state for one in (adults, guarded, open_to_all)]
    assert states == ["waiting", "waiting", "given"]
    await Guardianship.create(
        guardian_id=new_id(), ward_id=wang.id, relation="parent", state="confirmed", division="410611",
        asked_at=clock.now(), decided_at=clock.now(), decided_by=new_id(),
    )  # fmt: skip
    clock.advance(timedelta(days=1))
    await grant_due(runtime)
    assert [(await grant_of(one, wang)).state for one in (adults, guarded)] == ["waiting", "given"]
    assert "18" in (await grant_of(adults, wang)).reason_zh


async def test_a_household_gets_one_where_the_campaign_says_so(
    app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock, lin: Caller, zhou: Caller, wang: Caller
) -> None:
    wife = await a_resident(runtime, 2)
    await Guardianship.create(
        guardian_id=id_of(wife), ward_id=wang.id, relation="parent", state="confirmed", division="410611",
        asked_at=clock.now(), decided_at=clock.now(), decided_by=new_id(),
    )  # fmt: skip
    made = await approved(app_client, runtime, lin, zhou, once_a_household="true")
    await list_them(app_client, lin, zhou, 1, 2)
    assert sorted([(await grant_of(made, who)).state for who in (wang, wife)]) == ["given", "waiting"]
    assert await books(made) == (1, WORTH)


async def test_one_reward_that_fails_holds_up_no_other_of_its_campaign(
    app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock, lin: Caller, zhou: Caller, wang: Caller
) -> None:
    second = await a_resident(runtime, 2)
    await list_them(app_client, lin, zhou, 1, 2)
    made = await approved(app_client, runtime, lin, zhou)
    await refresh_rewards(runtime)
    broken = await grant_of(made, wang)
    await CampaignUse.create(
        campaign_id=made, grant_id=broken.id, resident_id=wang.id, entitlement_id=new_id(), worth_fen=0,
        taken_at=clock.now(), returned_at=clock.now(),
    )  # fmt: skip
    assert await grant_due(runtime) == 1
    assert [(await grant_of(made, who)).state for who in (wang, second)] == ["waiting", "given"]
    assert (await books(made), await gifts()) == ((1, WORTH), 1)


async def test_a_campaign_gives_to_each_but_once(
    app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock, lin: Caller, zhou: Caller, wang: Caller
) -> None:
    made = await approved(app_client, runtime, lin, zhou)
    await list_them(app_client, lin, zhou, 1)
    await change_entitlement((await grant_of(made, wang)).entitlement_id, "cancel", actor="test", at=clock.now())
    clock.advance(timedelta(days=9))
    assert await renew_rewards(runtime) == 1
    assert await refresh_rewards(runtime) + await grant_due(runtime) == 0
    assert (await grant_of(made, wang)).state == "closed"


async def test_a_scene_that_lost_its_bound_is_given_by_no_campaign(
    app_client: httpx.AsyncClient, runtime: Runtime, lin: Caller, zhou: Caller, wang: Caller
) -> None:
    made = await approved(app_client, runtime, lin, zhou)
    add_scene(runtime, "gift", version=2, requires=[], gives={**VOUCHER, "value_fen": None, "percent_off": 10})
    await list_them(app_client, lin, zhou, 1)
    waits = await grant_of(made, wang)
    assert (waits.state, "上限" in waits.reason_zh, await books(made)) == ("waiting", True, (0, 0))


async def test_what_costs_nothing_is_counted_by_units_alone(
    app_client: httpx.AsyncClient, runtime: Runtime, lin: Caller, zhou: Caller, wang: Caller
) -> None:
    a_scene(runtime, "free", value_fen=None, percent_off=None)
    made = await approved(app_client, runtime, lin, zhou, scene="free", budget="0")
    await list_them(app_client, lin, zhou, 1)
    assert ((await grant_of(made, wang)).state, await books(made)) == ("given", (1, 0))


async def test_what_the_list_stands_in_for_is_what_the_files_policy_of_the_scene_says(
    app_client: httpx.AsyncClient, runtime: Runtime, lin: Caller, zhou: Caller, wang: Caller
) -> None:
    """A cinema ticket has no policy of the file, so its credit condition is asked, and nobody's credit is read."""
    made = await approved(app_client, runtime, lin, zhou, scene="cinema")
    await list_them(app_client, lin, zhou, 1)
    waits = await grant_of(made, wang)
    assert (waits.state, await books(made)) == ("waiting", (0, 0))
    assert waits.reason_zh
