"""What a red list gives: several scenes by policy, without reading credit, by the rules for minors and households."""

from __future__ import annotations

from datetime import date, timedelta

import httpx
import pytest
from support.people import Caller, a_resident
from support.rewards import born, list_them, reason, rewards, tie
from support.scenes import id_of
from support.telling import kinds_told

from xinyi_platform.clock import FixedClock
from xinyi_platform.consents.granting import grant as give_consent
from xinyi_platform.credit.models import CreditRead
from xinyi_platform.guardianships import households
from xinyi_platform.guardianships.models import Guardianship
from xinyi_platform.ids import new_id
from xinyi_platform.runtime import Runtime
from xinyi_rewards.honor_lists.models import HonorEntry
from xinyi_rewards.honor_lists.publishing import end_entry
from xinyi_rewards.rewards.granting import grant_due
from xinyi_rewards.rewards.models import RewardGrant
from xinyi_rewards.rewards.policy import RewardPolicy, reward_policies
from xinyi_rewards.rewards.promising import refresh_rewards
from xinyi_scenarios.claims import terms_of
from xinyi_scenarios.decisions.models import Decision
from xinyi_scenarios.entitlements.models import Entitlement
from xinyi_scenarios.manifests import Catalogue
from xinyi_scenarios.quotas.models import Quota
from xinyi_scenarios.requirements import REGISTRY, set_aside

pytestmark = pytest.mark.anyio
GIVEN_TO_THE_OLD = {
    "checkup": "given",
    "elder-care": "given",
    "read": "given",
    "medical": "waiting",
    "permit": "given",
    "job": "waiting",
}


async def test_a_place_on_a_red_list_gives_what_its_policies_say_and_reads_nobodys_credit(
    app_client: httpx.AsyncClient, lin: Caller, zhou: Caller, wang: Caller
) -> None:
    await list_them(app_client, lin, zhou, 1)
    assert await rewards(wang) == GIVEN_TO_THE_OLD
    held = (await app_client.get("/api/v1/me/entitlements", headers=wang.headers())).json()
    assert {(row["scenario"], row["state"]) for row in held} == {
        ("checkup", "issued"),
        ("elder-care", "issued"),
        ("read", "issued"),
        ("permit", "issued"),
    }
    assert not await CreditRead.exists()
    page = (await app_client.get("/app/honors", headers=wang.headers())).text
    assert "暂未发放" in page
    assert "信易医" in page
    assert "Sentence(" not in page


async def test_what_waits_says_why_and_comes_when_the_resident_has_done_it(
    app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock, lin: Caller, zhou: Caller, wang: Caller
) -> None:
    await list_them(app_client, lin, zhou, 1)
    waiting = await RewardGrant.get(policy="medical")
    needed = "须先授权:先诊疗后付费:向就诊医院确认资格。在“授权”页面同意后即可,可随时撤回。"
    assert waiting.reason_zh == needed, "what is missing, and then what would change it"
    assert waiting.decision_id is not None
    stored = await Decision.get(id=waiting.decision_id)
    assert (stored.purpose, "credit" in stored.inputs) == ("reward", False)
    await give_consent(id_of(wang), "medical.pay_later", version=1, at=runtime.clock.now())
    assert await grant_due(runtime) == 0
    other = await a_resident(runtime, 2)
    path = f"/app/honors/rewards/{waiting.id}/ask"
    assert (await _post(app_client, other, path)).status_code == 404
    assert (await _post(app_client, wang, path)).status_code == 303
    assert (await rewards(wang))["medical"] == "given"
    assert (await _post(app_client, wang, path)).status_code == 404
    assert "reward.given" in await kinds_told(id_of(wang))


async def test_what_waits_is_looked_at_again_the_next_night(
    app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock, lin: Caller, zhou: Caller, wang: Caller
) -> None:
    await born(wang, date(1990, 1, 1))
    await list_them(app_client, lin, zhou, 1)
    assert (await rewards(wang))["elder-care"] == "waiting"
    assert "60" in await reason(wang, "elder-care")
    await born(wang, date(1960, 1, 1))
    assert await grant_due(runtime) == 0
    clock.advance(timedelta(days=1))
    assert await grant_due(runtime) == 1
    assert (await rewards(wang))["elder-care"] == "given"


