"""What anybody may ask is counted by caller: who asks too much shuts out nobody else."""

from __future__ import annotations

from dataclasses import replace

import httpx
import pytest
from litestar import Litestar

from xinyi_platform.runtime import Runtime

pytestmark = pytest.mark.anyio
SEARCH = "/api/v1/honor-lists/search"
WHO = {"name": "王小丽", "last_four": "0001"}


def client_at(app: Litestar, address: str) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=app, client=(address, 1))
    return httpx.AsyncClient(transport=transport, base_url="http://city.test")


async def search(client: httpx.AsyncClient, **headers: str) -> int:
    return (await client.post(SEARCH, json=WHO, headers=headers)).status_code


async def exhaust(client: httpx.AsyncClient, **headers: str) -> None:
    for _ in range(60):
        assert await search(client, **headers) == 200
    assert await search(client, **headers) == 429


async def test_one_caller_past_the_limit_locks_nobody_else_out(app: Litestar, database_url: str) -> None:
    async with client_at(app, "203.0.113.7") as busy, client_at(app, "203.0.113.8") as other:
        await exhaust(busy)
        assert await search(other) == 200


async def test_a_snapshot_is_limited_by_caller_too(app: Litestar, database_url: str) -> None:
    path = "/api/v1/honor-list-snapshots/red-good-neighbour"
    async with client_at(app, "203.0.113.7") as busy, client_at(app, "203.0.113.8") as other:
        answers = {(await busy.get(path)).status_code for _ in range(61)}
        assert answers == {200, 429}
        assert (await other.get(path)).status_code == 200


async def test_addresses_of_one_ipv6_network_are_one_caller(app: Litestar, database_url: str) -> None:
    async with (
        client_at(app, "2001:db8:1:2::7") as busy,
        client_at(app, "2001:db8:1:2::8") as same,
        client_at(app, "2001:db8:1:3::7") as other,
    ):
        await exhaust(busy)
        assert await search(same) == 429
        assert await search(other) == 200


async def test_behind_a_proxy_the_caller_is_the_one_that_it_has_seen(app: Litestar, runtime: Runtime) -> None:
    """What a caller wrote into the header herself stands before what the proxy appends."""
    runtime.settings = replace(runtime.settings, client_header="x-forwarded-for")
    async with client_at(app, "10.0.0.1") as proxy:
        await exhaust(proxy, **{"x-forwarded-for": "203.0.113.7"})
        forged = {"x-forwarded-for": "198.51.100.1, 203.0.113.7"}
        assert await search(proxy, **forged) == 429
        assert await search(proxy, **{"x-forwarded-for": "203.0.113.8"}) == 200


async def test_without_a_proxy_in_the_settings_the_header_says_nothing(app: Litestar, database_url: str) -> None:
    async with client_at(app, "203.0.113.7") as busy:
        await exhaust(busy)
        assert await search(busy, **{"x-forwarded-for": "203.0.113.9"}) == 429


async def test_all_callers_together_have_a_cap(app: Litestar, runtime: Runtime) -> None:
    times = 3
    for _ in range(6_000 - times):
        await runtime.cache.count("limit:honor-search", ttl_seconds=60)
    answers = []
    for number in range(times + 1):
        async with client_at(app, f"203.0.113.{number}") as client:
            answers.append(await search(client))
    assert answers == [*[200] * times, 429]
