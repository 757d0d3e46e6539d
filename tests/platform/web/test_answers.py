"""Every answer of the whole application keeps its content to itself, in the demo and in production."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from litestar import Litestar
from support.people import Caller, a_member_of_staff, a_partner, a_resident, an_operator
from support.routes import routes_of

from xinyi_platform import app as building
from xinyi_platform.app import create_app
from xinyi_platform.clock import FixedClock
from xinyi_platform.principals import Operator, Partner, Resident, Role, Staff
from xinyi_platform.runtime import Runtime
from xinyi_platform.settings import Settings

pytestmark = pytest.mark.anyio
MACHINE = ("/api/", "/partner/", "/staff/", "/health", "/metrics")


@pytest.fixture
async def people(app: Litestar, runtime: Runtime) -> dict[type, Caller]:
    return {
        Resident: await a_resident(runtime),
        Partner: await a_partner(runtime, "redemptions", "orders", "webhooks"),
        Operator: await an_operator(runtime),
        Staff: await a_member_of_staff(runtime, *Role),
    }


async def test_every_answer_carries_the_headers_of_its_kind(
    app: Litestar, app_client: httpx.AsyncClient, people: dict[type, Caller]
) -> None:
    for route in routes_of(app):
        if route.method != "GET":
            continue
        for is_signed_in in (True, False):
            who = next((people[k] for k in route.guards[0].kinds if k in people), None) if is_signed_in else None
            answer = await app_client.get(route.fill(), headers=who.headers() if who else {})
            said = f"{route.name} as {who.name if who else 'anyone'}"
            assert answer.headers["x-content-type-options"] == "nosniff", said
            assert answer.headers["referrer-policy"] == "same-origin", said
            if route.path.startswith(("/app", "/portal", "/console")):
                assert "no-store" in answer.headers["cache-control"], said
            if not route.path.startswith(MACHINE):
                policy = answer.headers["content-security-policy"]
                assert "default-src 'none'" in policy, said
                assert "frame-ancestors 'none'" in policy, said
                assert "unsafe" not in policy, said
            assert "strict-transport-security" not in answer.headers, "the demo is plain http"


@pytest.mark.parametrize("path", ["/api/v1/me", "/api/v1/me/credit", "/api/v1/me/entitlements", "/api/v1/me/consents"])
async def test_a_persons_own_data_is_kept_by_no_cache(
    path: str, app_client: httpx.AsyncClient, people: dict[type, Caller]
) -> None:
    answer = await app_client.get(path, headers=people[Resident].headers())
    assert "no-store" in answer.headers["cache-control"]


@pytest.fixture
async def production(
    settings: Settings, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[httpx.AsyncClient]:
    """The application as a city runs it, but for its servers, which a test has none of."""
    monkeypatch.setattr(building, "refuse_unsafe", lambda _: None)
    city = replace(
        settings,
        profile="production",
        public_url="https://xinyi.example.gov.cn",
        trusted_hosts="xinyi.example.gov.cn",
        show_otp=False,
        files_dir=Path(settings.files_dir),
    )
    app = create_app(city, clock=clock)
    transport = httpx.ASGITransport(app=app)
    async with (
        app.lifespan(),
        httpx.AsyncClient(transport=transport, base_url="https://xinyi.example.gov.cn") as client,
    ):
        yield client


async def test_in_production_cookies_and_transport_are_strict(production: httpx.AsyncClient) -> None:
    answer = await production.get("/portal/sign-in")
    assert answer.headers["strict-transport-security"].startswith("max-age=31536000")
    (cookie,) = answer.headers.get_list("set-cookie")
    assert {"secure", "httponly", "samesite=lax"} <= {part.strip().lower() for part in cookie.split(";")}
    assert "演示数据" not in answer.text


async def test_in_production_another_host_is_not_answered(production: httpx.AsyncClient) -> None:
    answer = await production.get("/", headers={"Host": "evil.test"})
    assert answer.status_code == 400
    assert (await production.get("/")).status_code == 200


async def test_in_production_no_one_time_code_is_told(production: httpx.AsyncClient) -> None:
    answer = await production.post("/api/v1/auth/otp", json={"phone": "13800000001"})
    assert answer.status_code == 503, "there is no gateway here, so nothing was sent"
    assert not re.search(r"\b\d{6}\b", answer.text)
