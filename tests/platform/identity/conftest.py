"""People who sign in."""

from __future__ import annotations

import re
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any
from uuid import UUID

import httpx
import pyotp
import pytest
from litestar import Litestar

from xinyi_platform.app import create_app
from xinyi_platform.clock import FixedClock
from xinyi_platform.identity import create_account, create_partner, create_resident
from xinyi_platform.identity.residents import NewResident
from xinyi_platform.identity.seeding import synthetic_identity_number
from xinyi_platform.runtime import Runtime
from xinyi_platform.settings import Settings

PHONE = "13800000001"
PASSWORD = "a long demo password"
PARTNER_SECRET = "a partner's secret"
Post = Callable[[str, dict[str, str]], Awaitable[httpx.Response]]


@pytest.fixture
async def app(settings: Settings, clock: FixedClock) -> AsyncIterator[Litestar]:
    """The host by itself: signing in needs no feature."""
    made = create_app(settings, features=[], clock=clock)
    async with made.lifespan():
        yield made


@pytest.fixture
async def resident_id(app_client: httpx.AsyncClient, runtime: Runtime) -> UUID:
    """A resident whose phone is PHONE."""
    person = NewResident("王小丽", PHONE, synthetic_identity_number(1), "410611001001")
    return await create_resident(runtime.keys, person, at=runtime.clock.now())


@pytest.fixture
async def partner_id(app_client: httpx.AsyncClient, runtime: Runtime) -> UUID:
    return await create_partner(
        client_id="hebi-bike", name="鹤壁单车", secret=PARTNER_SECRET, scopes=["orders"], at=runtime.clock.now()
    )


@pytest.fixture
async def lin(app_client: httpx.AsyncClient, runtime: Runtime) -> pyotp.TOTP:
    """The authenticator of a community worker."""
    _, secret = await create_account(
        runtime.keys,
        kind="staff",
        username="lin",
        password=PASSWORD,
        display_name="林社区",
        person="person-lin",
        at=runtime.clock.now(),
        roles=["community_worker"],
        division="410611001001",
    )
    return pyotp.TOTP(secret)


@pytest.fixture
def post_form(app_client: httpx.AsyncClient) -> Post:
    """Post a form as a browser does: load a page first and send its token along."""

    async def post(path: str, fields: dict[str, str]) -> httpx.Response:
        token = re.search(r'name="_csrf_token" value="([^"]+)"', (await app_client.get("/")).text)
        assert token
        return await app_client.post(path, data={"_csrf_token": token[1], **fields})

    return post


@pytest.fixture
def ask_code(app_client: httpx.AsyncClient) -> Callable[[], Awaitable[str]]:
    """Request a code for PHONE, as the demo shows it."""

    async def ask() -> str:
        answer = await app_client.post("/api/v1/auth/otp", json={"phone": PHONE})
        code: Any = answer.json()["code"]
        return str(code)

    return ask


@pytest.fixture
def unused_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
