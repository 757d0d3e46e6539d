"""Changes of scenes against running claims, through real server processes on PostgreSQL."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from support.crowd import Reply, claim_request, count_statuses, get_request, make_crowd, send_all, set_quota
from support.databases import PostgresDatabases
from support.instance import Instance
from support.offices import approve, propose
from support.people import Caller

from xinyi_platform.app import all_features, model_modules
from xinyi_platform.clock import SystemClock, local_date
from xinyi_platform.database import connect_database
from xinyi_platform.identity import create_account
from xinyi_platform.identity.sessions import cookie_name, open_session
from xinyi_platform.keys import KeyRing
from xinyi_platform.principals import Role
from xinyi_scenarios.entitlements.models import Entitlement
from xinyi_scenarios.manifests import load_catalogue
from xinyi_scenarios.requirements.checking import check_table

pytestmark = [pytest.mark.race, pytest.mark.timeout(300)]
SLUG = "travel"


async def an_officer(keys: KeyRing, name: str, role: Role) -> Caller:
    now = SystemClock().now()
    identity, _ = await create_account(
        keys, kind="staff", username=name, password="a long demo password", display_name=name, person=name, at=now,
        roles=[role.value], division="410600",
    )  # fmt: skip
    session = await open_session("console", identity, now=now)
    return Caller(name, identity, None, {cookie_name("console"): session})


async def count_given(database_url: str) -> int:
    async with connect_database(database_url, model_modules(all_features())):
        return await Entitlement.filter(scenario=SLUG).count()


async def officers(database_url: str, keys: KeyRing) -> tuple[Caller, Caller]:
    async with connect_database(database_url, model_modules(all_features())):
        return (
            await an_officer(keys, "lin", Role.CREDIT_OFFICE),
            await an_officer(keys, "xu", Role.REVIEWER),
        )


def test_after_the_answer_to_a_switch_off_no_process_grants_a_claim(
    postgres_databases: PostgresDatabases, redis_url: str, tmp_path: Path
) -> None:
    database_url = postgres_databases.fresh()
    with Instance(tmp_path, database_url, redis_url=redis_url, workers=2) as instance:
        tokens = make_crowd(database_url, instance.keys, 3_000)
        set_quota(database_url, SLUG, "month", 3_000)
        lin, xu = asyncio.run(officers(database_url, instance.keys))
        instance.start_server()

        def claims(first: int, last: int) -> Any:
            requests = [claim_request(SLUG, token, f"off-{n}") for n, token in enumerate(tokens[first:last], first)]
            return send_all(instance.port, requests, connections=40)

        async def switch_off_in_a_rush() -> tuple[list[Reply], int, list[Reply]]:
            async with httpx.AsyncClient(base_url=instance.url, timeout=30) as client:
                change = await propose(client, lin, SLUG, "switch", on=False)
                rush = asyncio.create_task(claims(0, 2_500))
                for _ in range(200):
                    if await count_given(database_url):
                        break
                    await asyncio.sleep(0.05)
                assert not rush.done()
                answer = await approve(client, xu, change)
                assert answer.status_code == 200, answer.text
            given = await count_given(database_url)
            return await rush, given, await claims(2_500, 3_000)

        rushed, given, after = asyncio.run(switch_off_in_a_rush())
        assert count_statuses(after) == {409: 500}
        assert asyncio.run(count_given(database_url)) == given
        granted = count_statuses(rushed)
        assert granted == {201: given, 409: 2_500 - given}, {reply.body for reply in rushed if reply.status != 201}
        assert 0 < given < 2_500


def test_every_process_sees_a_new_version_within_two_seconds(
    postgres_databases: PostgresDatabases, redis_url: str, tmp_path: Path
) -> None:
    database_url = postgres_databases.fresh()
    for feature in all_features():
        feature.register_types()
    written = load_catalogue(check_table).get(SLUG).written()
    today = local_date(SystemClock().now()).isoformat()
    with Instance(tmp_path, database_url, redis_url=redis_url, workers=2) as instance:
        lin, xu = asyncio.run(officers(database_url, instance.keys))
        instance.start_server()

        async def approve_and_look() -> list[Reply]:
            async with httpx.AsyncClient(base_url=instance.url, timeout=30) as client:
                manifest = {**written, "opens_on": today, "closes_on": None}
                manifest["quota"] = {**manifest["quota"], "total": 4_321}
                manifest["gives"] = {**manifest["gives"], "percent_off": 21}
                change = await propose(client, lin, SLUG, "versions", manifest=msgspec.to_builtins(manifest))
                assert (await approve(client, xu, change)).status_code == 200
            await asyncio.sleep(2)
            looks = [get_request(f"/api/v1/scenarios/{SLUG}")] * 200
            return await send_all(instance.port, looks, connections=50)

        replies = asyncio.run(approve_and_look())
        assert {reply.status for reply in replies} == {200}
        assert all(b'"version":2' in reply.body for reply in replies)
