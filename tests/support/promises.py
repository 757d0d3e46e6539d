"""A scene with a promise, the office that receives it, and the acts on it over HTTP."""

from __future__ import annotations

import io
from typing import Any

import httpx
from PIL import Image
from support.people import Caller, a_partner
from support.scenes import ask, claim

from xinyi_platform.runtime import Runtime
from xinyi_scenarios.manifests import Catalogue, Manifest
from xinyi_scenarios.manifests.loading import read_manifest
from xinyi_scenarios.requirements.checking import check_table

SLUG = "papers-later"
DUE_DAYS, REPAIR_DAYS = 20, 10
TOML = f"""
slug = "{SLUG}"
version = 1
opens_on = 2026-01-01
name = {{ zh = "信易批(测试)", en = "Papers later" }}
summary = {{ zh = "材料以后补交。", en = "Papers come later." }}
terms = {{ zh = "每人限一次。", en = "Once a person." }}
provider = {{ zh = "行政审批局", en = "The licensing office" }}

[gives]
flow = "commitment"
text = {{ zh = "本人承诺所提供的信息真实。", en = "What I say is true." }}
papers = [
  {{ key = "lease", name = {{ zh = "场地租赁合同", en = "The lease" }} }},
  {{ key = "health", name = {{ zh = "健康证明", en = "The health certificate" }} }},
]
due_days = {DUE_DAYS}
remind_days = [7, 1]
repair_days = {REPAIR_DAYS}
validity_days = 5

[[requires]]
type = "credit_status"
allowed = ["good"]

[quota]
total = 5
period = "ever"

[bureau]
purpose = "credit_status.scenes"
basis = "个人信息保护法 第十三条第一项、第二十九条"
"""


def promise_scene() -> Manifest:
    """The scene as it is read from its file."""
    return read_manifest(TOML, file=f"{SLUG}.toml", check=check_table)


async def an_office(runtime: Runtime, slug: str = SLUG, client_id: str = "office") -> Caller:
    """The system of the office that receives a scene's promises."""
    return await a_partner(runtime, "commitments", f"scene:{slug}", client_id=client_id)


async def a_held_promise(client: httpx.AsyncClient, runtime: Runtime, who: Caller) -> dict[str, Any]:
    """What she holds of the scene, not yet signed."""
    if SLUG not in runtime.part(Catalogue).scenes:
        runtime.part(Catalogue).add(promise_scene())
    answer = await claim(client, who, SLUG)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def text_of(client: httpx.AsyncClient, who: Caller, held: dict[str, Any], language: str = "zh") -> dict[str, Any]:
    headers = {**who.headers(), "Accept-Language": language}
    answer = await client.get(f"/api/v1/entitlements/{held['id']}/commitment-text", headers=headers)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def sign(client: httpx.AsyncClient, who: Caller, held: dict[str, Any], **more: Any) -> httpx.Response:
    """Read the text and sign it."""
    digest = (await text_of(client, who, held))["digest"]
    return await ask(
        client, who, f"/api/v1/entitlements/{held['id']}/commitment", {"digest": digest, "agree": True} | more
    )


async def a_signed_promise(client: httpx.AsyncClient, runtime: Runtime, who: Caller) -> dict[str, Any]:
    """A promise with two papers, signed today."""
    answer = await sign(client, who, await a_held_promise(client, runtime, who))
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def a_picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (80, 60), (200, 220, 240)).save(out, "PNG")
    return out.getvalue()
