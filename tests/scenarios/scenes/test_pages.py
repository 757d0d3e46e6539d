"""Scenes on a phone without script: verdict, reasons, claim, pre-check by visitors; and a scene of one's own."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest
from support.people import Caller, a_resident
from support.scenes import a_consenting_resident, claim, post_form, read_page

from xinyi_platform.bureau.simulator import Simulator
from xinyi_platform.runtime import Runtime
from xinyi_scenarios.entitlements.models import Entitlement
from xinyi_scenarios.manifests import Catalogue, read_manifest
from xinyi_scenarios.requirements.checking import check_table

pytestmark = pytest.mark.anyio
KEY = re.compile(r'name="key" value="([^"]+)"')


async def test_the_list_has_a_verdict_on_each(app_client: httpx.AsyncClient, runtime: Runtime, wang: Caller) -> None:
    page = await read_page(app_client, wang, "/app/scenes")
    assert page.status_code == 200
    for scene in runtime.part(Catalogue).all():
        assert scene.name.zh in page.text
    assert "可享受" in page.text
    assert "暂不符合" in page.text


async def test_who_has_not_consented_is_led_to_the_consent(app_client: httpx.AsyncClient, runtime: Runtime) -> None:
    stranger = await a_resident(runtime, 3)
    page = await read_page(app_client, stranger, "/app/scenes/travel")
    assert "/app/consents/credit_status.scenes/grant" in page.text
    assert 'action="/app/scenes/travel/claim"' not in page.text


async def test_pressing_claim_twice_claims_once(app_client: httpx.AsyncClient, wang: Caller) -> None:
    key = KEY.search((await read_page(app_client, wang, "/app/scenes/travel")).text)
    assert key
    answers = [await post_form(app_client, wang, "/app/scenes/travel/claim", {"key": key[1]}) for _ in range(2)]
    held = await Entitlement.get()
    for answer in answers:
        assert (answer.status_code, answer.headers["location"]) == (303, f"/app/entitlements/{held.id}")
    assert f"/app/entitlements/{held.id}" in (await read_page(app_client, wang, "/app/scenes/travel")).text


@pytest.mark.parametrize(("language", "word"), [("zh", "不符合领取条件"), ("en", "do not meet the conditions")])
async def test_a_refused_claim_shows_the_scene_with_its_reasons(
    app_client: httpx.AsyncClient, runtime: Runtime, bureau: Simulator, language: str, word: str
) -> None:
    who = await a_consenting_resident(runtime, bureau, 2, "serious")
    page = await read_page(app_client, who, "/app/scenes/travel")
    assert 'action="/app/scenes/travel/claim"' not in page.text
    answer = await post_form(app_client, who, "/app/scenes/travel/claim", {"key": "k"}, language=language)
    assert answer.status_code == 403
    assert word in answer.text
    assert ("严重失信" if language == "zh" else "serious record") in answer.text


async def test_while_the_bureau_is_silent_the_page_says_that_the_place_is_held(
    app_client: httpx.AsyncClient, wang: Caller, bureau: Simulator
) -> None:
    bureau.mode = "down"
    assert "暂无法判断" in (await read_page(app_client, wang, "/app/scenes/travel")).text
    answer = await post_form(app_client, wang, "/app/scenes/travel/claim", {"key": "k"})
    page = await read_page(app_client, wang, answer.headers["location"])
    assert "名额已为您保留" in page.text


async def test_a_scene_that_there_is_not_is_a_page_of_its_own(app_client: httpx.AsyncClient, wang: Caller) -> None:
    assert (await read_page(app_client, wang, "/app/scenes/circus")).status_code == 404
    assert (await post_form(app_client, wang, "/app/scenes/circus/claim", {"key": "k"})).status_code == 404


async def test_a_scene_of_ones_own_is_listed_decided_and_claimed_from_its_file_alone(
    app_client: httpx.AsyncClient, runtime: Runtime, wang: Caller
) -> None:
    readme = (Path(__file__).parents[3] / "scenarios" / "README.md").read_text(encoding="utf-8")
    text = readme.split("```toml\n")[1].split("```")[0].replace("at_most = 25", "at_most = 99")
    runtime.part(Catalogue).add(read_manifest(text, file="museum.toml", check=check_table))
    assert "信易展" in (await read_page(app_client, wang, "/app/scenes")).text
    held = (await claim(app_client, wang, "museum")).json()
    assert (held["state"], held["benefit"]["percent_off"]) == ("issued", 50)


async def test_a_search_that_finds_nothing_leads_back(app_client: httpx.AsyncClient, wang: Caller) -> None:
    found = (await read_page(app_client, wang, "/app/scenes?q=公交")).text
    assert "/app/scenes/bus" in found
    assert "/app/scenes/travel" not in found
    assert "没有找到相关场景" in (await read_page(app_client, wang, "/app/scenes?q=xyzzy")).text


async def test_a_scene_s_page_tells_what_is_left_and_what_is_read(app_client: httpx.AsyncClient, wang: Caller) -> None:
    text = (await read_page(app_client, wang, "/app/scenes/rent-home")).text
    for words in ("剩余名额", "领取时间", "查询内容", "30天后暂停使用"):
        assert words in text