async def test_a_minor_gets_what_minors_may_have_with_a_guardian_that_is_confirmed(
    app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock, lin: Caller, zhou: Caller, wang: Caller
) -> None:
    await born(wang, date(2012, 1, 1))
    parent = await a_resident(runtime, 2)
    await tie(runtime, id_of(parent), id_of(wang), "asked")
    await list_them(app_client, lin, zhou, 1)
    assert set((await rewards(wang)).values()) == {"waiting"}
    assert "监护" in await reason(wang, "read")
    assert "18周岁" in await reason(wang, "medical")
    await Guardianship.filter(ward_id=wang.id).update(state="confirmed", decided_at=clock.now(), decided_by=new_id())
    clock.advance(timedelta(days=1))
    assert await grant_due(runtime) == 2
    assert {name for name, state in (await rewards(wang)).items() if state == "given"} == {"checkup", "read"}


async def test_a_household_holds_one_of_what_is_once_a_household(
    app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock, lin: Caller, zhou: Caller, wang: Caller
) -> None:
    wife = await a_resident(runtime, 2)
    await tie(runtime, id_of(wife), id_of(wang))
    await list_them(app_client, lin, zhou, 1, 2)
    states = [(await rewards(who))["elder-care"] for who in (wang, wife)]
    assert sorted(states) == ["given", "waiting"]
    has, waits = (wang, wife) if states[0] == "given" else (wife, wang)
    assert "同一家庭" in await reason(waits, "elder-care")
    entry = await HonorEntry.get(resident_id=has.id)
    await end_entry(runtime, entry.id, "expire", actor="test", reason="over", at=clock.now())
    clock.advance(timedelta(days=1))
    await grant_due(runtime)
    assert (await rewards(waits))["elder-care"] == "given"


async def test_with_the_entry_everything_that_it_gave_ends_and_what_waits_comes_no_more(
    app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock, lin: Caller, zhou: Caller, wang: Caller
) -> None:
    await list_them(app_client, lin, zhou, 1)
    entry = await HonorEntry.get()
    await end_entry(runtime, entry.id, "revoke", actor="test", reason="更正", at=clock.now())
    assert set((await rewards(wang)).values()) == {"ended"}
    assert set(await Entitlement.all().values_list("state", flat=True)) == {"withdrawn"}
    clock.advance(timedelta(days=2))
    assert await grant_due(runtime) + await refresh_rewards(runtime) == 0


async def test_one_who_saw_an_entry_alive_gives_nothing_for_it_after_its_end(
    app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock, lin: Caller, zhou: Caller, wang: Caller
) -> None:
    await list_them(app_client, lin, zhou, 1)
    waiting = await RewardGrant.get(policy="medical")
    await give_consent(id_of(wang), "medical.pay_later", version=1, at=runtime.clock.now())
    await end_entry(runtime, waiting.entry_id, "revoke", actor="test", reason="更正", at=clock.now())
    await RewardGrant.filter(id=waiting.id).update(state="waiting", try_at=clock.now(), ended_at=None)
    assert await grant_due(runtime) == 0
    assert not await Entitlement.filter(scenario="medical").exists()


async def test_what_was_put_down_while_its_entry_ended_does_not_wait_for_ever(
    app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock, lin: Caller, zhou: Caller, wang: Caller
) -> None:
    """Who put it down had read the entry before its end, and wrote after it; one of two has its terms met."""
    await list_them(app_client, lin, zhou, 1)
    late = await RewardGrant.filter(policy__in=["medical", "read"])
    await end_entry(runtime, late[0].entry_id, "expire", actor="test", reason="over", at=clock.now())
    for grant in late:
        await RewardGrant.filter(id=grant.id).delete()
        grant.state, grant.entitlement_id, grant.granted_at, grant.try_at = "waiting", None, None, clock.now()
        grant.turn = str(grant.entry_id)
        await grant.save(force_create=True)
    assert await grant_due(runtime) == 0
    for policy in ("medical", "read"):
        assert (await rewards(wang))[policy] == "ended"
        assert "已结束" in await reason(wang, policy)
    clock.advance(timedelta(days=1))
    assert await grant_due(runtime) + await refresh_rewards(runtime) == 0


