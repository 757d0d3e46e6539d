"""Residents sign in by phone and code, and stay signed in by refresh tokens that are good once."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from support.sms import SECRET, SmsGatewaySimulator

from xinyi_platform.audit.models import AuditEntry
from xinyi_platform.clock import FixedClock
from xinyi_platform.errors import Unavailable
from xinyi_platform.identity.forgetting import forget_sign_ins
from xinyi_platform.identity.models import OneTimeCode, RefreshToken, ResidentAccount
from xinyi_platform.identity.sending import code_sender
from xinyi_platform.runtime import Runtime
from xinyi_platform.sms import SmsGateway

pytestmark = pytest.mark.anyio
PHONE = "13800000001"
Ask = Callable[[], Awaitable[str]]


def other(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


async def sign_in(client: httpx.AsyncClient, code: str) -> httpx.Response:
    return await client.post("/api/v1/auth/token", json={"phone": PHONE, "code": code})


async def refresh(client: httpx.AsyncClient, token: str) -> httpx.Response:
    return await client.post("/api/v1/auth/refresh", json={"refresh_token": token})


@pytest.fixture
async def tokens(app_client: httpx.AsyncClient, resident_id: UUID, ask_code: Ask) -> dict[str, Any]:
    answer = await sign_in(app_client, await ask_code())
    held: dict[str, Any] = answer.json()
    return held


async def test_a_code_opens_her_own_masked_data(
    app_client: httpx.AsyncClient, resident_id: UUID, tokens: dict[str, Any]
) -> None:
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    answer = await app_client.get("/api/v1/me", headers=bearer)
    assert answer.status_code == 200
    assert answer.json()["id"] == str(resident_id)
    assert answer.json()["phone"] == "138****0001"
    assert PHONE not in answer.text
    assert "王小丽" not in (await app_client.get("/api/v1/me")).text


async def test_a_code_is_good_once(app_client: httpx.AsyncClient, resident_id: UUID, ask_code: Ask) -> None:
    code = await ask_code()
    assert (await sign_in(app_client, code)).status_code == 200
    assert (await sign_in(app_client, code)).status_code == 401


async def test_of_parallel_uses_of_one_code_one_wins(
    app_client: httpx.AsyncClient, resident_id: UUID, ask_code: Ask
) -> None:
    code = await ask_code()
    answers = await asyncio.gather(*(sign_in(app_client, code) for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [200, 401, 401, 401, 401]


async def test_after_five_wrong_tries_the_right_code_is_dead(
    app_client: httpx.AsyncClient, resident_id: UUID, ask_code: Ask
) -> None:
    code = await ask_code()
    for _ in range(5):
        assert (await sign_in(app_client, other(code))).json()["code"] == "wrong_code"
    assert (await sign_in(app_client, code)).status_code == 401


async def test_parallel_guessing_gets_no_more_than_five_tries(
    app_client: httpx.AsyncClient, resident_id: UUID, ask_code: Ask
) -> None:
    code = await ask_code()
    await asyncio.gather(*(sign_in(app_client, other(code)) for _ in range(20)))
    assert (await OneTimeCode.get()).attempts == 5


async def test_a_code_dies_after_five_minutes(
    app_client: httpx.AsyncClient, resident_id: UUID, ask_code: Ask, clock: FixedClock
) -> None:
    code = await ask_code()
    clock.advance(timedelta(minutes=5))
    assert (await sign_in(app_client, code)).status_code == 401


async def test_only_the_newest_code_is_good(
    app_client: httpx.AsyncClient, resident_id: UUID, ask_code: Ask, clock: FixedClock
) -> None:
    first = await ask_code()
    clock.advance(timedelta(seconds=1))
    second = await ask_code()
    if first != second:
        assert (await sign_in(app_client, first)).status_code == 401
    assert (await sign_in(app_client, second)).status_code == 200


async def test_an_unknown_phone_gets_the_same_answers(app_client: httpx.AsyncClient, resident_id: UUID) -> None:
    unknown = {"phone": "13900000009"}
    asked = await app_client.post("/api/v1/auth/otp", json=unknown)
    assert asked.status_code == 202
    answer = await app_client.post("/api/v1/auth/token", json={**unknown, "code": asked.json()["code"]})
    assert (answer.status_code, answer.json()["code"]) == (401, "wrong_code")


async def test_codes_for_one_phone_are_limited(app_client: httpx.AsyncClient) -> None:
    answers = [await app_client.post("/api/v1/auth/otp", json={"phone": PHONE}) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [202] * 5 + [429]
    assert int(answers[-1].headers["retry-after"]) > 0


async def test_codes_for_one_address_are_limited(app_client: httpx.AsyncClient) -> None:
    statuses = [
        (await app_client.post("/api/v1/auth/otp", json={"phone": f"139000{place:05d}"})).status_code
        for place in range(61)
    ]
    assert statuses == [202] * 60 + [429]


@pytest.mark.parametrize("phone", ["", "123", "23800000001", "138000000011", "1380000000a", "+1 202 555 0100"])
async def test_what_is_no_mobile_number_is_refused(app_client: httpx.AsyncClient, phone: str) -> None:
    assert (await app_client.post("/api/v1/auth/otp", json={"phone": phone})).status_code == 400


async def test_a_refresh_token_is_exchanged_once(app_client: httpx.AsyncClient, tokens: dict[str, Any]) -> None:
    answer = await refresh(app_client, tokens["refresh_token"])
    assert answer.status_code == 200
    assert answer.json()["refresh_token"] != tokens["refresh_token"]


async def test_an_old_refresh_token_ends_its_whole_family(
    app_client: httpx.AsyncClient, tokens: dict[str, Any], resident_id: UUID
) -> None:
    second = (await refresh(app_client, tokens["refresh_token"])).json()
    assert (await refresh(app_client, tokens["refresh_token"])).status_code == 401
    assert (await refresh(app_client, second["refresh_token"])).status_code == 401
    assert await AuditEntry.filter(action="identity.refresh_reused", object_id=str(resident_id)).count() == 1


async def test_parallel_refreshes_leave_nothing_alive(app_client: httpx.AsyncClient, tokens: dict[str, Any]) -> None:
    answers = await asyncio.gather(*(refresh(app_client, tokens["refresh_token"]) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 401, 401, 401]
    assert await RefreshToken.filter(revoked_at=None).count() == 0


async def test_a_refresh_races_a_sign_out_and_leaves_nothing_alive(
    app_client: httpx.AsyncClient, tokens: dict[str, Any]
) -> None:
    body = {"refresh_token": tokens["refresh_token"]}
    await asyncio.gather(
        refresh(app_client, tokens["refresh_token"]), app_client.post("/api/v1/auth/logout", json=body)
    )
    assert await RefreshToken.filter(revoked_at=None).count() == 0


async def test_another_sign_in_is_not_touched_by_a_sign_out(
    app_client: httpx.AsyncClient, tokens: dict[str, Any], ask_code: Ask, clock: FixedClock
) -> None:
    clock.advance(timedelta(seconds=1))
    elsewhere = (await sign_in(app_client, await ask_code())).json()
    answer = await app_client.post("/api/v1/auth/logout", json={"refresh_token": tokens["refresh_token"]})
    assert answer.status_code == 204
    assert (await refresh(app_client, tokens["refresh_token"])).status_code == 401
    assert (await refresh(app_client, elsewhere["refresh_token"])).status_code == 200


async def test_a_refresh_token_dies_after_thirty_days(
    app_client: httpx.AsyncClient, tokens: dict[str, Any], clock: FixedClock
) -> None:
    clock.advance(timedelta(days=30))
    assert (await refresh(app_client, tokens["refresh_token"])).status_code == 401


async def test_a_closed_account_can_neither_refresh_nor_sign_in(
    app_client: httpx.AsyncClient, tokens: dict[str, Any], resident_id: UUID, ask_code: Ask
) -> None:
    await ResidentAccount.filter(id=resident_id).update(active=False)
    assert (await refresh(app_client, tokens["refresh_token"])).status_code == 401
    assert (await sign_in(app_client, await ask_code())).status_code == 401


async def test_an_expired_access_token_does_not_stand_in_the_way_of_a_refresh(
    app_client: httpx.AsyncClient, tokens: dict[str, Any], clock: FixedClock
) -> None:
    clock.advance(timedelta(minutes=16))
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    assert (await app_client.get("/api/v1/me", headers=bearer)).status_code == 401
    body = {"refresh_token": tokens["refresh_token"]}
    assert (await app_client.post("/api/v1/auth/refresh", json=body, headers=bearer)).status_code == 200


async def test_sign_ins_are_on_the_trail_without_the_phone(
    app_client: httpx.AsyncClient, tokens: dict[str, Any], ask_code: Ask, clock: FixedClock
) -> None:
    clock.advance(timedelta(seconds=1))
    await sign_in(app_client, other(await ask_code()))
    await app_client.post("/api/v1/auth/logout", json={"refresh_token": tokens["refresh_token"]})
    rows = await AuditEntry.filter(action__startswith="identity.").order_by("id")
    assert {row.action for row in rows} == {"identity.sign_in", "identity.sign_in_failed", "identity.sign_out"}
    assert not any(PHONE in f"{row.actor}{row.object_id}{row.detail}" for row in rows)


async def test_nothing_readable_of_a_resident_is_in_the_database(
    app_client: httpx.AsyncClient, resident_id: UUID
) -> None:
    row = await ResidentAccount.get(id=resident_id)
    kept = f"{row.phone_cipher}{row.phone_index}{row.name_cipher}{row.identity_cipher}{row.identity_index}"
    assert PHONE not in kept
    assert "王小丽" not in kept


async def test_expired_rows_are_forgotten_and_live_ones_stay(
    app_client: httpx.AsyncClient, tokens: dict[str, Any], runtime: Runtime
) -> None:
    now = runtime.clock.now()
    assert await forget_sign_ins(now + timedelta(days=2)) == 1
    assert await RefreshToken.all().count() == 1
    assert await forget_sign_ins(now + timedelta(days=32)) == 1


async def test_codes_are_shown_sent_or_refused_by_the_settings(runtime: Runtime) -> None:
    shown = runtime.settings
    assert code_sender(shown) is None
    assert isinstance(code_sender(replace(shown, show_otp=False, sms_gateway_url="http://127.0.0.1:9/sms")), SmsGateway)
    for silent in (replace(shown, show_otp=False), replace(shown, profile="production")):
        with pytest.raises(Unavailable):
            code_sender(silent)


async def test_a_code_leaves_signed_and_a_gateway_that_does_not_take_it_is_said_so(
    app_client: httpx.AsyncClient, resident_id: UUID, runtime: Runtime, sms_gateway: SmsGatewaySimulator, tmp_path: Path
) -> None:
    secret = tmp_path / "sms.secret"
    secret.write_text(SECRET)
    runtime.settings = replace(
        runtime.settings, show_otp=False, sms_gateway_url=sms_gateway.url, sms_secret_file=str(secret)
    )
    answer = await app_client.post("/api/v1/auth/otp", json={"phone": PHONE})
    assert (answer.status_code, answer.json()["code"]) == (202, None)
    ((phone, text),) = sms_gateway.texts
    assert phone == PHONE
    code = re.findall(r"\d{6}", text)[0]
    assert (await sign_in(app_client, code)).status_code == 200
    assert sms_gateway.requests[0].key == str((await OneTimeCode.get()).id)
    for mood in ("fail", "refuse", "lose_the_answer"):
        sms_gateway.moods.append(mood)
        assert (await app_client.post("/api/v1/auth/otp", json={"phone": PHONE})).status_code == 503


async def test_with_a_secret_that_cannot_be_read_nothing_is_sent(
    app_client: httpx.AsyncClient, runtime: Runtime, sms_gateway: SmsGatewaySimulator, tmp_path: Path
) -> None:
    bad = tmp_path / "bad.secret"
    for content in (None, "", "whsec_AAAA", "not base64 at all!"):
        if content is not None:
            bad.write_text(content)
        settings = replace(runtime.settings, sms_gateway_url=sms_gateway.url, sms_secret_file=str(bad))
        with pytest.raises(Unavailable):
            code_sender(replace(settings, show_otp=False))
    assert sms_gateway.requests == []
