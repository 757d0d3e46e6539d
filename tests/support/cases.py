"""Exemplary cases as staff, those shown in them and anybody meet them in a browser."""

from __future__ import annotations

import io
from uuid import UUID

import httpx
from PIL import Image
from support.people import Caller, form_token
from support.scenes import post_form

from xinyi_platform.guardianships.models import Guardianship
from xinyi_platform.identity.seeding import synthetic_identity_number
from xinyi_platform.ids import new_id
from xinyi_platform.runtime import Runtime
from xinyi_rewards.cases.models import CasePerson

TEXT = {"title": "拾到两万元", "body": "清晨她在长椅下发现一个布包,里面是两万元。\n她在原地等了一个小时,直到失主赶来。"}
OTHER = {**TEXT, "body": TEXT["body"] + "\n失主要酬谢,她摆摆手。"}
WANG = {"name": "王小丽", "number": synthetic_identity_number(1)}


def picture(colour: str = "white") -> tuple[str, bytes, str]:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), colour).save(out, "JPEG")
    return "page.jpg", out.getvalue(), "image/jpeg"


async def send(
    client: httpx.AsyncClient, who: Caller, path: str, text: dict[str, str], **files: tuple[str, bytes, str]
) -> httpx.Response:
    """Send a form with files."""
    client.cookies.clear()
    token = await form_token(client)
    client.cookies.clear()
    sent = files or {"paper": ("", b"", "application/octet-stream")}
    return await client.post(path, headers=who.headers(csrf=token), data={**text, "_csrf_token": token}, files=sent)


async def begin(client: httpx.AsyncClient, who: Caller) -> str:
    """Begin a case; return its address in the console."""
    made = await post_form(client, who, "/console/cases", TEXT)
    assert made.status_code == 303
    return str(made.headers["location"])


async def submit(client: httpx.AsyncClient, who: Caller, base: str) -> None:
    assert (await post_form(client, who, base, {"act": "submit"})).status_code == 303


async def with_person(
    client: httpx.AsyncClient, maker: Caller, person: dict[str, str] = WANG, **files: tuple[str, bytes, str]
) -> str:
    """A case with somebody in it, handed in."""
    base = await begin(client, maker)
    assert (await send(client, maker, f"{base}/people", person, **files)).status_code == 303
    await submit(client, maker, base)
    return base


async def decide(client: httpx.AsyncClient, who: Caller, verdict: str, person: UUID | None = None) -> int:
    """Answer for somebody who is shown, the last one put in where none is named."""
    row = person or (await CasePerson.all().order_by("-id").first()).id  # type: ignore[union-attr]
    return (await post_form(client, who, f"/app/cases/{row}", {"verdict": verdict})).status_code


async def review(
    client: httpx.AsyncClient, who: Caller, base: str, act: str = "publish", **more: str
) -> httpx.Response:
    return await post_form(client, who, f"{base}/review", {"act": act, **more})


async def published(client: httpx.AsyncClient, maker: Caller, reviewer: Caller, shown: Caller) -> str:
    """A case with 王小丽 in it, agreed to and published."""
    base = await with_person(client, maker)
    assert await decide(client, shown, "agree") == 303
    assert (await review(client, reviewer, base)).status_code == 303
    return base


async def public(client: httpx.AsyncClient) -> list[dict[str, object]]:
    client.cookies.clear()
    found: list[dict[str, object]] = (await client.get("/api/v1/cases")).json()
    return found


async def mine(client: httpx.AsyncClient, who: Caller) -> list[dict[str, object]]:
    client.cookies.clear()
    found: list[dict[str, object]] = (await client.get("/api/v1/me/cases", headers=who.headers())).json()
    return found


async def guard(runtime: Runtime, guardian: Caller, ward: Caller) -> Guardianship:
    """A confirmed guardianship."""
    now = runtime.clock.now()
    return await Guardianship.create(
        guardian_id=guardian.id, ward_id=ward.id, relation="parent", state="confirmed", division="410611",
        asked_at=now, decided_at=now, decided_by=new_id(),
    )  # fmt: skip


def case_id_of(base: str) -> UUID:
    return UUID(base.rpartition("/")[2])
