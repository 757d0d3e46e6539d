"""A scene that refers to banks, banks that may be chosen, and the acts of both sides over HTTP."""

from __future__ import annotations

from typing import Any

import httpx
from support.people import Caller, a_partner
from support.scenes import ask, claim, id_of, signed_in_anew

from xinyi_platform.identity.tokens import issue_partner_token
from xinyi_platform.runtime import Runtime
from xinyi_scenarios.manifests import Catalogue, Manifest
from xinyi_scenarios.manifests.loading import read_manifest
from xinyi_scenarios.requirements.checking import check_table

SLUG = "bank-test"
ANSWER_DAYS = 20
PATH = "/partner/v1/referrals"
TOML = f"""
slug = "{SLUG}"
version = 1
opens_on = 2026-01-01
name = {{ zh = "信易贷(测试)", en = "Loan referral" }}
summary = {{ zh = "推荐给银行。", en = "Referred to a bank." }}
terms = {{ zh = "每人限一次。", en = "Once a person." }}
provider = {{ zh = "合作银行", en = "Banks" }}

[gives]
flow = "referral"
receivers = "bank"
consent = "referral.bank"
answer_days = {ANSWER_DAYS}
validity_days = 60

[[requires]]
type = "credit_status"
allowed = ["good"]

[quota]
total = 50
period = "ever"

[bureau]
purpose = "credit_status.scenes"
basis = "个人信息保护法 第十三条第一项、第二十九条"
"""


def bank_scene() -> Manifest:
    """The scene as it is read from its file."""
    return read_manifest(TOML, file=f"{SLUG}.toml", check=check_table)


async def a_bank(runtime: Runtime, number: int = 1, kind: str = "bank") -> Caller:
    """A receiver's system."""
    return await a_partner(
        runtime, "referrals", "webhooks", client_id=f"{kind}-{number}", kind=kind, name=f"示范银行{number}"
    )


def bank_anew(runtime: Runtime, bank: Caller) -> Caller:
    """The same bank with a new token, once the clock has run past the first."""
    token = issue_partner_token(runtime.keys, id_of(bank), ["referrals", "webhooks"], runtime.clock.now()).token
    return Caller(bank.name, bank.id, token)


async def a_held_referral(client: httpx.AsyncClient, runtime: Runtime, who: Caller) -> dict[str, Any]:
    """What she holds of the scene; nobody was told anything yet."""
    if SLUG not in runtime.part(Catalogue).scenes:
        runtime.part(Catalogue).add(bank_scene())
    answer = await claim(client, who, SLUG)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def offer(
    client: httpx.AsyncClient, runtime: Runtime, who: Caller, held: dict[str, Any], bank: Caller, **more: Any
) -> httpx.Response:
    """Have a bank told."""
    body = {"receiver": str(bank.id), "consent_version": 1, "agree": True} | more
    return await ask(client, signed_in_anew(runtime, who), f"/api/v1/entitlements/{held['id']}/referral", body)


async def receive(
    client: httpx.AsyncClient, runtime: Runtime, bank: Caller, told: dict[str, Any], act: str = "", body: object = None
) -> httpx.Response:
    """Fetch as the bank's system does, or act: ack, recall-ack, outcome."""
    path, fresh = f"{PATH}/{told['id']}", bank_anew(runtime, bank)
    if act:
        return await ask(client, fresh, f"{path}/{act}", body)
    return await client.get(path, headers=fresh.headers())


async def verify(client: httpx.AsyncClient, runtime: Runtime, bank: Caller, token: str) -> str:
    """Return what a bank learns of an answer."""
    answer = await client.post(f"{PATH}/verify", headers=bank_anew(runtime, bank).headers(), json={"token": token})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["result"])