async def test_a_policy_that_came_later_reaches_those_listed_before(
    app_client: httpx.AsyncClient, runtime: Runtime, lin: Caller, zhou: Caller, wang: Caller
) -> None:
    await list_them(app_client, lin, zhou, 1)
    read = await RewardGrant.get(policy="read")
    await Entitlement.filter(id=read.entitlement_id).delete()
    await read.delete()
    assert await refresh_rewards(runtime) == 1
    assert await refresh_rewards(runtime) == 0


async def _post(client: httpx.AsyncClient, who: Caller, path: str) -> httpx.Response:
    token = (await client.get("/")).cookies["xinyi_csrf"]
    client.cookies.clear()
    return await client.post(path, headers=who.headers(csrf=token), data={"_csrf_token": token})


async def test_one_policy_that_fails_is_put_off_and_holds_up_neither_the_approval_nor_the_others(
    app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock, lin: Caller, zhou: Caller, wang: Caller
) -> None:
    second = await a_resident(runtime, 2)
    await list_them(app_client, lin, zhou, 1)
    waiting = RewardGrant.filter(policy="medical")
    await waiting.update(policy="campaign" + "z" * 32, try_at=clock.now(), tries=0)
    await list_them(app_client, lin, zhou, 2)
    assert (await rewards(second))["checkup"] == "given"
    for minutes in (10, 20):
        put_off = await RewardGrant.get(policy="campaign" + "z" * 32)
        assert (put_off.state, "自动重试" in put_off.reason_zh) == ("waiting", True)
        assert put_off.try_at == clock.now() + timedelta(minutes=minutes)
        clock.advance(timedelta(minutes=minutes))
        assert await grant_due(runtime) == 0


async def test_what_waits_reads_its_reason_in_both_languages_with_everything_filled_in(
    app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock, lin: Caller, zhou: Caller, wang: Caller
) -> None:
    terms = await terms_of(runtime, "checkup", [id_of(wang)], at=clock.now())
    await Quota.filter(id=terms.quota_id).update(total=0)
    await list_them(app_client, lin, zhou, 1)
    waits = await RewardGrant.get(policy="checkup")
    assert waits.reason_zh == "本期名额已领完。2027-01-01起可再次领取。"
    assert waits.reason_en == "No more are left in this period. There is more from 2027-01-01."


async def test_every_reward_is_of_a_scene_that_there_is(runtime: Runtime) -> None:
    for policy in reward_policies().values():
        assert runtime.part(Catalogue).get(policy.scene).slug == policy.scene
        assert set(policy.stands_for) <= set(REGISTRY.names())


def test_no_reward_hangs_on_a_black_list() -> None:
    with pytest.raises(ValueError, match="no kind of red list"):
        RewardPolicy("x", ["black-enforcement"], "read", [], "given", False, date(2026, 1, 1))


@pytest.mark.parametrize(
    ("tables", "left"),
    [
        ([{"type": "a"}, {"type": "b"}], [{"type": "b"}]),
        ([{"type": "any_of", "of": [{"type": "a"}]}], []),
        ([{"type": "any_of", "of": [{"type": "a"}, {"type": "b"}]}], [{"type": "any_of", "of": [{"type": "b"}]}]),
        (
            [{"type": "all_of", "of": [{"type": "any_of", "of": [{"type": "a"}]}, {"type": "b"}]}],
            [{"type": "all_of", "of": [{"type": "b"}]}],
        ),
        ([{"type": "not", "of": [{"type": "a"}]}], [{"type": "not", "of": [{"type": "a"}]}]),
    ],
)
def test_what_a_list_stands_in_for_is_not_asked(tables: list[dict[str, object]], left: list[dict[str, object]]) -> None:
    assert set_aside(tables, ["a"]) == left


async def test_a_household_is_whom_confirmed_guardianships_tie_together(
    app_client: httpx.AsyncClient, runtime: Runtime
) -> None:
    a, b, c, d = sorted([id_of(await a_resident(runtime, number)) for number in range(1, 5)])
    await tie(runtime, c, b)
    await tie(runtime, b, a)
    await tie(runtime, d, a, "asked")
    assert await households([c, d]) == {c: {a, b, c}, d: {d}}
