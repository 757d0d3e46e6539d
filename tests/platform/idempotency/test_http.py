"""Every operation that takes an Idempotency-Key wants one, and answers a repeated request with its first answer."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest
from support.people import Caller, a_partner, a_resident

from xinyi_platform.bureau.simulator import Simulator
from xinyi_platform.consents import PURPOSES, grant
from xinyi_platform.consents.purposes import SCENES
from xinyi_platform.identity.seeding import synthetic_identity_number
from xinyi_platform.runtime import Runtime
from xinyi_scenarios.entitlements.models import Entitlement
from xinyi_scenarios.orders.models import ServiceOrder

pytestmark = pytest.mark.anyio
SCOPES = ("redemptions", "orders", "commitments", "referrals", "passes", "fairs", "lists")


def keyed(document: dict[str, Any]) -> list[tuple[str, str, Any]]:
    """Return method, path and an example body of each operation that takes a key."""
    found = []
    for path, item in document["paths"].items():
        for method, operation in item.items():
            names = {row["name"].lower() for row in operation.get("parameters", ())}
            # Staff come with a session and its form token, which the walk over all routes has.
            if "idempotency-key" in names and not path.startswith("/staff/"):
                body = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
                example = body.get("examples", {}).get("example", {}).get("value")
                found.append((method, path, example))
    return found


async def test_without_a_key_or_with_an_endless_one_nothing_is_done(
    app_client: httpx.AsyncClient, runtime: Runtime
) -> None:
    document = (await app_client.get("/schema/openapi.json")).json()
    resident, partner = await a_resident(runtime), await a_partner(runtime, *SCOPES)
    operations = keyed(document)
    assert len(operations) >= 5
    for method, path, example in operations:
        caller = partner if path.startswith("/partner/") else resident
        filled = path.replace("{slug}", "travel").replace("{code}", "NOBODY")
        filled = re.sub(r"\{\w+_id\}", "01932f5a-6c00-7000-8000-000000000001", filled).replace("{key}", "nobody")
        for key in (None, "k" * 129):
            headers = {**caller.headers(), **({"Idempotency-Key": key} if key else {})}
            answer = await app_client.request(method, filled, headers=headers, json=example)
            assert 400 <= answer.status_code < 500, f"{method} {path}: {answer.status_code}"
            if "NOBODY" not in filled:
                assert answer.status_code == 400, f"{method} {path}: {answer.text}"
    assert await Entitlement.all().count() == 0


@pytest.fixture
async def wang(runtime: Runtime, bureau: Simulator) -> Caller:
    """A resident of good standing who has consented."""
    bureau.overrides[synthetic_identity_number(1)] = ("good", False)
    caller = await a_resident(runtime)
    assert caller.id is not None
    await grant(caller.id, SCENES, version=PURPOSES[SCENES].version, at=runtime.clock.now())
    return caller


async def test_a_repeated_order_acts_once_and_another_body_under_its_key_is_refused(
    app_client: httpx.AsyncClient, runtime: Runtime, wang: Caller
) -> None:
    claim = await app_client.post(
        "/api/v1/scenarios/ride/claims", headers={**wang.headers(), "Idempotency-Key": "claim-1"}
    )
    assert claim.status_code == 201, claim.text
    again = await app_client.post(
        "/api/v1/scenarios/ride/claims", headers={**wang.headers(), "Idempotency-Key": "claim-1"}
    )
    assert (again.status_code, again.json()["id"]) == (201, claim.json()["id"])
    assert await Entitlement.all().count() == 1
    partner = {**(await a_partner(runtime, "orders")).headers(), "Idempotency-Key": "order-1"}
    shown = await app_client.get(f"/api/v1/entitlements/{claim.json()['id']}/qr", headers=wang.headers())
    code = shown.json()["token"]
    order = {"out_order_no": "R1", "code": code, "deposit_fen": 100, "expected_hours": 1}
    made = await app_client.post("/partner/v1/orders", headers=partner, json=order)
    assert made.status_code == 201, made.text
    repeated = await app_client.post("/partner/v1/orders", headers=partner, json=order)
    assert (repeated.status_code, repeated.json()) == (201, made.json())
    changed = await app_client.post("/partner/v1/orders", headers=partner, json={**order, "expected_hours": 2})
    assert (changed.status_code, changed.json()["code"]) == (422, "idempotency_key_reused")
    assert await ServiceOrder.all().count() == 1
