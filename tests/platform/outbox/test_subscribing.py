"""Partners subscribe over HTTP; in production only to public https addresses."""

from __future__ import annotations

import httpx
import pytest
from support.people import a_partner

from xinyi_platform.clock import FixedClock
from xinyi_platform.outbox import WebhookEndpoint
from xinyi_platform.outbox.subscribing import WebhookAddressRefused, subscribe
from xinyi_platform.runtime import Runtime

pytestmark = pytest.mark.anyio
PATH = "/partner/v1/webhooks"


async def test_a_subscription_is_made_listed_and_ended(app_client: httpx.AsyncClient, runtime: Runtime) -> None:
    mine = (await a_partner(runtime, "webhooks")).headers()
    made = await app_client.post(PATH, headers=mine, json={"url": "https://partner.example/hooks"})
    assert made.status_code == 201
    assert made.json()["secret"].startswith("whsec_")
    assert made.json()["retry_seconds"] == [5, 300, 1800, 7200, 18000, 36000, 36000]
    (listed,) = (await app_client.get(PATH, headers=mine)).json()
    assert (listed["url"], listed["active"], listed["secret"]) == ("https://partner.example/hooks", True, None)
    assert (await app_client.delete(f"{PATH}/{listed['id']}", headers=mine)).status_code == 204
    assert (await app_client.get(PATH, headers=mine)).json()[0]["active"] is False


async def test_the_secret_is_stored_encrypted(app_client: httpx.AsyncClient, runtime: Runtime) -> None:
    mine = (await a_partner(runtime, "webhooks")).headers()
    secret = (await app_client.post(PATH, headers=mine, json={"url": "https://p.example/"})).json()["secret"]
    stored = (await WebhookEndpoint.get()).secret_cipher
    assert secret not in stored
    assert runtime.keys.decrypt(stored, field="webhook.secret") == secret


async def test_another_partners_subscription_is_not_there(app_client: httpx.AsyncClient, runtime: Runtime) -> None:
    mine = (await a_partner(runtime, "webhooks")).headers()
    other = (await a_partner(runtime, "webhooks", client_id="other")).headers()
    made = (await app_client.post(PATH, headers=mine, json={"url": "https://p.example/"})).json()
    assert (await app_client.get(PATH, headers=other)).json() == []
    assert (await app_client.delete(f"{PATH}/{made['id']}", headers=other)).status_code == 404
    assert (await WebhookEndpoint.get()).active


@pytest.mark.parametrize(
    "url",
    ["", "partner.example", "ftp://p.example/", "javascript:alert(1)", "http://", "http://[", "http://a:99999999/"],
)
async def test_an_address_that_is_none_is_refused(url: str, app_client: httpx.AsyncClient, runtime: Runtime) -> None:
    answer = await app_client.post(PATH, headers=(await a_partner(runtime, "webhooks")).headers(), json={"url": url})
    assert (answer.status_code, answer.json()["code"]) == (422, "webhook_address_refused")


@pytest.mark.parametrize(
    "url",
    [
        "http://partner.example/",
        "https://localhost/",
        "https://127.0.0.1/",
        "https://10.0.0.8/",
        "https://192.168.1.1/",
        "https://169.254.169.254/latest/",
        "https://[::1]/",
        "https://[fd00::1]/",
        "https://0.0.0.0/",
    ],
)
async def test_in_production_an_address_inside_is_refused(url: str, runtime: Runtime, clock: FixedClock) -> None:
    with pytest.raises(WebhookAddressRefused):
        await subscribe(runtime.keys, audience="partner:1", url=url, topics=[], strict=True, at=clock.now())
