"""People of the credit office: one who proposes, one who decides, and accounts of one and the same person."""

from __future__ import annotations

from uuid import UUID

import httpx
from support.people import Caller, a_member_of_staff, form_token

from xinyi_platform.identity import create_account
from xinyi_platform.identity.sessions import cookie_name, open_session
from xinyi_platform.ids import new_id
from xinyi_platform.principals import Role
from xinyi_platform.runtime import Runtime


async def two_officers(runtime: Runtime) -> tuple[Caller, Caller]:
    """One of the credit office, and a reviewer, who is another person."""
    return (
        await a_member_of_staff(runtime, Role.CREDIT_OFFICE, username="lin"),
        await a_member_of_staff(runtime, Role.REVIEWER, username="xu"),
    )


async def a_double(runtime: Runtime, number: int, person: str = "person-lin") -> Caller:
    """Another account of a person, with every right that decides changes."""
    now, roles = runtime.clock.now(), [Role.CREDIT_OFFICE.value, Role.REVIEWER.value]
    name = f"double-{number}"
    identity, _ = await create_account(
        runtime.keys, kind="staff", username=name, password="a long demo password", display_name=name,
        person=person, at=now, roles=roles, division="410600",
    )  # fmt: skip
    session = await open_session("console", identity, now=now)
    return Caller(name, identity, None, {cookie_name("console"): session})


async def act(
    client: httpx.AsyncClient, who: Caller, path: str, body: object = None, *, key: str = ""
) -> httpx.Response:
    """POST JSON in a session of the console, with its form token and an Idempotency-Key."""
    client.cookies.clear()
    token = await form_token(client)
    client.cookies.clear()
    headers = {**who.headers(csrf=token), "Idempotency-Key": key or str(new_id())}
    return await client.post(path, headers=headers, json=body)


async def propose(client: httpx.AsyncClient, who: Caller, slug: str, what: str, **said: object) -> UUID:
    """Propose a change and return its id."""
    answer = await act(client, who, f"/staff/v1/scenes/{slug}/{what}", {"reason": "试点调整", **said})
    assert answer.status_code == 201, answer.text
    return UUID(answer.json()["id"])


async def approve(client: httpx.AsyncClient, who: Caller, change_id: UUID) -> httpx.Response:
    return await act(client, who, f"/staff/v1/scene-changes/{change_id}/approve")
