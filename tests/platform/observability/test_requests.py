"""Each request leaves one line with its id, the route's template and no personal data, and one measurement."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import structlog
from litestar import Litestar, get
from structlog.testing import LogCapture
from support.people import a_resident

from xinyi_platform.app import create_app
from xinyi_platform.clock import FixedClock
from xinyi_platform.features import Feature
from xinyi_platform.identity.seeding import synthetic_identity_number
from xinyi_platform.observability import configure_logging
from xinyi_platform.principals import Allow, Anyone
from xinyi_platform.runtime import Runtime
from xinyi_platform.settings import Settings

pytestmark = pytest.mark.anyio
PHONE = "13800000001"


@pytest.fixture
def lines() -> Iterator[list[Any]]:
    """What is logged, with the context that the real configuration adds."""
    capture = LogCapture()
    before = structlog.get_config()
    structlog.configure(processors=[structlog.contextvars.merge_contextvars, capture], cache_logger_on_first_use=False)
    yield capture.entries
    structlog.configure(**before)


async def test_a_request_has_an_id_that_its_lines_carry(app_client: httpx.AsyncClient, lines: list[Any]) -> None:
    answer = await app_client.get("/api/v1/merchants/NOBODY")
    (line,) = [line for line in lines if line["event"] == "request"]
    assert line["request_id"] == answer.headers["x-request-id"]
    assert (line["route"], line["status"]) == ("/api/v1/merchants/{code}", 404)
    assert line["ms"] >= 0


async def test_an_id_from_the_proxy_is_kept(app_client: httpx.AsyncClient) -> None:
    answer = await app_client.get("/api/v1/scenarios", headers={"X-Request-ID": "proxy-0123456789"})
    assert answer.headers["x-request-id"] == "proxy-0123456789"


@pytest.mark.parametrize("given", ["short", "x" * 65, 'a"} {"forged": 1', "12345678\u00e9"])
async def test_an_id_that_could_forge_a_line_is_replaced(given: str, app_client: httpx.AsyncClient) -> None:
    answer = await app_client.get("/api/v1/scenarios", headers={"X-Request-ID": given.encode("latin-1")})  # type: ignore[dict-item]
    assert answer.headers["x-request-id"] != given
    assert len(answer.headers["x-request-id"]) == 32


async def test_no_line_holds_a_phone_an_identity_number_a_token_or_a_code(
    app_client: httpx.AsyncClient, runtime: Runtime, lines: list[Any]
) -> None:
    caller = await a_resident(runtime)
    code = (await app_client.post("/api/v1/auth/otp", json={"phone": PHONE})).json()["code"]
    tokens = (await app_client.post("/api/v1/auth/token", json={"phone": PHONE, "code": code})).json()
    await app_client.post("/api/v1/auth/token", json={"phone": PHONE, "code": "000000"})
    await app_client.get(f"/api/v1/me?phone={PHONE}&id={synthetic_identity_number(1)}", headers=caller.headers())
    await app_client.get(f"/api/v1/entitlements/{PHONE}", headers=caller.headers())
    assert len(lines) >= 4
    said = json.dumps(lines, default=str, ensure_ascii=False)
    for secret in (
        PHONE,
        synthetic_identity_number(1),
        code,
        tokens["access_token"],
        tokens["refresh_token"],
        "王小丽",
    ):
        assert secret not in said


class Breaking(Feature):
    """A feature with a bug."""

    name = "breaking"

    @staticmethod
    @get("/api/v1/broken", guards=[Allow(Anyone)])
    async def broken() -> None:
        raise LookupError(f"row of {PHONE}")

    route_handlers = (broken.__func__,)  # type: ignore[attr-defined]


async def test_a_bug_is_a_500_that_says_nothing_of_itself(settings: Settings, clock: FixedClock) -> None:
    app: Litestar = create_app(settings, features=[Breaking()], clock=clock)
    async with app.lifespan():
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://city.test") as client:
            answer = await client.get("/api/v1/broken")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert answer.headers["content-type"] == "application/problem+json"
    assert PHONE not in answer.text
    assert "LookupError" not in answer.text
    assert answer.headers["x-request-id"]


async def test_requests_are_counted_by_template_so_that_no_id_becomes_a_label(app_client: httpx.AsyncClient) -> None:
    for code in ("NOBODY1", "NOBODY2"):
        await app_client.get(f"/api/v1/merchants/{code}")
    metrics = (await app_client.get("/metrics")).text
    assert 'xinyi_requests_total{method="GET",route="/api/v1/merchants/{code}",status="404"}' in metrics
    assert "xinyi_request_seconds_bucket" in metrics
    assert "NOBODY" not in metrics


def test_a_line_is_one_json_object(capsys: pytest.CaptureFixture[str]) -> None:
    before = structlog.get_config()
    try:
        configure_logging()
        structlog.get_logger("x").info("said", city="鹤壁\n第二行")
        structlog.get_logger("x").debug("not said")
        structlog.get_logger("x").warning("at once")
    finally:
        structlog.configure(**before)
    first, second = capsys.readouterr().err.splitlines()
    read = json.loads(first)
    assert json.loads(second)["event"] == "at once"
    assert (read["event"], read["city"], read["level"]) == ("said", "鹤壁\n第二行", "info")
    assert read["timestamp"].endswith("Z")
