"""From the choice of one bank to its acknowledgement, and from the ground's end to the last use."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable
from datetime import timedelta
from typing import Any

import httpx
import jwt
import pytest
from support.banks import ANSWER_DAYS, PATH, a_bank, bank_anew, offer, receive, verify
from support.people import Caller, a_partner
from support.scenes import a_consenting_resident, ask, claim, id_of, problem_code

from xinyi_platform.audit import AuditEntry
from xinyi_platform.bureau.simulator import Simulator
from xinyi_platform.clock import FixedClock
from xinyi_platform.consents import Consent, withdraw
from xinyi_platform.database import transaction
from xinyi_platform.identity.seeding import synthetic_identity_number
from xinyi_platform.notices.models import Notice
from xinyi_platform.outbox import OutboxEvent, WebhookDelivery
from xinyi_platform.outbox.delivering import route_events
from xinyi_platform.outbox.subscribing import subscribe
from xinyi_platform.runtime import Runtime
from xinyi_scenarios.entitlements.changing import change_entitlement
from xinyi_scenarios.entitlements.models import Entitlement
from xinyi_scenarios.referrals.models import Referral
from xinyi_scenarios.referrals.recalling import settle_due

pytestmark = pytest.mark.anyio


async def listens(runtime: Runtime, bank: Caller) -> None:
    """The bank has an address for its webhooks."""
    await subscribe(
        runtime.keys, audience=f"partner:{bank.id}", url="https://bank.example/", topics=[], strict=True,
        at=runtime.clock.now(),
    )  # fmt: skip


async def undone(work: Awaitable[object]) -> None:
    """Do something in a transaction that is rolled back afterwards."""
    async with transaction():
        await work
        raise RuntimeError


async def sent_to(bank: Caller, topic: str) -> list[dict[str, Any]]:
    return [dict(event.payload) async for event in OutboxEvent.filter(topic=topic, audience=f"partner:{bank.id}")]


async def test_a_bank_learns_yes_under_a_name_of_its_own_and_nothing_else(
    app_client: httpx.AsyncClient, runtime: Runtime, wang: Caller, bank: Caller, told: dict[str, Any]
) -> None:
    got = (await receive(app_client, runtime, bank, told)).json()
    assert got["state"] == "delivered"
    keys = jwt.PyJWKSet.from_dict((await app_client.get("/.well-known/jwks.json")).json())
    header = jwt.get_unverified_header(got["answer"])
    claims = jwt.decode(got["answer"], keys[header["kid"]], algorithms=["EdDSA"], audience=str(bank.id))
    now = int(runtime.clock.now().timestamp())
    assert header["typ"] == "xinyi-referral+jwt"
    assert claims == {
        "iss": "http://city.test", "aud": str(bank.id), "sub": got["subject"], "jti": told["id"], "scn": "bank-test",
        "ver": 1, "verdict": "yes", "iat": now, "exp": now + ANSWER_DAYS * 86_400,
    }  # fmt: skip
    (news,) = await sent_to(bank, "referral.offered")
    assert news == {"referral": told["id"], "answer": got["answer"]}
    for private in (str(wang.id), "王小丽", synthetic_identity_number(1), "13800000001"):
        assert private not in json.dumps([got, claims, news], ensure_ascii=False)


async def test_from_the_choice_to_the_acknowledgement_and_the_outcome(
    app_client: httpx.AsyncClient, runtime: Runtime, wang: Caller, bank: Caller, told: dict[str, Any]
) -> None:
    assert (told["state"], told["receiver"], told["verdict"]) == ("offered", "示范银行1", "yes")
    await receive(app_client, runtime, bank, told)
    first, again = [await receive(app_client, runtime, bank, told, "ack") for _ in range(2)]
    assert (first.status_code, first.json()["state"]) == (200, "acknowledged")
    assert (again.status_code, problem_code(again)) == (409, "transition_forbidden")
    held = await Entitlement.get(id=told["entitlement_id"])
    assert held.state == "redeemed"
    for _ in range(2):
        outcome = await receive(app_client, runtime, bank, told, "outcome", {"outcome": "accepted"})
        assert (outcome.status_code, outcome.json()["outcome"]) == (200, "accepted")
    mine = (await app_client.get(f"/api/v1/me/referrals/{told['id']}", headers=wang.headers())).json()
    assert (mine["state"], mine["outcome"]) == ("acknowledged", "accepted")
    assert [entry.action async for entry in AuditEntry.filter(object_kind="referral").order_by("at", "id")] == [
        f"referral.{event}" for event in ("offer", "deliver", "acknowledge", "report")
    ]
    log = (await app_client.get("/api/v1/me/access-log", headers=wang.headers())).json()
    line = next(row for row in log if row["purpose"] == "referral.bank")
    assert line["reader"] == f"partner:{bank.id}"
    assert line["reason"] == "referral:信易贷(测试) → 示范银行1 (是)"


async def test_it_is_acknowledged_and_used_up_once_however_many_try(
    app_client: httpx.AsyncClient, runtime: Runtime, bank: Caller, told: dict[str, Any]
) -> None:
    answers = await asyncio.gather(*(receive(app_client, runtime, bank, told, "ack") for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    assert await AuditEntry.filter(action="entitlement.redeem").count() == 1


async def test_one_receiver_at_a_time_and_two_cannot_link(
    app_client: httpx.AsyncClient,
    runtime: Runtime,
    wang: Caller,
    held: dict[str, Any],
    bank: Caller,
    other_bank: Caller,
) -> None:
    answers = [await offer(app_client, runtime, wang, held, one) for one in (bank, other_bank)]
    assert [answer.status_code for answer in answers] == [201, 409]
    assert problem_code(answers[1]) == "already_referred"
    first = answers[0].json()
    got = (await receive(app_client, runtime, bank, first)).json()
    await ask(app_client, wang, f"/api/v1/me/referrals/{first['id']}/withdraw")
    second = (await offer(app_client, runtime, wang, held, other_bank)).json()
    other = (await receive(app_client, runtime, other_bank, second)).json()
    assert got["subject"] != other["subject"]
    assert await verify(app_client, runtime, other_bank, other["answer"]) == "VALID"
    assert await verify(app_client, runtime, bank, other["answer"]) == "CANNOT_TELL"
    assert (await receive(app_client, runtime, bank, second)).status_code == 404


async def test_two_choices_at_once_tell_one(
    app_client: httpx.AsyncClient,
    runtime: Runtime,
    wang: Caller,
    held: dict[str, Any],
    bank: Caller,
    other_bank: Caller,
) -> None:
    answers = await asyncio.gather(*(offer(app_client, runtime, wang, held, one) for one in (bank, other_bank)))
    assert sorted(answer.status_code for answer in answers) == [201, 409]
    assert await Referral.all().count() == 1
    assert await OutboxEvent.filter(topic="referral.offered").count() == 1


async def test_only_a_yes_is_told_unless_she_asks_for_the_no(
    app_client: httpx.AsyncClient,
    runtime: Runtime,
    bureau: Simulator,
    wang: Caller,
    held: dict[str, Any],
    bank: Caller,
    clock: FixedClock,
) -> None:
    bureau.overrides[synthetic_identity_number(1)] = ("serious", False)
    clock.advance(timedelta(days=2))
    refused = await offer(app_client, runtime, wang, held, bank)
    assert (refused.status_code, problem_code(refused)) == (409, "answer_would_be_no")
    assert await Referral.all().count() == await OutboxEvent.filter(topic="referral.offered").count() == 0
    told = await offer(app_client, runtime, wang, held, bank, tell_a_no=True)
    assert (told.status_code, told.json()["verdict"]) == (201, "no")


async def test_what_cannot_be_told_discloses_nothing(
    app_client: httpx.AsyncClient,
    runtime: Runtime,
    bureau: Simulator,
    wang: Caller,
    held: dict[str, Any],
    bank: Caller,
    clock: FixedClock,
) -> None:
    bureau.mode = "down"
    clock.advance(timedelta(days=40))
    for tell_a_no in (False, True):
        refused = await offer(app_client, runtime, wang, held, bank, tell_a_no=tell_a_no)
        assert (refused.status_code, problem_code(refused)) == (409, "answer_cannot_be_told")
    assert await Referral.all().count() == 0
    assert not await Consent.filter(purpose="referral.bank").exists()


async def test_without_the_tick_the_right_text_or_a_right_receiver_nobody_is_told(
    app_client: httpx.AsyncClient, runtime: Runtime, wang: Caller, held: dict[str, Any], bank: Caller
) -> None:
    insurer = await a_bank(runtime, 9, kind="insurer")
    unscoped = await a_partner(runtime, "orders", client_id="bank-x", kind="bank")
    for one, more, status, problem in (
        (bank, {"agree": False}, 422, "disclosure_not_agreed"),
        (bank, {"consent_version": 9}, 409, "consent_text_changed"),
        (insurer, {}, 422, "receiver_unknown"),
        (unscoped, {}, 422, "receiver_unknown"),
    ):
        refused = await offer(app_client, runtime, wang, held, one, **more)
        assert (refused.status_code, problem_code(refused)) == (status, problem)
    listed = await app_client.get(f"/api/v1/entitlements/{held['id']}/referral-receivers", headers=wang.headers())
    assert [row["id"] for row in listed.json()] == [str(bank.id)]
    voucher = (await claim(app_client, wang, "travel")).json()
    refused = await offer(app_client, runtime, wang, voucher, bank)
    assert (refused.status_code, problem_code(refused)) == (422, "no_referral")
    assert await Referral.all().count() == 0


@pytest.mark.parametrize("after", ["fetch", "ack"])
async def test_with_the_consent_withdrawn_the_bank_is_told_to_stop_in_the_same_transaction(
    app_client: httpx.AsyncClient, runtime: Runtime, wang: Caller, bank: Caller, told: dict[str, Any], after: str
) -> None:
    answer = (await receive(app_client, runtime, bank, told)).json()["answer"]
    if after == "ack":
        await receive(app_client, runtime, bank, told, "ack")
    now = runtime.clock.now()
    with pytest.raises(RuntimeError):
        await undone(withdraw(runtime.events, id_of(wang), "referral.bank", at=now))
    assert await sent_to(bank, "referral.recalled") == []
    assert await verify(app_client, runtime, bank, answer) == "VALID"
    await withdraw(runtime.events, id_of(wang), "referral.bank", at=now)
    (news,) = await sent_to(bank, "referral.recalled")
    assert jwt.get_unverified_header(str(news["recall"]))["typ"] == "xinyi-referral-recall+jwt"
    claims = jwt.decode(str(news["recall"]), options={"verify_signature": False})
    assert (claims["aud"], claims["recalls"]) == (str(bank.id), told["id"])
    assert "consent" not in json.dumps([news, claims])
    got = (await receive(app_client, runtime, bank, told)).json()
    assert (got["state"], got["answer"], got["recall"]) == ("recalled", "", news["recall"])
    assert await verify(app_client, runtime, bank, answer) == "RECALLED"
    refused = await receive(app_client, runtime, bank, told, "ack")
    assert (refused.status_code, problem_code(refused)) == (409, "transition_forbidden")
    done = await receive(app_client, runtime, bank, told, "recall-ack")
    assert (done.status_code, done.json()["state"]) == (200, "recall_acknowledged")
    assert await Notice.filter(kind="referral.recall", resident_id=wang.id).count() == 1


@pytest.mark.parametrize("event", ["suspend", "withdraw", "cancel", "expire"])
async def test_with_the_benefit_the_answer_goes(
    app_client: httpx.AsyncClient, runtime: Runtime, bank: Caller, told: dict[str, Any], event: str
) -> None:
    await receive(app_client, runtime, bank, told)
    now = runtime.clock.now()
    with pytest.raises(RuntimeError):
        await undone(change_entitlement(told["entitlement_id"], event, actor="test", at=now))
    assert (await Referral.get(id=told["id"])).state == "delivered"
    await change_entitlement(told["entitlement_id"], event, actor="test", at=runtime.clock.now())
    row = await Referral.get(id=told["id"])
    assert (row.state, row.recall_reason) == ("recalled", "entitlement")
    assert len(await sent_to(bank, "referral.recalled")) == 1


async def test_what_never_left_is_kept_back_and_the_bank_hears_nothing(
    app_client: httpx.AsyncClient, runtime: Runtime, wang: Caller, bank: Caller, told: dict[str, Any]
) -> None:
    gone = await ask(app_client, wang, f"/api/v1/me/referrals/{told['id']}/withdraw")
    assert (gone.status_code, gone.json()["state"]) == (200, "withdrawn")
    await listens(runtime, bank)
    await route_events(runtime.clock.now())
    assert not await WebhookDelivery.all().exists()
    assert (await receive(app_client, runtime, bank, told)).status_code == 404
    assert (await app_client.get(PATH, headers=bank.headers())).json() == []
    again = await ask(app_client, wang, f"/api/v1/me/referrals/{told['id']}/withdraw")
    assert (again.status_code, problem_code(again)) == (409, "transition_forbidden")


async def test_what_a_webhook_may_carry_is_recalled_and_its_arrival_is_noted(
    app_client: httpx.AsyncClient,
    runtime: Runtime,
    wang: Caller,
    held: dict[str, Any],
    bank: Caller,
    clock: FixedClock,
) -> None:
    await listens(runtime, bank)
    told = (await offer(app_client, runtime, wang, held, bank)).json()
    await route_events(clock.now())
    assert await settle_due(runtime) == 0
    row = await Referral.get(id=told["id"])
    await WebhookDelivery.filter(event_id=row.offer_event_id).update(state="delivered", delivered_at=clock.now())
    assert [await settle_due(runtime), await settle_due(runtime)] == [1, 0]
    assert (await Referral.get(id=told["id"])).state == "delivered"
    await ask(app_client, wang, f"/api/v1/me/referrals/{told['id']}/withdraw")
    assert (await Referral.get(id=told["id"])).state == "recalled"


async def test_an_answer_runs_out_and_is_recalled(
    app_client: httpx.AsyncClient, runtime: Runtime, bank: Caller, told: dict[str, Any], clock: FixedClock
) -> None:
    answer = (await receive(app_client, runtime, bank, told)).json()["answer"]
    clock.advance(timedelta(days=ANSWER_DAYS))
    assert await verify(app_client, runtime, bank, answer) == "EXPIRED"
    late = await receive(app_client, runtime, bank, told, "ack")
    assert (late.status_code, problem_code(late)) == (409, "referral_expired")
    assert sum(await asyncio.gather(settle_due(runtime), settle_due(runtime))) == 1
    assert await verify(app_client, runtime, bank, answer) == "EXPIRED"
    assert len(await sent_to(bank, "referral.recalled")) == 1
    assert (await Entitlement.get(id=told["entitlement_id"])).state == "issued"


async def test_one_that_nobody_fetched_runs_out_quietly(
    app_client: httpx.AsyncClient, runtime: Runtime, bank: Caller, told: dict[str, Any], clock: FixedClock
) -> None:
    clock.advance(timedelta(days=ANSWER_DAYS))
    assert await settle_due(runtime) == 1
    assert (await Referral.get(id=told["id"])).state == "expired"
    assert await sent_to(bank, "referral.recalled") == []
    assert (await receive(app_client, runtime, bank, told)).status_code == 404


async def test_a_recall_is_chased_daily_until_it_is_acknowledged(
    app_client: httpx.AsyncClient,
    runtime: Runtime,
    wang: Caller,
    bank: Caller,
    told: dict[str, Any],
    clock: FixedClock,
) -> None:
    await receive(app_client, runtime, bank, told)
    await ask(app_client, wang, f"/api/v1/me/referrals/{told['id']}/withdraw")
    sent = []
    for _ in range(3):
        sent.append(sum(await asyncio.gather(settle_due(runtime), settle_due(runtime))))
        clock.advance(timedelta(days=1))
    assert sent == [0, 1, 1]
    assert len(await sent_to(bank, "referral.recalled")) == 3
    assert (await Referral.get(id=told["id"])).chases == 2
    await receive(app_client, runtime, bank, told, "recall-ack")
    assert await settle_due(runtime) == 0


async def test_it_is_used_up_by_the_acknowledgement_alone(
    app_client: httpx.AsyncClient, runtime: Runtime, wang: Caller, held: dict[str, Any]
) -> None:
    till = await a_partner(runtime, "redemptions", client_id="till")
    used = await ask(app_client, till, "/partner/v1/redemptions", {"code": held["code"]})
    assert used.status_code in (403, 409)
    assert (await Entitlement.get(id=held["id"])).state == "issued"


async def test_a_repeated_key_tells_once(
    app_client: httpx.AsyncClient, wang: Caller, held: dict[str, Any], bank: Caller
) -> None:
    path = f"/api/v1/entitlements/{held['id']}/referral"
    body = {"receiver": str(bank.id), "consent_version": 1, "agree": True}
    first, again = [await ask(app_client, wang, path, body, key="one") for _ in range(2)]
    assert (first.status_code, first.json()) == (again.status_code, again.json())
    missing = await app_client.post(path, headers=wang.headers(), json=body)
    assert (missing.status_code, problem_code(missing)) == (400, "idempotency_key_missing")


async def test_another_banks_or_residents_referral_is_not_there(
    app_client: httpx.AsyncClient, runtime: Runtime, bureau: Simulator, other_bank: Caller, told: dict[str, Any]
) -> None:
    for act, body in (("", None), ("ack", None), ("recall-ack", None), ("outcome", {"outcome": "accepted"})):
        assert (await receive(app_client, runtime, other_bank, told, act, body)).status_code == 404
    zhang = await a_consenting_resident(runtime, bureau, 2)
    shown = await app_client.get(f"/api/v1/me/referrals/{told['id']}", headers=zhang.headers())
    assert shown.status_code == 404
    gone = await ask(app_client, zhang, f"/api/v1/me/referrals/{told['id']}/withdraw")
    assert gone.status_code == 404
    assert (await Referral.get(id=told["id"])).state == "offered"
    assert (await app_client.get(PATH, headers=bank_anew(runtime, other_bank).headers())).json() == []


async def test_a_list_holds_no_answers(app_client: httpx.AsyncClient, bank: Caller, told: dict[str, Any]) -> None:
    rows = (await app_client.get(PATH, headers=bank.headers())).json()
    assert [(row["id"], row["state"], row["answer"]) for row in rows] == [(told["id"], "offered", "")]
