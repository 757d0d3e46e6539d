"""Scenes over HTTP: list, look; and what a wrong request is told, in both languages."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest
from support.people import Caller
from support.scenes import add_scene, claim, problem_code

from xinyi_platform.clock import FixedClock
from xinyi_platform.runtime import Runtime
from xinyi_scenarios.manifests import Catalogue

pytestmark = pytest.mark.anyio
VOUCHER = {"flow": "voucher", "percent_off": 20, "cap_fen": 1000}


async def test_the_list_is_open_to_all_and_speaks_both_languages(
    app_client: httpx.AsyncClient, runtime: Runtime
) -> None:
    zh = (await app_client.get("/api/v1/scenarios", headers={"Accept-Language": "zh"})).json()
    en = (await app_client.get("/api/v1/scenarios", headers={"Accept-Language": "en"})).json()
    assert [scene["slug"] for scene in zh] == [scene.slug for scene in runtime.part(Catalogue).all()]
    names = {a["slug"]: (a["name"], b["name"]) for a, b in zip(zh, en, strict=True)}
    assert names["ride"][0] == "信易行"
    assert all(first != second for first, second in names.values())


async def test_one_scene_tells_what_it_gives_and_how_much_there_is(app_client: httpx.AsyncClient) -> None:
    scene = (await app_client.get("/api/v1/scenarios/rent")).json()
    assert (scene["flow"], scene["benefit"]["deposit_cap_fen"]) == ("waiver", 50_000)
    assert (scene["quota_total"], scene["quota_period"]) == (20_000, "month")


@pytest.mark.parametrize(("language", "word"), [("zh", "没有"), ("en", "nothing here")])
async def test_a_scene_that_there_is_not(app_client: httpx.AsyncClient, wang: Caller, language: str, word: str) -> None:
    headers = {**wang.headers(), "Accept-Language": language, "Idempotency-Key": "k"}
    for method, path in (("GET", ""), ("GET", "/eligibility"), ("POST", "/claims")):
        answer = await app_client.request(method, f"/api/v1/scenarios/circus{path}", headers=headers)
        assert (answer.status_code, problem_code(answer)) == (404, "not_found")
        assert word in answer.json()["detail"]


@pytest.mark.parametrize("path", ["/api/v1/eligibility", "/api/v1/scenarios/ride/eligibility", "/api/v1/me/orders"])
async def test_what_is_about_oneself_asks_to_sign_in(app_client: httpx.AsyncClient, path: str) -> None:
    answer = await app_client.get(path)
    assert (answer.status_code, problem_code(answer)) == (401, "not_signed_in")


@pytest.mark.parametrize(
    ("words", "slugs"),
    [("公交", {"bus"}), ("LIBRARY", {"read"}), ("no such thing", set()), ("信易停", {"parking"})],
)
async def test_a_search_looks_in_both_languages(app_client: httpx.AsyncClient, words: str, slugs: set[str]) -> None:
    found = (await app_client.get("/api/v1/scenarios", params={"q": words})).json()
    assert {scene["slug"] for scene in found} == slugs


async def rules(client: httpx.AsyncClient, slug: str, language: str = "en") -> dict[str, str]:
    scene = (await client.get(f"/api/v1/scenarios/{slug}", headers={"Accept-Language": language})).json()
    return {rule["label"]: rule["text"] for rule in scene["rules"]}


async def test_a_scene_tells_its_rules_in_words(
    app_client: httpx.AsyncClient, runtime: Runtime, clock: FixedClock, wang: Caller
) -> None:
    opening = {"weekdays": [1, 2], "opens": "09:00", "closes": "17:00"}
    gives = {**VOUCHER, "trades": ["hotel"], "districts": ["410611"], "honest_only": True, "sign_up": True}
    now = {
        "requires": [], "opening": opening, "gives": gives, "quota": {"total": 9, "period": "month"},
        "on_change": {"do": "suspend", "grace_days": 5},
    }  # fmt: skip
    add_scene(runtime, "told", **now)
    terms = {"zh": "新规则", "en": "New terms"}
    add_scene(runtime, "told", **now, version=2, opens_on="2027-01-01", closes_on="2027-06-30", terms=terms)
    assert (await claim(app_client, wang, "told")).status_code == 201
    told = await rules(app_client, "told")
    assert told["Left"] == "8 of 9 this month"
    assert told["Claimed"] == "Mon, Tue 09:00–17:00 (open now)"
    assert told["Where"] == "Hotel, Qibin District, honest merchants only, shops that signed up"
    assert told["What is read"].startswith("standing, black list; for: ")
    assert told["If your standing changes"] == "You are told; 5 days later it rests until it fits"
    assert told["From 2027-01-01"] == "New terms"
    clock.advance(timedelta(days=2))
    assert (await rules(app_client, "told"))["Claimed"].endswith("(opens 11-30 09:00)")
    clock.advance(timedelta(days=60))
    assert (await rules(app_client, "told"))["Last day"] == "2027-06-30"
    zh = await rules(app_client, "told", "zh")
    assert not any(label.isascii() for label in zh)


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_every_scene_has_its_rules(app_client: httpx.AsyncClient, runtime: Runtime, language: str) -> None:
    for scene in runtime.part(Catalogue).all():
        told = await rules(app_client, scene.slug, language)
        assert len(told) >= 4, scene.slug
        assert all(words for words in told.values())
