"""Whatever is sent, the answer is a clear refusal: a 4xx problem, never a 5xx, and nothing half done."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from typing import Any
from uuid import uuid4

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as profile
from hypothesis.errors import Unsatisfiable
from litestar import Litestar
from schemathesis.generation import GenerationMode
from support.people import Caller, a_member_of_staff, a_partner, a_resident, an_operator, form_token
from support.routes import Route, routes_of

from xinyi_platform.consents.purposes import SCENES
from xinyi_platform.principals import Operator, Partner, Resident, Role, Staff
from xinyi_platform.runtime import Runtime

pytestmark = pytest.mark.anyio

# Values that are there, so that what follows them is reached.
KNOWN = {"slug": "travel", "purpose": SCENES}
ODD_SEGMENTS = ["%00", "%ff", "..%2f..%2fetc", "x" * 2_000, "%F0%9F%98%80", "' OR 1=1 --", "{}", "%0d%0aSet-Cookie:a=b"]
ODD_NUMBERS = [str(10**20), "-1", "1%00", "%ff"]
ODD_BODIES: dict[str, tuple[str, bytes]] = {
    "empty": ("application/json", b""),
    "broken": ("application/json", b'{"a": '),
    "not utf-8": ("application/json", b'{"phone": "\xff\xfe"}'),
    "a list": ("application/json", b"[]"),
    "null": ("application/json", b"null"),
    "a number": ("application/json", b"1e999"),
    "a lone surrogate": ("application/json", b'{"phone": "\\ud800"}'),
    "nul": ("application/json", b'{"phone": "\\u0000", "text": "\\u0000\\u0000\\u0000\\u0000\\u0000"}'),
    "deep": ("application/json", b"[" * 20_000),
    "doubled": ("application/json", b'{"phone": "1", "phone": "2"}'),
    "a form": ("application/x-www-form-urlencoded", b"a=b"),
    "xml": ("application/xml", b"<a/>"),
    "text": ("text/plain", b"a"),
    "msgpack": ("application/vnd.msgpack", b"\x81\xa1a\x01"),
    "multipart without parts": ("multipart/form-data; boundary=x", b""),
    "multipart without boundary": ("multipart/form-data", b"--x"),
    "no type": ("", b"{}"),
}


@pytest.fixture
async def people(app: Litestar, runtime: Runtime) -> dict[type, Caller]:
    """One of each kind with every right of the kind."""
    return {
        Resident: await a_resident(runtime),
        Partner: await a_partner(runtime, "redemptions", "orders", "webhooks"),
        Operator: await an_operator(runtime),
        Staff: await a_member_of_staff(runtime, *Role),
    }


def whose(route: Route, people: dict[type, Caller]) -> Caller:
    return next((people[kind] for kind in route.guards[0].kinds if kind in people), Caller("anyone"))


def assert_refused(answer: httpx.Response, what: str) -> None:
    """A 4xx; where a machine reads it, a problem document."""
    assert 400 <= answer.status_code < 500, f"{what} → {answer.status_code} {answer.text[:300]}"
    if answer.headers["content-type"] == "application/problem+json":
        problem = answer.json()
        assert problem["status"] == answer.status_code
        assert problem["code"]
        assert problem["detail"]


def sendable(part: Any) -> Any:
    """Return a generated part as httpx can send it; numbers and lists become text."""
    if isinstance(part, tuple):
        return (part[0], sendable(part[1]), *part[2:])
    return bytes(part) if isinstance(part, (bytes, bytearray)) else str(part).encode("utf-8", "replace")


@pytest.mark.on_postgres
async def test_generated_requests_never_break_anything(
    app: Litestar, app_client: httpx.AsyncClient, people: dict[type, Caller]
) -> None:
    """Schemathesis makes requests that fit the document and requests that do not, for every operation."""
    document = (await app_client.get("/schema/openapi.json")).json()
    csrf, loop = await form_token(app_client), asyncio.get_running_loop()
    app_client.cookies.clear()
    bearers = {"residentToken": Resident, "partnerToken": Partner, "staffSession": Staff}
    broken: list[str] = []

    async def send(case: Any) -> None:
        names = [name for requirement in case.operation.definition.raw.get("security", []) for name in requirement]
        caller = people[bearers[names[0]]] if names else Caller("anyone")
        case.path_parameters = {**(case.path_parameters or {}), **{k: v for k, v in KNOWN.items()
                                if k in (case.path_parameters or {})}}  # fmt: skip
        request = case.as_transport_kwargs(base_url="http://city.test")
        request.pop("cookies", None)
        if request.get("files"):
            request["files"] = [(name, sendable(part)) for name, part in request["files"]]
        headers = {k: v for k, v in dict(request.pop("headers", {})).items() if k.lower() != "x-request-id"}
        answer = await app_client.request(
            request.pop("method"), request.pop("url"),
            headers={**headers, **caller.headers(csrf=csrf)},
            **{k: v for k, v in request.items() if k in ("params", "json", "data", "content", "files")},
        )  # fmt: skip
        if answer.status_code >= 500:
            broken.append(f"{case.method} {case.formatted_path} {str(case.body)[:200]} → {answer.status_code}")

    def generate(operation: Any, mode: GenerationMode) -> None:
        @profile(
            max_examples=8,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(generation_mode=mode))
        def run(case: Any) -> None:
            asyncio.run_coroutine_threadsafe(send(case), loop).result(30)

        run()

    tried = 0
    for result in schemathesis.openapi.from_dict(document).get_all_operations():
        operation = result.ok()
        has_parts = bool(operation.body) or bool(list(operation.query)) or bool(list(operation.path_parameters))
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE) if has_parts else (GenerationMode.POSITIVE,):
            with suppress(Unsatisfiable):  # there is no wrong value of a path's plain text
                await asyncio.to_thread(generate, operation, mode)
                tried += 1
    assert tried > 60
    assert not broken, "\n".join(broken)


@pytest.mark.on_postgres
async def test_an_odd_body_is_refused_by_every_route_that_takes_one(
    app: Litestar, app_client: httpx.AsyncClient, people: dict[type, Caller]
) -> None:
    csrf = await form_token(app_client)
    app_client.cookies.clear()
    broken = []
    for route in routes_of(app):
        if "data" not in route.handler.parsed_fn_signature.parameters:
            continue
        for name, (media_type, content) in ODD_BODIES.items():
            headers = {**whose(route, people).headers(csrf=csrf), "Idempotency-Key": str(uuid4())}
            headers |= {"Content-Type": media_type} if media_type else {}
            answer = await app_client.request(route.method, route.fill(**KNOWN), headers=headers, content=content)
            if answer.status_code >= 500:
                broken.append(f"{route.name} {name} → {answer.status_code}")
    assert not broken, "\n".join(broken)


@pytest.mark.on_postgres
async def test_an_odd_word_in_the_path_or_the_page_number_is_refused(
    app: Litestar, app_client: httpx.AsyncClient, people: dict[type, Caller]
) -> None:
    csrf = await form_token(app_client)
    app_client.cookies.clear()
    broken = []
    for route in routes_of(app):
        headers = whose(route, people).headers(csrf=csrf)
        words = [route.fill(**dict.fromkeys(route.parameters, word)) for word in ODD_SEGMENTS if route.parameters]
        numbers = [f"{route.fill(**KNOWN)}?page={number}&state={number}" for number in ODD_NUMBERS]
        for path in [*words, *(numbers if route.method == "GET" else [])]:
            answer = await app_client.request(route.method, path, headers=headers)
            if answer.status_code >= 500:
                broken.append(f"{route.name}: {path[:120]} → {answer.status_code}")
    assert not broken, "\n".join(broken)


@pytest.mark.parametrize("path", ["/api/v1/auth/otp", "/api/v1/precheck", "/partner/v1/token", "/lists/search"])
async def test_a_huge_body_is_a_413(path: str, app_client: httpx.AsyncClient, runtime: Runtime) -> None:
    csrf = await form_token(app_client)
    content = b'{"phone": "' + b"1" * runtime.settings.max_body_bytes + b'"}'
    answer = await app_client.post(
        path, content=content, headers={"Content-Type": "application/json", "X-CSRFToken": csrf}
    )
    assert answer.status_code == 413
    assert_refused(answer, path)


async def test_a_huge_body_that_does_not_say_its_size_is_a_413(app_client: httpx.AsyncClient, runtime: Runtime) -> None:
    async def endless() -> Any:
        for _ in range(runtime.settings.max_body_bytes // 100_000 + 2):
            yield b" " * 100_000

    answer = await app_client.post("/api/v1/precheck", content=endless(), headers={"Content-Type": "application/json"})
    assert answer.status_code == 413


@pytest.mark.parametrize(
    ("document", "field"),
    [
        ({"phone": "13800000001", "phoen": "1"}, None),
        ({"phone": 13800000001}, "phone"),
        ({"phone": None}, "phone"),
        ({"phone": ["13800000001"]}, "phone"),
        ({"phone": "1" * 25}, "phone"),
        ({}, None),
    ],
    ids=str,
)
async def test_a_wrong_field_is_a_400_that_names_it(
    document: dict[str, Any], field: str | None, app_client: httpx.AsyncClient
) -> None:
    answer = await app_client.post("/api/v1/auth/otp", json=document)
    assert answer.status_code == 400
    assert_refused(answer, str(document))
    assert answer.json()["fields"], "no row says what is wrong"
    if field:
        assert field in json.dumps(answer.json()["fields"])


@pytest.mark.parametrize(("method", "path"), [("PUT", "/api/v1/scenarios"), ("DELETE", "/"), ("PATCH", "/api/v1/me")])
async def test_another_method_is_a_405(method: str, path: str, app_client: httpx.AsyncClient) -> None:
    answer = await app_client.request(method, path)
    assert answer.status_code == 405
    assert_refused(answer, path)


async def test_a_refusal_speaks_the_readers_language(app_client: httpx.AsyncClient) -> None:
    said = {}
    for language in ("zh-CN", "en-GB", "fr", "en;q=0.2, zh;q=0.9", "*;q=x", ""):
        answer = await app_client.get("/api/v1/merchants/NOBODY", headers={"Accept-Language": language})
        said[language] = answer.json()["detail"]
    assert said["en-GB"] == "There is nothing here by that name."
    assert {said[x] for x in said if x != "en-GB"} == {"没有找到您要的内容。"}


async def test_a_host_that_is_not_ours_is_refused_where_hosts_are_named(app_client: httpx.AsyncClient) -> None:
    """In the demo any Host is answered; links never take it over."""
    answer = await app_client.get("/app", headers={"Host": "evil.test"})
    assert answer.headers["location"].startswith("/app/sign-in")


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/api/v1/precheck", {"age": "80"}, "age"),
        ("/api/v1/precheck", {"on_red_list": 1}, "on_red_list"),
        ("/api/v1/precheck", {"standing": 5}, "standing"),
        ("/api/v1/auth/otp", {"phone": 13800000001}, "phone"),
    ],
)
async def test_a_value_of_another_type_is_refused_by_name(
    app_client: httpx.AsyncClient, path: str, body: dict[str, Any], field: str
) -> None:
    answer = await app_client.post(path, json=body)
    assert answer.status_code == 400
    assert [row["field"] for row in answer.json()["fields"]] == [field]
