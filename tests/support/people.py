"""Callers of every kind, signed in without the ceremony: what a test of rights is not about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

import httpx

from xinyi_platform.identity import create_account, create_partner, create_resident
from xinyi_platform.identity.residents import NewResident
from xinyi_platform.identity.seeding import synthetic_identity_number
from xinyi_platform.identity.sessions import cookie_name, open_session
from xinyi_platform.identity.tokens import issue_partner_token, issue_resident_token
from xinyi_platform.principals import Role
from xinyi_platform.runtime import Runtime

DIVISION = "410611001001"
CITY = "410600"
_OF_THE_CITY = {Role.CREDIT_OFFICE, Role.REVIEWER, Role.ADMIN}


@dataclass
class Caller:
    """Somebody with everything that proves who that is: a bearer token, a session's cookie, or nothing."""

    name: str
    id: UUID | None = None
    token: str | None = None
    cookies: dict[str, str] = field(default_factory=dict)

    def headers(self, *, csrf: str | None = None) -> dict[str, str]:
        """Return the headers of a request; `csrf` is the form token that a page gave."""
        cookies = {**self.cookies, **({"xinyi_csrf": csrf} if csrf else {})}
        found = {"X-CSRFToken": csrf} if csrf else {}
        if cookies:
            found["Cookie"] = "; ".join(f"{name}={value}" for name, value in cookies.items())
        if self.token:
            found["Authorization"] = f"Bearer {self.token}"
        return found


async def a_resident(runtime: Runtime, number: int = 1) -> Caller:
    """A resident of the city with a token and a session of the app; `number` tells people apart."""
    now = runtime.clock.now()
    person = NewResident("王小丽", f"1380000{number:04d}", synthetic_identity_number(number), DIVISION)
    identity = await create_resident(runtime.keys, person, at=now)
    token = issue_resident_token(runtime.keys, identity, now).token
    return Caller("resident", identity, token, {cookie_name("app"): await open_session("app", identity, now=now)})


async def a_partner(
    runtime: Runtime, *scopes: str, client_id: str = "hebi-bike", kind: str = "", name: str = "鹤壁单车"
) -> Caller:
    """A machine client whose token has the scopes."""
    now = runtime.clock.now()
    identity = await create_partner(client_id=client_id, name=name, secret="secret", scopes=scopes, at=now, kind=kind)
    token = issue_partner_token(runtime.keys, identity, list(scopes), now).token
    return Caller(f"partner with {', '.join(scopes) or 'no scope'}", identity, token)


async def an_operator(runtime: Runtime, username: str = "op") -> Caller:
    """An operator's account, of no shop yet."""
    return await _account(runtime, "operator", "portal", username, [])


async def a_member_of_staff(runtime: Runtime, *roles: Role, username: str = "", division: str = "") -> Caller:
    """A member of staff with the roles; where none is given, of the city if a role has the city's work."""
    area = division or (CITY if _OF_THE_CITY & set(roles) else DIVISION)
    names = [role.value for role in roles]
    return await _account(runtime, "staff", "console", username or "-".join(names)[:50] or "staff", names, area)


async def _account(
    runtime: Runtime, kind: str, surface: str, username: str, roles: Sequence[str], division: str = DIVISION
) -> Caller:
    now = runtime.clock.now()
    identity, _ = await create_account(
        runtime.keys, kind=kind, username=username, password="a long demo password", display_name=username,
        person=f"person-{username}", at=now, roles=roles, division=division,
    )  # fmt: skip
    return Caller(username, identity, None, {cookie_name(surface): await open_session(surface, identity, now=now)})


async def form_token(client: httpx.AsyncClient) -> str:
    """Return a form token: the value of the cookie that comes with a page."""
    return (await client.get("/")).cookies["xinyi_csrf"]
