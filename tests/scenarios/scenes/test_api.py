"""Scenes over HTTP: list, look; and what a wrong request is told, in both languages."""

from __future__ import annotations

import httpx
import pytest
from support.people import Caller
from support.scenes import problem_code

from xinyi_platform.runtime import Runtime
from xinyi_scenarios.manifests import Catalogue

pytestmark = pytest.mark.anyio


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
