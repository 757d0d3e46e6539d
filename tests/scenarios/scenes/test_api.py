"""Scenes over HTTP: list, look, pre-check; and what a wrong request is told, in both languages."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from support.people import Caller
from support.scenes import problem_code
from tortoise import connections

from xinyi_platform.bureau.simulator import Simulator
from xinyi_platform.credit.models import CreditRead
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


async def rows_of_all_tables() -> dict[str, int]:
    connection = connections.get("default")
    if connection.capabilities.dialect == "sqlite":
        names = "SELECT name FROM sqlite_master WHERE type = 'table'"
    else:
        names = "SELECT tablename AS name FROM pg_tables WHERE schemaname = current_schema()"
    found = await connection.execute_query_dict(names)
    counts = {}
    for row in found:
        (count,) = await connection.execute_query_dict(f'SELECT count(*) AS n FROM "{row["name"]}"')
        counts[row["name"]] = count["n"]
    return counts


async def precheck(client: httpx.AsyncClient, body: object, language: str = "zh") -> httpx.Response:
    return await client.post("/api/v1/precheck", json=body, headers={"Accept-Language": language})


async def test_a_precheck_stores_nothing_and_asks_nobody(app_client: httpx.AsyncClient, bureau: Simulator) -> None:
    bureau.mode = "down"
    before = await rows_of_all_tables()
    assert "decision" in before
    answer = await precheck(app_client, {"standing": "good", "age": 30, "division": "410611", "on_red_list": True})
    assert answer.status_code == 200
    assert await rows_of_all_tables() == before
    assert await CreditRead.all().count() == 0


PRECHECKS: list[tuple[dict[str, Any], dict[str, str]]] = [
    ({}, {"travel": "unknown", "ride": "unknown", "checkup": "not_eligible", "elder-care": "unknown"}),
    ({"standing": "good", "age": 30}, {"travel": "eligible", "ride": "eligible", "elder-care": "not_eligible"}),
    ({"standing": "good", "age": 60}, {"elder-care": "eligible"}),
    ({"standing": "good", "age": 17}, {"ride": "not_eligible", "travel": "eligible"}),
    ({"standing": "good", "age": 18}, {"ride": "eligible"}),
    ({"standing": "serious"}, {"travel": "not_eligible", "ride": "not_eligible"}),
    ({"standing": "good", "on_red_list": True}, {"checkup": "eligible", "medical": "unknown"}),
    ({"standing": "good", "age": 0}, {"ride": "not_eligible"}),
    ({"standing": "good", "age": 130}, {"ride": "eligible"}),
]  # fmt: skip


@pytest.mark.parametrize(("given", "expected"), PRECHECKS)
async def test_a_precheck_follows_the_answers_given(
    app_client: httpx.AsyncClient, given: dict[str, Any], expected: dict[str, str]
) -> None:
    found = {row["scenario"]: row["verdict"] for row in (await precheck(app_client, given)).json()}
    assert {slug: found[slug] for slug in expected} == expected


WRONG: dict[str, object] = {
    "unknown field": {"standing": "good", "salary": 1},
    "unknown standing": {"standing": "excellent"},
    "age as text": {"age": "thirty"},
    "age beyond bounds": {"age": 131},
    "age below bounds": {"age": -1},
    "age with a fraction": {"age": 1.5},
    "area in letters": {"division": "Hebi"},
    "area of odd length": {"division": "4106112"},
    "list": [],
    "nothing": None,
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
async def test_a_wrong_precheck_is_refused_in_the_readers_language(app_client: httpx.AsyncClient, name: str) -> None:
    texts = []
    for language in ("zh", "en"):
        answer = await precheck(app_client, WRONG[name], language)
        assert (answer.status_code, problem_code(answer)) == (400, "invalid_input")
        texts.append(answer.json()["detail"])
    assert texts[0] != texts[1]


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b'{"age": 1e999}', b"[" * 10_000])
async def test_what_is_no_json_is_refused(app_client: httpx.AsyncClient, body: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    answer = await app_client.post("/api/v1/precheck", content=body, headers=headers)
    assert answer.status_code == 400
    assert problem_code(answer) == "invalid_input"
