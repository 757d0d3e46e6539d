"""The claim over HTTP: issued, repeated, refused with reasons, sold out, and held while the bureau is silent."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import httpx
import pytest
from support.people import Caller, a_resident
from support.scenes import a_consenting_resident, claim, id_of, problem_code, signed_in_anew

from xinyi_platform.bureau.simulator import Simulator
from xinyi_platform.clock import FixedClock
from xinyi_platform.consents import withdraw
from xinyi_platform.consents.purposes import SCENES
from xinyi_platform.identity.seeding import synthetic_identity_number
from xinyi_platform.runtime import Runtime
from xinyi_scenarios.claims.asking import settle_pending
from xinyi_scenarios.entitlements.changing import expire_due
from xinyi_scenarios.entitlements.models import Entitlement
from xinyi_scenarios.ledger import balance_of
from xinyi_scenarios.quotas import change_total, open_quota, quota_for
from xinyi_scenarios.quotas.models import Quota

pytestmark = pytest.mark.anyio
PERIOD = "2026-11"


async def used(slug: str, period: str = PERIOD) -> int:
    quota = await quota_for(slug, period)
    return quota.used if quota else 0


async def test_a_claim_issues_what_the_scene_promises(app_client: httpx.AsyncClient, wang: Caller) -> None:
    answer = await claim(app_client, wang, "travel")
    held = answer.json()
    assert (answer.status_code, held["state"], held["scenario"]) == (201, "issued", "travel")
    assert held["benefit"].items() >= {"kind": "voucher", "percent_off": 20, "cap_fen": 10_000}.items()
    assert held["benefit"]["trades"] == ["attraction"]
    assert await used("travel") == 1


async def test_a_repeated_key_gets_the_first_answer_and_takes_no_second_unit(
    app_client: httpx.AsyncClient, wang: Caller
) -> None:
    first = await claim(app_client, wang, "travel", "one-key")
    again = await claim(app_client, wang, "travel", "one-key")
    assert (again.status_code, again.json()) == (201, first.json())
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"
    assert await used("travel") == 1


async def test_a_key_used_for_another_scene_is_422(app_client: httpx.AsyncClient, wang: Caller) -> None:
    await claim(app_client, wang, "travel", "one-key")
    answer = await claim(app_client, wang, "ride", "one-key")
    assert (answer.status_code, problem_code(answer)) == (422, "idempotency_key_reused")
    assert await used("ride") == 0


async def test_the_same_key_of_another_resident_is_another_key(
    app_client: httpx.AsyncClient, runtime: Runtime, bureau: Simulator, wang: Caller
) -> None:
    other = await a_consenting_resident(runtime, bureau, 2)
    mine, hers = [await claim(app_client, who, "travel", "one-key") for who in (wang, other)]
    assert (mine.status_code, hers.status_code) == (201, 201)
    assert mine.json()["id"] != hers.json()["id"]


@pytest.mark.parametrize("key", [None, "", "k" * 129])
@pytest.mark.parametrize("language", ["zh", "en"])
async def test_a_claim_without_a_proper_key_is_400(
    app_client: httpx.AsyncClient, wang: Caller, key: str | None, language: str
) -> None:
    headers = {**wang.headers(), "Accept-Language": language} | ({} if key is None else {"Idempotency-Key": key})
    answer = await app_client.post("/api/v1/scenarios/travel/claims", headers=headers)
    assert (answer.status_code, problem_code(answer)) == (400, "idempotency_key_missing")
    assert ("缺少" in answer.json()["detail"]) is (language == "zh")
    assert await used("travel") == 0


async def test_a_second_claim_in_the_period_is_409_and_the_next_month_is_another(
    app_client: httpx.AsyncClient, runtime: Runtime, bureau: Simulator, clock: FixedClock
) -> None:
    who = await a_consenting_resident(runtime, bureau)
    assert (await claim(app_client, who, "travel")).status_code == 201
    answer = await claim(app_client, who, "travel")
    assert (answer.status_code, problem_code(answer)) == (409, "already_claimed")
    clock.advance(timedelta(days=7, hours=13))  # 30 November, 23:00 in the city
    assert problem_code(await claim(app_client, signed_in_anew(runtime, who), "travel")) == "already_claimed"
    clock.advance(timedelta(hours=1))
    assert (await claim(app_client, signed_in_anew(runtime, who), "travel")).status_code == 201


async def test_the_last_unit_goes_to_one_and_the_other_hears_sold_out(
    app_client: httpx.AsyncClient, runtime: Runtime, bureau: Simulator
) -> None:
    quota = await open_quota("travel", PERIOD, total=1, at=runtime.clock.now())
    people = [await a_consenting_resident(runtime, bureau, number) for number in range(1, 5)]
    answers = await asyncio.gather(*(claim(app_client, who, "travel") for who in people))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    assert {problem_code(answer) for answer in answers if answer.status_code == 409} == {"sold_out"}
    assert await balance_of(quota.id) == {"pool": -1, "resident": 1}


async def test_a_closed_quota_takes_no_claim(app_client: httpx.AsyncClient, runtime: Runtime, wang: Caller) -> None:
    quota = await open_quota("travel", PERIOD, total=5, at=runtime.clock.now())
    await change_total(quota.id, total=5, is_open=False)
    answer = await claim(app_client, wang, "travel")
    assert (answer.status_code, problem_code(answer)) == (409, "claims_closed")


@pytest.mark.parametrize(("language", "word"), [("zh", "一般失信"), ("en", "general record")])
async def test_who_is_refused_hears_every_unmet_reason_and_what_would_change_it(
    app_client: httpx.AsyncClient, runtime: Runtime, bureau: Simulator, language: str, word: str
) -> None:
    who = await a_consenting_resident(runtime, bureau, 2, "general")
    answer = await claim(app_client, who, "medical", language=language)
    assert (answer.status_code, problem_code(answer)) == (403, "not_eligible")
    credit, listed = answer.json()["reasons"]
    assert word in credit["reason"]
    assert credit["would_change"]
    assert listed["would_change"]
    assert await used("medical") == 0


async def test_a_refusal_binds_no_key(
    app_client: httpx.AsyncClient, runtime: Runtime, bureau: Simulator, clock: FixedClock
) -> None:
    who = await a_consenting_resident(runtime, bureau, 2, "general")
    assert (await claim(app_client, who, "travel", "one-key")).status_code == 403
    bureau.overrides[synthetic_identity_number(2)] = ("good", False)
    clock.advance(timedelta(hours=25))
    assert (await claim(app_client, signed_in_anew(runtime, who), "travel", "one-key")).status_code == 201


async def test_without_consent_nothing_is_claimed(app_client: httpx.AsyncClient, runtime: Runtime) -> None:
    answer = await claim(app_client, await a_resident(runtime, 3), "travel")
    assert (answer.status_code, problem_code(answer)) == (403, "consent_missing")
    assert await used("travel") == 0


async def test_a_silent_bureau_holds_the_unit_and_the_job_issues_it_later(
    app_client: httpx.AsyncClient, runtime: Runtime, bureau: Simulator, wang: Caller, clock: FixedClock
) -> None:
    bureau.mode = "down"
    answer = await claim(app_client, wang, "travel", "one-key")
    held = answer.json()
    assert (answer.status_code, held["state"]) == (202, "reserved")
    assert held["reserved_until"] > held["created_at"]
    assert await used("travel") == 1
    assert await settle_pending(runtime) == 0
    bureau.mode = "ok"
    clock.advance(timedelta(minutes=10))
    assert await settle_pending(runtime) == 1
    replayed = await claim(app_client, wang, "travel", "one-key")
    assert (replayed.status_code, replayed.json()["state"], replayed.json()["id"]) == (201, "issued", held["id"])
    assert replayed.json()["reserved_until"] is None
    assert await settle_pending(runtime) == 0
    assert await used("travel") == 1


async def test_a_hold_that_turns_out_not_eligible_gives_its_unit_back(
    app_client: httpx.AsyncClient, runtime: Runtime, bureau: Simulator, wang: Caller, clock: FixedClock
) -> None:
    bureau.mode = "down"
    held = (await claim(app_client, wang, "travel")).json()
    bureau.mode = "ok"
    bureau.overrides[synthetic_identity_number(1)] = ("serious", True)
    clock.advance(timedelta(minutes=10))
    assert await settle_pending(runtime) == 1
    row = await Entitlement.get(id=held["id"])
    assert row.state == "withdrawn"
    assert await used("travel") == 0
    assert await balance_of(row.quota_id) == {"pool": 0, "resident": 0}


async def test_a_withdrawn_consent_ends_the_hold(
    app_client: httpx.AsyncClient, runtime: Runtime, bureau: Simulator, wang: Caller
) -> None:
    bureau.mode = "down"
    held = (await claim(app_client, wang, "travel")).json()
    await withdraw(runtime.events, id_of(wang), SCENES, at=runtime.clock.now())
    await settle_pending(runtime)
    assert (await Entitlement.get(id=held["id"])).state == "withdrawn"
    assert await used("travel") == 0


async def test_a_hold_nobody_could_settle_runs_out_and_gives_its_unit_back(
    app_client: httpx.AsyncClient, runtime: Runtime, bureau: Simulator, wang: Caller, clock: FixedClock
) -> None:
    bureau.mode = "down"
    held = (await claim(app_client, wang, "travel")).json()
    clock.advance(timedelta(hours=2, seconds=1))
    assert await settle_pending(runtime) == 0
    assert await expire_due(clock.now()) == 1
    assert (await Entitlement.get(id=held["id"])).state == "expired"
    assert await used("travel") == 0


async def test_an_older_word_holds_but_never_grants(
    app_client: httpx.AsyncClient, runtime: Runtime, bureau: Simulator, wang: Caller, clock: FixedClock
) -> None:
    assert (await claim(app_client, wang, "bookshop")).status_code == 201
    clock.advance(timedelta(hours=30))
    bureau.mode = "down"
    answer = await claim(app_client, signed_in_anew(runtime, wang), "travel")
    assert (answer.status_code, answer.json()["state"]) == (202, "reserved")


async def test_two_settling_jobs_at_once_settle_each_hold_once(
    app_client: httpx.AsyncClient, runtime: Runtime, bureau: Simulator, clock: FixedClock
) -> None:
    people = [await a_consenting_resident(runtime, bureau, number) for number in range(1, 5)]
    bureau.mode = "down"
    for who in people:
        assert (await claim(app_client, who, "travel")).status_code == 202
    bureau.mode = "ok"
    clock.advance(timedelta(minutes=10))
    await asyncio.gather(settle_pending(runtime), settle_pending(runtime))
    assert await Entitlement.filter(state="issued").count() == 4
    quota = await Quota.get(scenario="travel", measure="units", scope="", period=PERIOD)
    assert (quota.used, await balance_of(quota.id)) == (4, {"pool": -4, "resident": 4})
