"""Cache and counters shared by processes: in memory by default, in Redis or Valkey when named.

Losing it makes the platform slower, never wrong: a failing Redis reads as a miss and a count of one, is logged
once a minute, and nothing that must be exact may rest on it.
"""

from __future__ import annotations

import time
from typing import Protocol

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)
_MEMORY_LIMIT = 50_000


class Cache(Protocol):
    """Bytes under names, each with a time to live in seconds."""

    async def get(self, name: str) -> bytes | None: ...

    async def get_near(self, name: str, *, seconds: float) -> bytes | None:
        """Return a value that may have been deleted or replaced up to `seconds` ago by another process."""
        ...

    async def set(self, name: str, value: bytes, *, ttl_seconds: float) -> None: ...
    async def delete(self, *names: str) -> None: ...

    async def count(self, name: str, *, ttl_seconds: float) -> int:
        """Add one to a counter and return it; the first count starts its time to live. Atomic over processes."""
        ...

    async def close(self) -> None: ...


class MemoryCache:
    """One process's cache. Expired names go when they are met or when the cache is full."""

    def __init__(self) -> None:
        self._values: dict[str, tuple[float, bytes]] = {}
        self._counts: dict[str, tuple[float, int]] = {}

    async def get(self, name: str) -> bytes | None:
        held = self._values.get(name)
        if held is None or held[0] <= time.monotonic():
            self._values.pop(name, None)
            return None
        return held[1]

    async def get_near(self, name: str, *, seconds: float) -> bytes | None:
        return await self.get(name)

    async def set(self, name: str, value: bytes, *, ttl_seconds: float) -> None:
        if len(self._values) >= _MEMORY_LIMIT:
            self._sweep()
        self._values[name] = (time.monotonic() + ttl_seconds, value)

    async def delete(self, *names: str) -> None:
        for name in names:
            self._values.pop(name, None)
            self._counts.pop(name, None)

    async def count(self, name: str, *, ttl_seconds: float) -> int:
        now = time.monotonic()
        expires, held = self._counts.get(name, (0.0, 0))
        if expires <= now:
            if len(self._counts) >= _MEMORY_LIMIT:
                self._sweep()
            expires, held = now + ttl_seconds, 0
        self._counts[name] = (expires, held + 1)
        return held + 1

    async def close(self) -> None:
        self._values.clear()
        self._counts.clear()

    def _sweep(self) -> None:
        now = time.monotonic()
        self._values = {name: held for name, held in self._values.items() if held[0] > now}
        self._counts = {name: held for name, held in self._counts.items() if held[0] > now}
        if len(self._values) >= _MEMORY_LIMIT:
            self._values.clear()


class RedisCache:
    """A cache in Redis or Valkey. Every failure reads as a miss."""

    def __init__(self, url: str, *, patience_seconds: float = 0.5) -> None:
        self._redis: Redis = Redis.from_url(
            url, socket_timeout=patience_seconds, socket_connect_timeout=patience_seconds
        )
        self._quiet_until = 0.0
        self._near = MemoryCache()

    async def get_near(self, name: str, *, seconds: float) -> bytes | None:
        value = await self._near.get(name)
        if value is None:
            value = await self.get(name)
            if value is not None:
                await self._near.set(name, value, ttl_seconds=seconds)
        return value

    async def get(self, name: str) -> bytes | None:
        try:
            value = await self._redis.get(name)
        except (RedisError, OSError) as error:
            self._warn(error)
            return None
        return value if isinstance(value, bytes) else None

    async def set(self, name: str, value: bytes, *, ttl_seconds: float) -> None:
        try:
            await self._redis.set(name, value, px=max(int(ttl_seconds * 1000), 1))
        except (RedisError, OSError) as error:
            self._warn(error)

    async def delete(self, *names: str) -> None:
        await self._near.delete(*names)
        try:
            await self._redis.delete(*names)
        except (RedisError, OSError) as error:
            self._warn(error)

    async def count(self, name: str, *, ttl_seconds: float) -> int:
        try:
            async with self._redis.pipeline(transaction=True) as pipe:
                pipe.set(name, 0, px=max(int(ttl_seconds * 1000), 1), nx=True)
                pipe.incr(name)
                return int((await pipe.execute())[1])
        except (RedisError, OSError) as error:
            self._warn(error)
            return 1

    async def close(self) -> None:
        await self._redis.aclose()

    def _warn(self, error: Exception) -> None:
        if time.monotonic() >= self._quiet_until:
            self._quiet_until = time.monotonic() + 60
            log.warning("cache_unavailable", error=type(error).__name__)


def connect_cache(redis_url: str) -> Cache:
    """Return the cache that an address names: Redis or Valkey, or this process's memory when it is empty."""
    return RedisCache(redis_url) if redis_url else MemoryCache()
