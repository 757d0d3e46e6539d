"""Residents who consented, shops at which things are used, and the requests that both make."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
from support.people import DIVISION, Caller, a_resident, an_operator, form_token

from xinyi_merchants.registry.models import HonestAward, Merchant, MerchantOperator
from xinyi_merchants.registry.uscc import make_uscc
from xinyi_platform.bureau.simulator import Simulator
from xinyi_platform.clock import local_date
from xinyi_platform.consents import grant, purpose_of
from xinyi_platform.consents.purposes import SCENES
from xinyi_platform.identity.seeding import synthetic_identity_number
from xinyi_platform.identity.tokens import issue_resident_token
from xinyi_platform.ids import new_id, new_public_code
from xinyi_platform.runtime import Runtime
from xinyi_scenarios.manifests import Catalogue, Manifest
from xinyi_scenarios.manifests.checking import faults_of
from xinyi_scenarios.manifests.loading import manifest_from


def signed_in_anew(runtime: Runtime, who: Caller) -> Caller:
    """The same resident with a new token, once the clock has run past the first."""
    return replace(who, token=issue_resident_token(runtime.keys, id_of(who), runtime.clock.now()).token)


@dataclass
class Shop:
    """A merchant and the operator who stands at its till."""

    merchant: Merchant
    operator: Caller


async def a_consenting_resident(runtime: Runtime, bureau: Simulator, number: int = 1, standing: str = "good") -> Caller:
    """A resident of that standing who agreed to its being read for scenes."""
    bureau.overrides[synthetic_identity_number(number)] = (standing, False)
    caller = await a_resident(runtime, number)
    await grant(id_of(caller), SCENES, version=purpose_of(SCENES).version, at=runtime.clock.now())
    return caller


def id_of(caller: Caller) -> UUID:
    assert caller.id is not None
    return caller.id


def add_scene(runtime: Runtime, slug: str, like: str = "travel", **parts: Any) -> Manifest:
    """Run one more scene: another one's manifest with some of its parts replaced."""
    catalogue = runtime.part(Catalogue)
    scene = manifest_from({**catalogue.get(like).written(), "budget": None, "slug": slug, **parts})
    assert not list(faults_of(scene))
    catalogue.add(scene)
    return scene


async def a_shop(runtime: Runtime, trade: str, *, number: int = 1, honest_days: int | None = None) -> Shop:
    """An open shop; `honest_days` from now its award ends, None: it has none."""
    now = runtime.clock.now()
    operator = await an_operator(runtime, f"op-{number}")
    merchant = await Merchant.create(
        id=new_id(), code=new_public_code(), uscc=make_uscc(f"{number:08d}", division=DIVISION),
        name=f"示范店{number}", trade=trade, division=DIVISION,
        address="示范路1号", phone="0392-5550000", licence_date=local_date(now),
        status="open", created_at=now, changed_at=now,
    )  # fmt: skip
    if honest_days is not None:
        last = local_date(now) + timedelta(days=honest_days)
        await HonestAward.create(
            id=new_id(), merchant_id=merchant.id, awarded_on=last - timedelta(days=365), valid_until=last,
            state="granted", document_no="鹤信示〔2026〕1号",
        )  # fmt: skip
    await MerchantOperator.create(
        id=new_id(), account_id=operator.id, merchant_id=merchant.id, role="owner", created_at=now
    )
    return Shop(merchant, operator)


async def claim(
    client: httpx.AsyncClient, who: Caller, slug: str, key: str = "", language: str = "zh"
) -> httpx.Response:
    """Claim a scene; a key is drawn where none is given."""
    headers = {**who.headers(), "Idempotency-Key": key or str(new_id()), "Accept-Language": language}
    return await client.post(f"/api/v1/scenarios/{slug}/claims", headers=headers)


async def ask(
    client: httpx.AsyncClient, who: Caller, path: str, body: object = None, *, key: str = "", language: str = "zh"
) -> httpx.Response:
    """POST JSON as a partner or resident does, with an Idempotency-Key."""
    headers = {**who.headers(), "Idempotency-Key": key or str(new_id()), "Accept-Language": language}
    return await client.post(path, headers=headers, json=body)


async def post_form(
    client: httpx.AsyncClient,
    who: Caller | None,
    path: str,
    fields: dict[str, str] | None = None,
    *,
    files: dict[str, tuple[str, bytes, str]] | None = None,
    language: str = "zh",
) -> httpx.Response:
    """Send a form of a page as somebody's browser does."""
    client.cookies.clear()
    token = await form_token(client)
    client.cookies.clear()
    headers = (who or Caller("visitor")).headers(csrf=token)
    data = {"_csrf_token": token, **(fields or {})}
    return await client.post(path, data=data, files=files, headers={**headers, "Accept-Language": language})


async def read_page(client: httpx.AsyncClient, who: Caller, path: str) -> httpx.Response:
    """Load a page in somebody's session."""
    client.cookies.clear()
    return await client.get(path, headers={"Cookie": who.headers()["Cookie"]})


def problem_code(answer: httpx.Response) -> str:
    """Return the code of a refusal, which must come as a problem document."""
    assert answer.headers["content-type"].startswith("application/problem+json"), answer.text
    return str(answer.json()["code"])
