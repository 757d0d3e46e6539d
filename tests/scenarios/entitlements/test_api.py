"""What a resident holds: hers alone to list, look at, show and give back."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID

import httpx
import pytest
from support.people import Caller
from support.scenes import a_consenting_resident, ask, claim, post_form, problem_code, read_page, signed_in_anew

from xinyi_platform.audit import AuditEntry
from xinyi_platform.bureau.simulator import Simulator
from xinyi_platform.clock import FixedClock
from xinyi_platform.ids import new_id
from xinyi_platform.outbox import OutboxEvent
from xinyi_platform.runtime import Runtime
from xinyi_scenarios.entitlements.changing import change_entitlement, expire_due
from xinyi_scenarios.entitlements.codes import read_code
from xinyi_scenarios.entitlements.models import Entitlement
from xinyi_scenarios.ledger import balance_of
from xinyi_scenarios.quotas.models import Quota

pytestmark = pytest.mark.anyio


@pytest.fixture
async def held(app_client: httpx.AsyncClient, wang: Caller) -> UUID:
    """A voucher of hers."""
    return UUID((await claim(app_client, wang, "travel")).json()["id"])


async def get(client: httpx.AsyncClient, who: Caller, path: str) -> httpx.Response:
    return await client.get(f"/api/v1{path}", headers=who.headers())


async def test_one_sees_ones_own_newest_first(
    app_client: httpx.AsyncClient, wang: Caller, held: UUID, clock: FixedClock
) -> None:
    clock.advance(timedelta(minutes=1))
    await claim(app_client, wang, "bookshop")
    rows = (await get(app_client, wang, "/me/entitlements")).json()
    assert [row["scenario"] for row in rows] == ["bookshop", "travel"]
    assert (await get(app_client, wang, f"/entitlements/{held}")).json() == rows[1]


async def test_another_residents_entitlement_is_not_there(
    app_client: httpx.AsyncClient, runtime: Runtime, bureau: Simulator, held: UUID
) -> None:
    other = await a_consenting_resident(runtime, bureau, 2)
    assert (await get(app_client, other, "/me/entitlements")).json() == []
    for identity in (held, new_id()):
        for path in (f"/entitlements/{identity}", f"/entitlements/{identity}/qr"):
            answer = await get(app_client, other, path)
            assert (answer.status_code, problem_code(answer)) == (404, "not_found")
        answer = await ask(app_client, other, f"/api/v1/entitlements/{identity}/cancel")
        assert (answer.status_code, problem_code(answer)) == (404, "not_found")
    assert (await read_page(app_client, other, f"/app/entitlements/{held}")).status_code == 404
    assert (await Entitlement.get(id=held)).state == "issued"


@pytest.mark.parametrize("identity", ["1", "not-an-id", "' OR 1=1 --"])
async def test_what_is_no_id_is_not_there(app_client: httpx.AsyncClient, wang: Caller, identity: str) -> None:
    assert (await get(app_client, wang, f"/entitlements/{identity}")).status_code == 404


async def test_the_code_names_the_entitlement_and_nothing_of_the_person(
    app_client: httpx.AsyncClient, runtime: Runtime, wang: Caller, held: UUID, clock: FixedClock
) -> None:
    shown = (await get(app_client, wang, f"/entitlements/{held}/qr")).json()
    row = await Entitlement.get(id=held)
    assert read_code(runtime.keys, shown["token"], now=clock.now()) == row.code
    assert shown["svg"].startswith("<svg")
    assert shown["expires_at"] == (clock.now() + timedelta(seconds=120)).isoformat().replace("+00:00", "Z")
    assert str(wang.id) not in shown["token"]


async def test_giving_back_returns_the_unit_once(app_client: httpx.AsyncClient, wang: Caller, held: UUID) -> None:
    answer = await ask(app_client, wang, f"/api/v1/entitlements/{held}/cancel")
    assert (answer.status_code, answer.json()["state"]) == (200, "cancelled")
    assert {row.used for row in await Quota.filter(scenario="travel")} == {0}
    again = await ask(app_client, wang, f"/api/v1/entitlements/{held}/cancel")
    assert (again.status_code, problem_code(again)) == (409, "transition_forbidden")
    assert {row.used for row in await Quota.filter(scenario="travel")} == {0}
    assert (await claim(app_client, wang, "travel")).status_code == 201


@pytest.mark.parametrize("event", ["cancel", "withdraw", "suspend", "expire"])
async def test_what_is_not_usable_shows_no_code(
    app_client: httpx.AsyncClient, wang: Caller, held: UUID, clock: FixedClock, event: str
) -> None:
    await change_entitlement(held, event, actor="test", at=clock.now())
    answer = await get(app_client, wang, f"/entitlements/{held}/qr")
    assert (answer.status_code, problem_code(answer)) == (409, "not_usable")


async def test_past_its_validity_it_shows_no_code_even_before_the_sweep(
    app_client: httpx.AsyncClient, runtime: Runtime, wang: Caller, held: UUID, clock: FixedClock
) -> None:
    clock.advance(timedelta(days=30))
    answer = await get(app_client, signed_in_anew(runtime, wang), f"/entitlements/{held}/qr")
    assert (answer.status_code, problem_code(answer), answer.json()["state"]) == (409, "not_usable", "expired")
    assert await expire_due(clock.now()) == 1
    assert await expire_due(clock.now()) == 0
    row = await Entitlement.get(id=held)
    assert (row.state, row.ended_at) == ("expired", clock.now())


async def test_each_change_is_audited_and_told_to_its_holder(
    app_client: httpx.AsyncClient, wang: Caller, held: UUID
) -> None:
    await ask(app_client, wang, f"/api/v1/entitlements/{held}/cancel")
    acts = await AuditEntry.filter(object_id=str(held)).order_by("at", "id").values_list("action", flat=True)
    assert sorted(str(act) for act in acts) == ["entitlement.cancel", "entitlement.issued"]
    news = await OutboxEvent.filter(audience=f"resident:{wang.id}").values_list("topic", flat=True)
    assert {"entitlement.issued", "entitlement.cancelled"} <= set(news)


async def test_the_pages_show_the_code_and_give_it_back(
    app_client: httpx.AsyncClient, wang: Caller, held: UUID
) -> None:
    listed = await read_page(app_client, wang, "/app/entitlements")
    assert "信易游" in listed.text
    row = await Entitlement.get(id=held)
    shown = await read_page(app_client, wang, f"/app/entitlements/{held}")
    assert f"{row.code[:4]}-{row.code[4:8]}-{row.code[8:]}" in shown.text
    assert '<path d="M' in shown.text
    answer = await post_form(app_client, wang, f"/app/entitlements/{held}/cancel")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/app/entitlements/{held}")
    assert '<path d="M' not in (await read_page(app_client, wang, f"/app/entitlements/{held}")).text


async def test_two_sweeps_at_once_end_each_entitlement_once(
    app_client: httpx.AsyncClient, wang: Caller, held: UUID, clock: FixedClock
) -> None:
    await claim(app_client, wang, "bookshop")
    later = clock.now() + timedelta(days=31)
    assert sum(await asyncio.gather(*(expire_due(later) for _ in range(3)))) == 2
    row = await Entitlement.get(id=held)
    assert await balance_of(row.quota_id) == {"pool": -1, "resident": 0, "expired": 1}
    assert await AuditEntry.filter(action="entitlement.expire").count() == 2
