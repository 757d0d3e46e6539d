"""Partners exchange their credentials for a short, scoped token."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import httpx
import pytest
from argon2 import PasswordHasher

from xinyi_platform.clock import FixedClock
from xinyi_platform.identity.models import PartnerClient
from xinyi_platform.identity.tokens import TokenReader
from xinyi_platform.principals import Partner
from xinyi_platform.runtime import Runtime

pytestmark = pytest.mark.anyio
SECRET = "a partner's secret"
BODY = {"client_id": "hebi-bike", "client_secret": SECRET}
TOKEN = "/partner/v1/token"


def test_secrets_are_hashed_as_owasp_asks(password_hasher: PasswordHasher) -> None:
    """OWASP Password Storage Cheat Sheet: Argon2id, 19 MiB, two passes, one lane."""
    assert password_hasher.hash(SECRET).startswith("$argon2id$v=19$m=19456,t=2,p=1$")


@pytest.mark.parametrize("way", ["body", "basic"])
async def test_credentials_give_a_scoped_token(
    way: str, app_client: httpx.AsyncClient, partner_id: UUID, runtime: Runtime
) -> None:
    if way == "body":
        answer = await app_client.post(TOKEN, json={**BODY, "grant_type": "client_credentials"})
    else:
        answer = await app_client.post(TOKEN, auth=("hebi-bike", SECRET))
    assert answer.status_code == 200
    assert answer.json()["scope"] == "orders"
    found = TokenReader(runtime.keys).read(answer.json()["access_token"], runtime.clock.now())
    assert found == Partner(partner_id, frozenset({"orders"}))


@pytest.mark.parametrize(
    "header",
    ["Basic", "Basic ", "Basic ****", "Basic aGViaS1iaWtl", "Basic /////w==", "Basic aGViaS1iaWtlOndyb25n", "Digest x"],
)
async def test_a_basic_header_that_says_nothing_right_is_refused(
    header: str, app_client: httpx.AsyncClient, partner_id: UUID
) -> None:
    answer = await app_client.post(TOKEN, headers={"Authorization": header})
    assert (answer.status_code, answer.json()["code"]) == (401, "wrong_credentials")


@pytest.mark.parametrize("change", [{"client_secret": "wrong"}, {"client_id": "nobody"}])
async def test_wrong_credentials_get_one_answer(
    change: dict[str, str], app_client: httpx.AsyncClient, partner_id: UUID
) -> None:
    answer = await app_client.post(TOKEN, json={**BODY, **change})
    assert (answer.status_code, answer.json()["code"]) == (401, "wrong_credentials")


async def test_a_partner_that_was_closed_gets_no_token(app_client: httpx.AsyncClient, partner_id: UUID) -> None:
    await PartnerClient.filter(id=partner_id).update(active=False)
    assert (await app_client.post(TOKEN, json=BODY)).status_code == 401


async def test_a_token_opens_what_its_scope_names_and_for_ten_minutes(
    app_client: httpx.AsyncClient, partner_id: UUID, clock: FixedClock
) -> None:
    async def webhooks() -> int:
        return (await app_client.get("/partner/v1/webhooks", headers=bearer)).status_code

    bearer = {"Authorization": f"Bearer {(await app_client.post(TOKEN, json=BODY)).json()['access_token']}"}
    assert await webhooks() == 403
    await PartnerClient.filter(id=partner_id).update(scopes=["webhooks"])
    bearer = {"Authorization": f"Bearer {(await app_client.post(TOKEN, json=BODY)).json()['access_token']}"}
    assert await webhooks() == 200
    clock.advance(timedelta(minutes=10))
    assert await webhooks() == 401


async def test_guessing_a_secret_is_limited(app_client: httpx.AsyncClient, partner_id: UUID) -> None:
    wrong = {"client_id": "nobody", "client_secret": "x"}
    statuses = [(await app_client.post(TOKEN, json=wrong)).status_code for _ in range(61)]
    assert statuses == [401] * 60 + [429]
