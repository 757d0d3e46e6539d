"""Sessions of the pages: residents by code, operators and staff by password and one-time code."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any, cast
from uuid import UUID

import httpx
import pyotp
import pytest
from litestar import get

from xinyi_platform.app import create_app
from xinyi_platform.audit.models import AuditEntry
from xinyi_platform.clock import FixedClock
from xinyi_platform.features import Feature
from xinyi_platform.identity.models import Account, ResidentAccount, WebSession
from xinyi_platform.identity.sessions import session_cookie
from xinyi_platform.principals import Allow, Anyone
from xinyi_platform.runtime import Runtime
from xinyi_platform.settings import Settings

pytestmark = pytest.mark.anyio
PHONE = "13800000001"
PASSWORD = "a long demo password"
Post = Callable[[str, dict[str, str]], Awaitable[httpx.Response]]


@pytest.fixture
def console(post_form: Post, lin: pyotp.TOTP, clock: FixedClock) -> Callable[..., Awaitable[httpx.Response]]:
    """Sign lin in at the console, with whatever a test changes."""

    async def sign_in(**change: str) -> httpx.Response:
        fields = {"username": "lin", "password": PASSWORD, "totp": lin.at(clock.now()), **change}
        return await post_form("/console/sign-in", fields)

    return sign_in


Console = Callable[..., Awaitable[httpx.Response]]


async def sign_in_to_the_app(post_form: Post, **change: str) -> httpx.Response:
    asked = await post_form("/app/sign-in", {"phone": PHONE})
    code = re.search(r'id="demo-code">(\d{6})<', asked.text)
    assert code, asked.text
    return await post_form("/app/sign-in/code", {"phone": PHONE, "code": code[1], **change})


async def test_a_resident_signs_in_and_out(app_client: httpx.AsyncClient, resident_id: UUID, post_form: Post) -> None:
    answer = await sign_in_to_the_app(post_form)
    assert (answer.status_code, answer.headers["location"]) == (303, "/app")
    cookie = next(line for line in answer.headers.get_list("set-cookie") if line.startswith("xinyi_app="))
    assert {"HttpOnly", "Path=/app", "SameSite=lax"} <= set(cookie.split("; "))
    assert (await app_client.get("/app")).status_code == 200
    kept = app_client.cookies["xinyi_app"]
    assert (await post_form("/app/sign-out", {})).status_code == 303
    app_client.cookies.set("xinyi_app", kept, domain="city.test", path="/app")
    assert (await app_client.get("/app")).status_code == 303
    assert await AuditEntry.filter(action="identity.sign_out", actor=f"resident:{resident_id}").count() == 1


async def test_a_wrong_code_shows_the_form_again(resident_id: UUID, post_form: Post) -> None:
    answer = await sign_in_to_the_app(post_form, code="x")
    assert answer.status_code == 401
    assert "验证码不正确" in answer.text


@pytest.mark.parametrize("next", ["//evil.test", "https://evil.test/", "/\\evil.test", "javascript:alert(1)", "evil"])
async def test_a_sign_in_leads_nowhere_else(next: str, resident_id: UUID, post_form: Post) -> None:
    assert (await sign_in_to_the_app(post_form, next=next)).headers["location"] == "/"


async def test_a_sign_in_leads_back_to_the_page_that_asked_for_it(resident_id: UUID, post_form: Post) -> None:
    assert (await sign_in_to_the_app(post_form, next="/app/consents")).headers["location"] == "/app/consents"


async def test_a_sign_in_without_the_form_token_is_refused(app_client: httpx.AsyncClient, lin: pyotp.TOTP) -> None:
    fields = {"username": "lin", "password": PASSWORD, "totp": lin.now()}
    assert (await app_client.post("/console/sign-in", data=fields)).status_code == 403
    assert await WebSession.all().count() == 0


async def test_staff_sign_in_with_password_and_code(app_client: httpx.AsyncClient, console: Console) -> None:
    assert (await console()).headers["location"] == "/console"
    assert (await app_client.get("/console")).status_code == 200
    assert (await app_client.get("/portal")).status_code == 303


@pytest.mark.parametrize(
    "change",
    [{"password": "wrong"}, {"totp": ""}, {"totp": "１２３４５６"}, {"username": "nobody"}],
)
async def test_whatever_is_wrong_the_message_is_the_same(change: dict[str, str], console: Console) -> None:
    answer = await console(**change)
    assert answer.status_code == 401
    assert "用户名、密码或动态码不正确" in answer.text
    assert "xinyi_console" not in answer.headers.get("set-cookie", "")


async def test_a_failed_sign_in_is_on_the_trail_without_the_name_tried(console: Console) -> None:
    await console(username="my password by mistake")
    row = await AuditEntry.get(action="identity.sign_in_failed")
    assert (row.actor, row.object_id, row.detail) == ("anyone", "unknown", {"kind": "staff"})


async def test_a_code_is_accepted_once(console: Console, clock: FixedClock) -> None:
    assert (await console()).status_code == 303
    assert (await console()).status_code == 401
    clock.advance(timedelta(seconds=30))
    assert (await console()).status_code == 303


async def test_of_parallel_sign_ins_with_one_code_one_wins(console: Console) -> None:
    answers = await asyncio.gather(*(console() for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [303, 401, 401, 401]


async def test_staff_have_no_business_in_the_portal(post_form: Post, lin: pyotp.TOTP, clock: FixedClock) -> None:
    fields = {"username": "lin", "password": PASSWORD, "totp": lin.at(clock.now())}
    assert (await post_form("/portal/sign-in", fields)).status_code == 401


async def test_failures_lock_the_account_for_a_growing_while(console: Console, clock: FixedClock) -> None:
    for _ in range(5):
        await console(password="wrong")
    assert (await console()).status_code == 401
    clock.advance(timedelta(seconds=61))
    await console(password="wrong")
    clock.advance(timedelta(seconds=61))
    assert (await console()).status_code == 401
    clock.advance(timedelta(seconds=60))
    assert (await console()).status_code == 303
    assert (await Account.get()).failures == 0


async def test_closing_an_account_ends_its_sessions(app_client: httpx.AsyncClient, console: Console) -> None:
    await console()
    await Account.all().update(active=False)
    assert (await app_client.get("/console")).status_code == 303


async def test_a_change_of_roles_counts_at_once(app_client: httpx.AsyncClient, console: Console) -> None:
    await console()
    await Account.all().update(kind="operator")
    assert (await app_client.get("/console")).status_code == 303


async def test_closing_a_resident_ends_her_sessions(
    app_client: httpx.AsyncClient, resident_id: UUID, post_form: Post
) -> None:
    await sign_in_to_the_app(post_form)
    await ResidentAccount.all().update(active=False)
    assert (await app_client.get("/app")).status_code == 303


async def test_a_session_ends_after_its_hours(
    app_client: httpx.AsyncClient, console: Console, clock: FixedClock
) -> None:
    await console()
    value = app_client.cookies["xinyi_console"]
    clock.advance(timedelta(hours=10))
    app_client.cookies.set("xinyi_console", value, domain="city.test", path="/")
    assert (await app_client.get("/console")).status_code == 303


async def test_it_is_noted_when_a_session_was_last_seen(
    app_client: httpx.AsyncClient, console: Console, clock: FixedClock
) -> None:
    await console()
    clock.advance(timedelta(minutes=4))
    await app_client.get("/console")
    held = await WebSession.get()
    assert held.last_seen_at == held.created_at
    clock.advance(timedelta(minutes=1))
    await app_client.get("/console")
    assert (await WebSession.get()).last_seen_at == clock.now()


async def test_a_cookie_of_one_surface_does_not_open_another(
    app_client: httpx.AsyncClient, resident_id: UUID, post_form: Post
) -> None:
    await sign_in_to_the_app(post_form)
    app_client.cookies.set("xinyi_console", app_client.cookies["xinyi_app"], domain="city.test", path="/")
    assert (await app_client.get("/console")).status_code == 303


@pytest.mark.parametrize("value", ["", "x", "é", "a" * 5_000, "; drop"])
async def test_a_made_up_cookie_is_nobody(value: str, app_client: httpx.AsyncClient) -> None:
    header = {b"Cookie": f"xinyi_app={value}".encode()}
    assert (await app_client.get("/app", headers=header)).status_code == 303


async def test_the_database_holds_no_cookie(app_client: httpx.AsyncClient, console: Console, runtime: Runtime) -> None:
    await console()
    assert (await WebSession.get()).digest != app_client.cookies["xinyi_console"]


def test_production_sends_cookies_over_https_only() -> None:
    made = replace(Settings(), profile="production")
    assert session_cookie(made, "portal", "value").secure
    assert session_cookie(made, "portal", "value").path == "/portal"
    assert session_cookie(made, "console", "value").path == "/"


@pytest.mark.parametrize("surface", ["app", "portal", "console"])
async def test_signing_in_and_out_is_found_beside_routes_with_parameters(
    surface: str, settings: Settings, clock: FixedClock
) -> None:
    @get(f"/{surface}/things/{{thing:str}}", guards=[Allow(Anyone)])
    async def thing(thing: str) -> str:
        return thing

    class Things(Feature):
        name = "things"
        route_handlers = (thing,)

    made = create_app(settings, features=[Things()], clock=clock)
    found = [route.path for route in made.routes]
    assert {f"/{surface}/sign-in", f"/{surface}/sign-out"} <= set(found)
    async with (
        made.lifespan(),
        httpx.AsyncClient(transport=httpx.ASGITransport(cast(Any, made)), base_url="http://city.test") as c,
    ):
        assert (await c.get(f"/{surface}/sign-in")).status_code == 200
        token = re.search(r'name="_csrf_token" value="([^"]+)"', (await c.get("/")).text)
        assert token
        assert (await c.post(f"/{surface}/sign-out", data={"_csrf_token": token[1]})).status_code == 303
