"""Rate limits: so many times in so many seconds, counted atomically over all processes that share a cache."""

from __future__ import annotations

from xinyi_platform.cache import Cache
from xinyi_platform.errors import TooManyRequests


async def limit(cache: Cache, name: str, *, times: int, per_seconds: int) -> None:
    """Count one act under a name. Raises TooManyRequests (429) past `times` within the window."""
    if await cache.count(f"limit:{name}", ttl_seconds=per_seconds) > times:
        raise TooManyRequests(retry_after_seconds=per_seconds)
