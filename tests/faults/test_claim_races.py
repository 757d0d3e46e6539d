"""A rush on one quota through real server processes: exact, no server error, and no acknowledged claim lost."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from support.crowd import Reply, claim_request, count_statuses, make_crowd, send_all, set_quota
from support.databases import PostgresDatabases, SqliteDatabases
from support.instance import Instance

from xinyi_platform.app import all_features, model_modules
from xinyi_platform.database import connect_database
from xinyi_platform.idempotency import IdempotencyRecord
from xinyi_scenarios.entitlements.models import Entitlement
from xinyi_scenarios.ledger import balance_of
from xinyi_scenarios.quotas.models import Quota

pytestmark = [pytest.mark.race, pytest.mark.timeout(400)]
SLUG = "travel"


def rush(instance: Instance, tokens: list[str], *, connections: int, tries: int = 1) -> list[Reply]:
    """Let everybody claim once, with a key each."""
    requests = [claim_request(SLUG, token, f"rush-{n}") for n, token in enumerate(tokens)]
    return asyncio.run(send_all(instance.port, requests, connections=connections, tries=tries))


def books(database_url: str, quota_id: UUID) -> dict[str, Any]:
    """Return what the database says of a quota after the rush."""

    async def read() -> dict[str, Any]:
        async with connect_database(database_url, model_modules(all_features())):
            held = await Entitlement.filter(quota_id=quota_id).values_list("id", "resident_id")
            return {
                "used": (await Quota.get(id=quota_id)).used,
                "ids": {str(identity) for identity, _ in held},
                "residents": len({resident for _, resident in held}),
                "answers": await IdempotencyRecord.all().count(),
                "balance": await balance_of(quota_id),
            }

    return asyncio.run(read())


def require_exact(replies: list[Reply], after: dict[str, Any], total: int) -> None:
    assert count_statuses(replies) == {201: total, 409: len(replies) - total}
    acknowledged = {json.loads(reply.body)["id"] for reply in replies if reply.status == 201}
    assert after["ids"] == acknowledged
    assert after["used"] == after["residents"] == after["answers"] == total
    assert after["balance"] == {"pool": -total, "resident": total}


def test_a_thousand_units_under_twenty_thousand_claims_on_two_workers(
    postgres_databases: PostgresDatabases, redis_url: str, tmp_path: Path
) -> None:
    database_url = postgres_databases.fresh()
    with Instance(tmp_path, database_url, redis_url=redis_url, workers=2) as instance:
        tokens = make_crowd(database_url, instance.keys, 20_000)
        quota_id = set_quota(database_url, SLUG, "month", 1_000)
        instance.start_server()
        replies = rush(instance, tokens, connections=200)
        require_exact(replies, books(database_url, quota_id), 1_000)


def test_two_hundred_units_under_four_thousand_claims_on_sqlite(
    sqlite_databases: SqliteDatabases, tmp_path: Path
) -> None:
    database_url = sqlite_databases.fresh()
    with Instance(tmp_path, database_url) as instance:
        tokens = make_crowd(database_url, instance.keys, 4_000)
        quota_id = set_quota(database_url, SLUG, "month", 200)
        instance.start_server()
        replies = rush(instance, tokens, connections=100)
        require_exact(replies, books(database_url, quota_id), 200)


def test_a_killed_worker_loses_no_acknowledged_claim(
    postgres_databases: PostgresDatabases, redis_url: str, tmp_path: Path
) -> None:
    """With limits inside limits: the day runs out before the month, one district before the other."""
    database_url = postgres_databases.fresh()
    with Instance(tmp_path, database_url, redis_url=redis_url, workers=2) as instance:
        tokens = make_crowd(database_url, instance.keys, 6_000)
        quota_id = set_quota(database_url, SLUG, "month", 5_000, day=4_000, district=2_200)
        instance.start_server()

        async def rush_and_kill() -> list[Reply]:
            requests = [claim_request(SLUG, token, f"rush-{n}") for n, token in enumerate(tokens)]
            sending = asyncio.create_task(send_all(instance.port, requests, connections=100, tries=200))
            await asyncio.sleep(0.7)
            assert not sending.done()
            instance.kill_worker()
            return await sending

        replies = asyncio.run(rush_and_kill())
        require_exact(replies, books(database_url, quota_id), 4_000)
        assert asyncio.run(used_by_district(database_url)) == 4_000


async def used_by_district(database_url: str) -> int:
    """Return what the districts used together, each within its share and in step with its books."""
    async with connect_database(database_url, model_modules(all_features())):
        rows = await Quota.filter(scenario=SLUG, measure="units", scope__startswith="district:")
        assert [row.used <= row.total == 2_200 for row in rows] == [True, True]
        for row in await Quota.filter(scenario=SLUG):
            assert row.used == -(await balance_of(row.id)).get("pool", 0)
        return sum(row.used for row in rows)
