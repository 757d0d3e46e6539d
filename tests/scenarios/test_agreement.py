"""Page, API, claim, till and pre-check say the same of one person, whatever her standing is and whatever the hour."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest
from support.scenes import a_consenting_resident, a_shop, add_scene, ask, claim, post_form, read_page, signed_in_anew

from xinyi_platform.bureau.simulator import Simulator
from xinyi_platform.clock import FixedClock
from xinyi_platform.runtime import Runtime

pytestmark = pytest.mark.anyio
BADGES = {"eligible": "可享受", "unknown": "暂无法判断", "not_eligible": "暂不符合"}
CLAIMED = {"eligible": 201, "unknown": 202, "not_eligible": 403}


@pytest.mark.parametrize("slug", ["travel", "ride", "elder-care", "checkup", "loan"])
@pytest.mark.parametrize("standing", ["good", "minor", "general", "serious", "silent"])
async def test_page_api_and_claim_agree(
    app_client: httpx.AsyncClient, runtime: Runtime, bureau: Simulator, slug: str, standing: str
) -> None:
    who = await a_consenting_resident(runtime, bureau, 1_200, "good" if standing == "silent" else standing)
    bureau.mode = "down" if standing == "silent" else "ok"
    one = (await app_client.get(f"/api/v1/scenarios/{slug}/eligibility", headers=who.headers())).json()
    every = (await app_client.get("/api/v1/eligibility", headers=who.headers())).json()
    together = next(row for row in every if row["scenario"] == slug)
    assert (together["verdict"], together["findings"]) == (one["verdict"], one["findings"])
    page = (await read_page(app_client, who, f"/app/scenes/{slug}")).text
    assert BADGES[one["verdict"]] in page
    assert all(finding["reason"] in page for finding in one["findings"])
    claimed = await claim(app_client, who, slug)
    assert claimed.status_code == CLAIMED[one["verdict"]], claimed.text
    if claimed.status_code == 403:
        unmet = [finding["reason"] for finding in one["findings"] if finding["outcome"] == "not_met"]
        assert [row["reason"] for row in claimed.json()["reasons"]] == unmet


@pytest.mark.parametrize("standing", ["good", "minor", "general", "serious"])
async def test_a_pre_check_that_was_answered_truly_agrees(
    app_client: httpx.AsyncClient, runtime: Runtime, bureau: Simulator, standing: str
) -> None:
    who = await a_consenting_resident(runtime, bureau, 1_200, standing)
    decided = (await app_client.get("/api/v1/eligibility", headers=who.headers())).json()
    me = (await app_client.get("/api/v1/me", headers=who.headers())).json()
    answers = {
        "standing": standing, "age": 38, "division": me["division"], "owes": False, "on_red_list": False,
        "on_black_list": False, "no_ward": True, "new_here": True, "would_consent": False,
    }  # fmt: skip
    told = (await app_client.post("/api/v1/precheck", json=answers)).json()
    assert {row["scenario"]: row["verdict"] for row in told} == {row["scenario"]: row["verdict"] for row in decided}


async def test_the_look_at_the_till_and_the_redemption_agree_at_every_hour(
    app_client: httpx.AsyncClient, runtime: Runtime, bureau: Simulator, clock: FixedClock
) -> None:
    hours = [{"type": "time_of_day", "opens": "10:00", "closes": "12:00"}]
    add_scene(runtime, "early", requires=[], requires_at_use=hours)
    who = await a_consenting_resident(runtime, bureau)
    held = (await claim(app_client, who, "early")).json()
    park = await a_shop(runtime, "attraction")
    clock.advance(timedelta(hours=3))  # 13:00 in the city
    form = {"code": held["code"], "price": "80"}
    looked = await post_form(app_client, park.operator, "/portal/redeem/check", form)
    refused = await post_form(app_client, park.operator, "/portal/redeem", form)
    assert refused.status_code == 403
    assert "10:00" in looked.text
    assert "10:00" in refused.text
    assert 'action="/portal/redeem"' not in looked.text
    clock.advance(timedelta(hours=22))
    park = await a_shop(runtime, "attraction", number=2)
    looked = await post_form(app_client, park.operator, "/portal/redeem/check", form)
    assert 'action="/portal/redeem"' in looked.text
    done = await post_form(app_client, park.operator, "/portal/redeem", form)
    assert done.status_code == 303
    held = (await ask(app_client, signed_in_anew(runtime, who), f"/api/v1/entitlements/{held['id']}/cancel")).json()
    assert held["code"] == "transition_forbidden"
