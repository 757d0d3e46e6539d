"""The pre-check: its questions come from the scenes, its answers from the visitor, and nothing remains of them."""

from __future__ import annotations

import logging
from typing import Any

import httpx
import pytest
from support.scenes import add_scene, post_form, problem_code
from tortoise import connections

from xinyi_platform.bureau.simulator import Simulator
from xinyi_platform.credit.models import CreditRead
from xinyi_platform.runtime import Runtime
from xinyi_scenarios.manifests import Catalogue
from xinyi_scenarios.prechecks.questions import PrecheckRequest, facts_from, questions_for
from xinyi_scenarios.requirements.gathering import PROVIDERS

pytestmark = pytest.mark.anyio


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
    ({}, {"travel": "unknown", "ride": "unknown", "checkup": "unknown", "elder-care": "unknown"}),
    ({"standing": "good", "age": 30}, {"travel": "eligible", "ride": "unknown", "elder-care": "unknown"}),
    ({"standing": "good", "on_red_list": False}, {"checkup": "not_eligible"}),
    ({"standing": "good", "age": 30, "on_red_list": False, "no_ward": True}, {"elder-care": "not_eligible"}),
    ({"standing": "good", "age": 30, "owes": False}, {"ride": "eligible"}),
    ({"standing": "good", "age": 30, "owes": True}, {"ride": "not_eligible", "travel": "eligible"}),
    ({"standing": "good", "age": 60}, {"elder-care": "eligible"}),
    ({"standing": "good", "age": 17}, {"ride": "not_eligible", "travel": "eligible"}),
    ({"standing": "serious"}, {"travel": "not_eligible", "ride": "not_eligible"}),
    ({"standing": "good", "on_black_list": True}, {"travel": "not_eligible"}),
    ({"standing": "good", "on_red_list": True}, {"checkup": "eligible", "medical": "unknown"}),
    ({"standing": "good", "age": 30, "owes": False, "would_consent": True}, {"medical": "eligible"}),
    ({"standing": "good", "age": 30, "owes": False, "would_consent": False}, {"medical": "not_eligible"}),
    ({"standing": "good", "age": 0}, {"ride": "not_eligible"}),
    ({"standing": "good", "age": 130, "owes": False}, {"ride": "eligible"}),
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


async def test_the_questions_are_those_that_the_scenes_give_rise_to(
    app_client: httpx.AsyncClient, runtime: Runtime
) -> None:
    asked = {}
    for language in ("zh", "en"):
        answer = await app_client.get("/api/v1/precheck/questions", headers={"Accept-Language": language})
        asked[language] = answer.json()
    assert {"standing", "age", "owes", "on_red_list", "would_consent"} <= {row["field"] for row in asked["zh"]}
    assert all(zh["text"] != en["text"] for zh, en in zip(asked["zh"], asked["en"], strict=True))
    credit = add_scene(runtime, "credit", requires=[{"type": "credit_status", "allowed": ["good"]}])
    carers = add_scene(runtime, "carers", requires=[{"type": "guardian", "ward_at_least": 60}])
    assert [question.field for question in questions_for([credit])] == ["standing", "on_black_list"]
    assert [question.field for question in questions_for([carers])] == ["ward_age", "no_ward"]


@pytest.mark.parametrize(
    ("given", "verdict"),
    [
        ({}, "unknown"),
        ({"ward_age": 70}, "eligible"),
        ({"ward_age": 7}, "not_eligible"),
        ({"no_ward": True}, "not_eligible"),
        ({"no_ward": False}, "unknown"),
    ],
)
async def test_a_carer_is_asked_about_her_ward(
    app_client: httpx.AsyncClient, runtime: Runtime, given: dict[str, Any], verdict: str
) -> None:
    add_scene(runtime, "carers", requires=[{"type": "guardian", "ward_at_least": 60}])
    found = {row["scenario"]: row["verdict"] for row in (await precheck(app_client, given)).json()}
    assert found["carers"] == verdict


async def test_every_fact_of_a_person_is_asked_for_or_left_open(runtime: Runtime) -> None:
    given = facts_from(PrecheckRequest(), at=runtime.clock.now())
    assert set(given) <= set(PROVIDERS)
    open_facts = {name for name, fact in given.items() if fact is None or "unknown" in fact}
    assert open_facts == set(given) - {"today", "now"}
    assert all(question.facts <= set(given) for question in questions_for(runtime.part(Catalogue).all()))


async def test_all_scenes_come_best_first_with_a_way_out_of_each_no(app_client: httpx.AsyncClient) -> None:
    rows = (await precheck(app_client, {"standing": "general", "age": 40, "owes": True})).json()
    assert len(rows) == 32
    order = ["eligible", "unknown", "not_eligible"]
    places = [order.index(row["verdict"]) for row in rows]
    assert places == sorted(places)
    refused = [row for row in rows if row["verdict"] == "not_eligible"]
    assert refused
    for row in refused:
        assert any(f["would_change"] for f in row["findings"] if f["outcome"] == "not_met"), row["scenario"]


async def test_no_answer_is_logged_or_kept_by_the_way(
    app_client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    given = {"standing": "serious", "age": 87, "division": "410611"}
    answer = await precheck(app_client, given)
    page = await post_form(app_client, None, "/precheck", {name: str(value) for name, value in given.items()})
    assert answer.headers["cache-control"] == page.headers["cache-control"] == "no-store"
    said = caplog.text + "".join(capsys.readouterr())
    assert "precheck" in said
    assert not [word for word in ("serious", "410611", "87,") if word in said]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, ["没有填写信用状况", "可能可以,还要看"]),
        ({"standing": "good", "age": "30", "owes": "no"}, ["按您的填写,可以享受"]),
        ({"standing": "serious"}, ["暂时不能", "严重失信"]),
    ],
)
async def test_the_page_sorts_what_she_could_get(
    app_client: httpx.AsyncClient, fields: dict[str, str], words: list[str]
) -> None:
    answer = await post_form(app_client, None, "/precheck", fields)
    assert answer.status_code == 200
    for word in words:
        assert word in answer.text


@pytest.mark.parametrize(
    "fields",
    [{"standing": "excellent"}, {"age": "abc"}, {"age": "999"}, {"age": "²"}, {"age": "9" * 5_000}, {"owes": "maybe"}],
)
async def test_an_answer_that_there_is_not_is_refused_politely(
    app_client: httpx.AsyncClient, fields: dict[str, str]
) -> None:
    answer = await post_form(app_client, None, "/precheck", fields)
    assert answer.status_code == 400
