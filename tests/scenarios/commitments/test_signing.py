"""Reading and signing: the whole text, an explicit tick, a receipt that anybody can check."""

from __future__ import annotations

import asyncio
import hashlib
from datetime import date, timedelta
from typing import Any

import httpx
import jwt
import pytest
from support.people import Caller
from support.promises import DUE_DAYS, a_held_promise, sign, text_of
from support.scenes import a_consenting_resident, ask, claim, problem_code, signed_in_anew

from xinyi_platform.audit import AuditEntry
from xinyi_platform.bureau.simulator import Simulator
from xinyi_platform.clock import FixedClock
from xinyi_platform.keys import KeyRing, KeyRingError
from xinyi_platform.outbox import OutboxEvent
from xinyi_platform.runtime import Runtime
from xinyi_scenarios.commitments.models import SignedCommitment
from xinyi_scenarios.commitments.receipts import read_receipt
from xinyi_scenarios.entitlements.changing import change_entitlement, expire_due
from xinyi_scenarios.entitlements.models import Entitlement

pytestmark = pytest.mark.anyio


@pytest.fixture
async def held(app_client: httpx.AsyncClient, runtime: Runtime, wang: Caller, office: Caller) -> dict[str, Any]:
    return await a_held_promise(app_client, runtime, wang)


async def test_the_text_names_the_promise_the_papers_the_day_and_what_happens_otherwise(
    app_client: httpx.AsyncClient, wang: Caller, held: dict[str, Any]
) -> None:
    shown = await text_of(app_client, wang, held)
    for words in ("本人承诺", "1. 场地租赁合同", "2. 健康证明", "2026-12-13", "2026-12-23", "不报送信用平台"):
        assert words in shown["text"]
    assert shown["due_on"] == "2026-12-13"
    assert shown["digest"] == hashlib.sha256(shown["text"].encode()).hexdigest()
    english = await text_of(app_client, wang, held, "en")
    for words in ("What I say is true.", "1. The lease", "2026-12-13", "2026-12-23", "credit bureau"):
        assert words in english["text"]


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_a_signature_keeps_what_was_read_and_the_receipt_is_checked_by_the_published_keys(
    app_client: httpx.AsyncClient, runtime: Runtime, wang: Caller, held: dict[str, Any], language: str
) -> None:
    shown = await text_of(app_client, wang, held, language)
    path = f"/api/v1/entitlements/{held['id']}/commitment"
    answer = await ask(app_client, wang, path, {"digest": shown["digest"], "agree": True})
    made = answer.json()
    assert (answer.status_code, made["state"], made["days_left"], made["text"]) == (
        201,
        "signed",
        DUE_DAYS,
        shown["text"],
    )
    assert [(paper["key"], paper["state"]) for paper in made["papers"]] == [("lease", "open"), ("health", "open")]
    row = await SignedCommitment.get(id=made["id"])
    assert (row.language, row.text_digest, row.version, row.due_on) == (
        language,
        shown["digest"],
        1,
        date(2026, 12, 13),
    )
    receipt = await app_client.get(f"/api/v1/me/commitments/{made['id']}/receipt", headers=wang.headers())
    assert receipt.headers["content-type"].startswith("application/jose")
    published = (await app_client.get("/.well-known/jwks.json")).json()
    keys = jwt.PyJWKSet.from_dict(published)
    kid = jwt.get_unverified_header(receipt.text)["kid"]
    claims = jwt.decode(receipt.text, keys[kid], algorithms=["EdDSA"])
    assert claims == {
        "iss": "http://city.test", "jti": made["id"], "iat": int(runtime.clock.now().timestamp()),
        "scn": "papers-later", "ver": 1, "due": "2026-12-13", "text": shown["text"], "text_sha256": shown["digest"],
    }  # fmt: skip
    assert read_receipt(runtime.keys, receipt.text) == claims
    assert str(wang.id) not in receipt.text


async def test_a_receipt_of_other_keys_or_another_kind_is_refused(
    app_client: httpx.AsyncClient, runtime: Runtime, wang: Caller, held: dict[str, Any]
) -> None:
    row = await SignedCommitment.get(id=(await sign(app_client, wang, held)).json()["id"])
    with pytest.raises(KeyRingError):
        read_receipt(KeyRing.generate(runtime.clock.now()), row.receipt)
    head, body, signature = row.receipt.split(".")
    with pytest.raises(jwt.InvalidTokenError):
        read_receipt(runtime.keys, f"{head}.{body[:-4]}AAAA.{signature}")
    code = (await app_client.get(f"/api/v1/entitlements/{held['id']}/qr", headers=wang.headers())).json()["token"]
    with pytest.raises(jwt.InvalidTokenError):
        read_receipt(runtime.keys, code)


