"""The OpenAPI document says of every operation who may call it, what can go wrong and what a body looks like."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import httpx
import jsonschema_rs
import pytest
from litestar import Litestar
from support.routes import routes_of

from xinyi_platform.principals import Anyone, Operator

pytestmark = pytest.mark.anyio
Operation = tuple[str, str, dict[str, Any]]


@pytest.fixture
async def document(app_client: httpx.AsyncClient) -> dict[str, Any]:
    found: dict[str, Any] = (await app_client.get("/schema/openapi.json")).json()
    return found


def operations(document: dict[str, Any]) -> Iterator[Operation]:
    for path, item in document["paths"].items():
        for method in ("get", "put", "post", "delete", "patch"):
            if method in item:
                yield method, path, item[method]


async def test_the_document_is_served_at_both_addresses(
    app_client: httpx.AsyncClient, document: dict[str, Any]
) -> None:
    assert document["openapi"].startswith("3.1")
    assert (await app_client.get("/schema")).json() == document
    assert (await app_client.get("/schema/elsewhere")).status_code == 404


async def test_every_machine_route_is_in_it_and_no_page(app: Litestar, document: dict[str, Any]) -> None:
    drawn = {(method.upper(), path) for method, path, _ in operations(document)}
    machine = ("/api/", "/partner/", "/staff/", "/health/", "/metrics", "/.well-known/")
    wanted = {(route.method, plain(route.path)) for route in routes_of(app) if route.path.startswith(machine)}
    assert drawn == wanted


def plain(path: str) -> str:
    """Return a path without the kinds of its parameters, as the document writes it."""
    return re.sub(r"\{(\w+):\w+\}", r"{\1}", path)


async def test_operations_have_names_of_their_own(document: dict[str, Any]) -> None:
    names = [operation["operationId"] for _, _, operation in operations(document)]
    assert len(names) == len(set(names))


async def test_every_operation_has_a_summary_and_a_description(document: dict[str, Any]) -> None:
    for method, path, operation in operations(document):
        assert " " in operation["summary"], f"{method} {path}: {operation['summary']}"
        assert len(operation["summary"]) <= 120
        assert operation["description"]
        assert operation["tags"], f"{method} {path} has no tag"


async def test_security_is_what_the_guard_says(app: Litestar, document: dict[str, Any]) -> None:
    declared = set(document["components"]["securitySchemes"])
    for route in routes_of(app):
        item = document["paths"].get(plain(route.path), {}).get(route.method.lower())
        if item is None:
            continue
        names = {name for requirement in item["security"] for name in requirement}
        assert names <= declared
        assert (names == set()) == (Anyone in route.guards[0].kinds), route.name
        assert Operator not in route.guards[0].kinds, "operators have pages, no JSON"


async def test_every_problem_answer_is_a_problem_document(document: dict[str, Any]) -> None:
    for method, path, operation in operations(document):
        problems = {status: answer for status, answer in operation["responses"].items() if status >= "400"}
        assert {"400", "429", "503"} <= set(problems), f"{method} {path}"
        if operation["security"]:
            assert {"401", "403"} <= set(problems), f"{method} {path}"
        if "{" in path:
            assert "404" in problems, f"{method} {path}"
        for status, answer in problems.items():
            assert list(answer["content"]) == ["application/problem+json"], f"{method} {path} {status}"


async def test_real_problems_fit_the_schema_of_problems(
    app_client: httpx.AsyncClient, document: dict[str, Any]
) -> None:
    validator = jsonschema_rs.validator_for(document["components"]["schemas"]["Problem"])
    for method, path, status in (
        ("GET", "/api/v1/me", 401),
        ("GET", "/api/v1/merchants/NOBODY", 404),
        ("POST", "/api/v1/auth/otp", 400),
        ("PUT", "/api/v1/scenarios", 405),
    ):
        answer = await app_client.request(method, path)
        assert answer.status_code == status
        assert answer.headers["content-type"] == "application/problem+json"
        validator.validate(answer.json())


async def test_every_json_body_has_an_example_that_its_schema_accepts(document: dict[str, Any]) -> None:
    seen = 0
    for method, path, operation in operations(document):
        body = operation.get("requestBody", {}).get("content", {}).get("application/json")
        if body is None:
            continue
        schema = {**body["schema"], "components": document["components"]}
        for example in body["examples"].values():
            jsonschema_rs.validator_for(schema).validate(example["value"])
        assert body["examples"], f"{method} {path}"
        seen += 1
    assert seen >= 15


async def test_a_json_body_refuses_unknown_fields_and_says_so(document: dict[str, Any]) -> None:
    """A form does not: it carries its token along."""
    schemas = document["components"]["schemas"]
    for method, path, operation in operations(document):
        content = operation.get("requestBody", {}).get("content", {}).get("application/json")
        if content is not None:
            (reference,) = re.findall(r"#/components/schemas/(\w+)", str(content["schema"]))
            assert schemas[reference].get("additionalProperties") is False, f"{method} {path}"
