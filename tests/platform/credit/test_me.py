"""What a resident sees of herself over HTTP: her standing, who looked at it, and a copy of her data."""

from __future__ import annotations

import httpx
import pytest
from support.people import Caller, a_resident

from xinyi_platform.bureau.simulator import Simulator
from xinyi_platform.consents import PURPOSES
from xinyi_platform.consents.purposes import SCENES
from xinyi_platform.identity.seeding import synthetic_identity_number
from xinyi_platform.runtime import Runtime

pytestmark = pytest.mark.anyio
CONSENT = {"version": PURPOSES[SCENES].version}


@pytest.fixture
async def wang(app_client: httpx.AsyncClient, runtime: Runtime, bureau: Simulator) -> Caller:
    """A resident of good standing who has consented."""
    bureau.overrides[synthetic_identity_number(1)] = ("good", False)
    caller = await a_resident(runtime)
    await app_client.put(f"/api/v1/me/consents/{SCENES}", headers=caller.headers(), json=CONSENT)
    return caller


async def test_my_standing_comes_with_its_age(app_client: httpx.AsyncClient, wang: Caller) -> None:
    answer = (await app_client.get("/api/v1/me/credit", headers=wang.headers())).json()
    assert (answer["status"], answer["standing"], answer["is_fresh"]) == ("known", "good", True)
    assert answer["as_of"]


@pytest.mark.parametrize(("language", "reason"), [("zh", "信用平台"), ("en", "credit bureau")])
async def test_a_silent_bureau_is_said_in_my_language(
    language: str, reason: str, app_client: httpx.AsyncClient, wang: Caller, bureau: Simulator
) -> None:
    bureau.mode = "down"
    answer = await app_client.get("/api/v1/me/credit", headers={**wang.headers(), "Accept-Language": language})
    assert answer.status_code == 200
    assert answer.json()["status"] == "unknown"
    assert reason in answer.json()["reason"]
    assert answer.json()["standing"] is None


async def test_my_access_log_names_who_when_why_and_by_which_consent(
    app_client: httpx.AsyncClient, wang: Caller
) -> None:
    await app_client.get("/api/v1/me/credit", headers=wang.headers())
    (line,) = (await app_client.get("/api/v1/me/access-log", headers=wang.headers())).json()
    (consent,) = (await app_client.get("/api/v1/me/consents", headers=wang.headers())).json()
    assert line["reader"] == f"resident:{wang.id}"
    assert (line["reason"], line["outcome"], line["consent_id"]) == ("view", "fresh", consent["id"])
    page = await app_client.get("/app/access-log", headers=wang.headers())
    assert "查看自己的信用状况" in page.text


async def test_my_access_log_has_pages(app_client: httpx.AsyncClient, wang: Caller) -> None:
    for _ in range(52):
        await app_client.get("/api/v1/me/credit", headers=wang.headers())
    sizes = []
    for number in (1, 2, 3):
        shown = await app_client.get(f"/api/v1/me/access-log?page={number}", headers=wang.headers())
        sizes.append(len(shown.json()))
    assert sizes == [50, 2, 0]


@pytest.mark.parametrize("number", ["0", "-1", "x", "99999999999999999999"])
@pytest.mark.parametrize("path", ["/api/v1/me/access-log", "/app/access-log"])
async def test_a_page_that_is_none_is_refused(
    path: str, number: str, app_client: httpx.AsyncClient, wang: Caller
) -> None:
    assert (await app_client.get(f"{path}?page={number}", headers=wang.headers())).status_code == 400


async def test_the_log_of_another_is_hers_alone(app_client: httpx.AsyncClient, wang: Caller, runtime: Runtime) -> None:
    await app_client.get("/api/v1/me/credit", headers=wang.headers())
    other = await a_resident(runtime, 2)
    assert (await app_client.get("/api/v1/me/access-log", headers=other.headers())).json() == []
    assert (await app_client.get("/api/v1/me/consents", headers=other.headers())).json() == []


async def test_my_copy_holds_my_data_in_clear_and_nobody_elses(
    app_client: httpx.AsyncClient, wang: Caller, runtime: Runtime
) -> None:
    await a_resident(runtime, 2)
    await app_client.get("/api/v1/me/credit", headers=wang.headers())
    answer = await app_client.get("/api/v1/me/export", headers=wang.headers())
    assert answer.headers["content-disposition"] == 'attachment; filename="my-data.json"'
    assert answer.headers["cache-control"] == "no-store"
    copy = answer.json()
    assert copy["profile"]["identity_number"] == synthetic_identity_number(1)
    assert copy["profile"]["phone"] == "13800000001"
    assert [row["purpose"] for row in copy["consents"]] == [SCENES]
    assert [row["outcome"] for row in copy["access_log"]] == ["fresh"]
    assert synthetic_identity_number(2) not in answer.text


async def test_my_copy_holds_every_read(app_client: httpx.AsyncClient, wang: Caller) -> None:
    for _ in range(52):
        await app_client.get("/api/v1/me/credit", headers=wang.headers())
    copy = (await app_client.get("/api/v1/me/export", headers=wang.headers())).json()
    assert len(copy["access_log"]) == 52