async def test_without_the_tick_or_with_another_text_nothing_is_signed(
    app_client: httpx.AsyncClient, wang: Caller, held: dict[str, Any]
) -> None:
    refused = await sign(app_client, wang, held, agree=False)
    assert (refused.status_code, problem_code(refused)) == (422, "tick_needed")
    refused = await sign(app_client, wang, held, digest="0" * 64)
    assert (refused.status_code, problem_code(refused)) == (409, "commitment_text_changed")
    assert await SignedCommitment.all().count() == 0


async def test_the_text_of_yesterday_names_another_day_and_is_read_again(
    app_client: httpx.AsyncClient, runtime: Runtime, wang: Caller, held: dict[str, Any], clock: FixedClock
) -> None:
    yesterdays = (await text_of(app_client, wang, held))["digest"]
    clock.advance(timedelta(days=1))
    her = signed_in_anew(runtime, wang)
    refused = await sign(app_client, her, held, digest=yesterdays)
    assert (refused.status_code, problem_code(refused)) == (409, "commitment_text_changed")
    assert (await sign(app_client, her, held)).json()["due_on"] == "2026-12-14"


async def test_it_is_signed_once_however_many_try(
    app_client: httpx.AsyncClient, wang: Caller, held: dict[str, Any]
) -> None:
    answers = await asyncio.gather(*(sign(app_client, wang, held) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    refused = next(answer for answer in answers if answer.status_code == 409)
    assert problem_code(refused) == "commitment_already_signed"
    assert await SignedCommitment.all().count() == 1
    assert await AuditEntry.filter(action="commitment.sign").count() == 1


async def test_a_repeated_key_signs_once_and_answers_the_same(
    app_client: httpx.AsyncClient, wang: Caller, held: dict[str, Any]
) -> None:
    path, digest = f"/api/v1/entitlements/{held['id']}/commitment", (await text_of(app_client, wang, held))["digest"]
    first, again = [await ask(app_client, wang, path, {"digest": digest, "agree": True}, key="one") for _ in range(2)]
    assert (first.status_code, first.json()) == (again.status_code, again.json())
    other = await ask(app_client, wang, path, {"digest": "0" * 64, "agree": True}, key="one")
    assert (other.status_code, problem_code(other)) == (422, "idempotency_key_reused")
    missing = await app_client.post(path, headers=wang.headers(), json={"digest": digest, "agree": True})
    assert (missing.status_code, problem_code(missing)) == (400, "idempotency_key_missing")


async def test_what_promises_nothing_is_not_signed_and_anothers_is_not_there(
    app_client: httpx.AsyncClient, runtime: Runtime, bureau: Simulator, wang: Caller, held: dict[str, Any]
) -> None:
    voucher = (await claim(app_client, wang, "travel")).json()
    path = f"/api/v1/entitlements/{voucher['id']}/commitment"
    for answer in (
        await app_client.get(f"{path}-text", headers=wang.headers()),
        await ask(app_client, wang, path, {"digest": "0" * 64, "agree": True}),
    ):
        assert (answer.status_code, problem_code(answer)) == (422, "no_commitment")
    zhang = await a_consenting_resident(runtime, bureau, 2)
    path = f"/api/v1/entitlements/{held['id']}/commitment"
    answer = await ask(app_client, zhang, path, {"digest": "0" * 64, "agree": True})
    assert (answer.status_code, problem_code(answer)) == (404, "not_found")


async def test_what_cannot_be_used_any_more_is_not_signed(
    app_client: httpx.AsyncClient, runtime: Runtime, wang: Caller, held: dict[str, Any], clock: FixedClock
) -> None:
    await change_entitlement(held["id"], "suspend", actor="test", at=clock.now())
    refused = await sign(app_client, wang, held)
    assert (refused.status_code, problem_code(refused), refused.json()["state"]) == (409, "not_usable", "suspended")
    await change_entitlement(held["id"], "resume", actor="test", at=clock.now())
    clock.advance(timedelta(days=6))
    refused = await sign(app_client, signed_in_anew(runtime, wang), held)
    assert (refused.status_code, problem_code(refused)) == (409, "not_usable")
    assert await SignedCommitment.all().count() == 0


async def test_what_was_signed_stays_valid_until_the_promise_can_be_settled(
    app_client: httpx.AsyncClient, wang: Caller, held: dict[str, Any], clock: FixedClock
) -> None:
    """Five days to sign, twenty to keep it, ten to make it good."""
    await sign(app_client, wang, held)
    clock.advance(timedelta(days=31))
    assert await expire_due(clock.now()) == 0
    assert (await Entitlement.get(id=held["id"])).state == "issued"
    clock.advance(timedelta(days=60))
    assert await expire_due(clock.now()) == 1


async def test_the_office_hears_of_it_and_the_news_name_no_person(
    app_client: httpx.AsyncClient, wang: Caller, held: dict[str, Any], office: Caller
) -> None:
    await sign(app_client, wang, held)
    news = await OutboxEvent.get(topic="commitment.sign", audience=f"partner:{office.id}")
    assert set(news.payload) == {"commitment", "scenario", "state", "due", "reason"}
    assert str(wang.id) not in str(news.payload)
