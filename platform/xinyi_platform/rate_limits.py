"""Rate limits: so many times in so many seconds, counted atomically over all processes that share a cache.

What anybody may ask is counted by caller, with a cap over all callers far above: one who asks too much shuts out
nobody else, and many together do not wear the platform down.
"""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Any

from litestar.connection import ASGIConnection

from xinyi_platform.cache import Cache
from xinyi_platform.errors import TooManyRequests

if TYPE_CHECKING:
    from xinyi_platform.runtime import Runtime

_LONGEST = 64
_IPV6_NETWORK = 64  # what one connection is given; an address in it is the caller's own choice
Connection = ASGIConnection[Any, Any, Any, Any]


async def limit(cache: Cache, name: str, *, times: int, per_seconds: int) -> None:
    """Count one act under a name. Raises TooManyRequests (429) past `times` within the window."""
    if await cache.count(f"limit:{name}", ttl_seconds=per_seconds) > times:
        raise TooManyRequests(retry_after_seconds=per_seconds)


async def limit_caller(connection: Connection, name: str, *, times: int, overall: int, per_seconds: int) -> None:
    """Count one act under a name, by caller and over all. Raises TooManyRequests (429).

    What is refused to a caller does not count towards `overall`.
    """
    runtime: Runtime = connection.app.state.runtime
    await limit(runtime.cache, f"{name}:{client_of(connection)}", times=times, per_seconds=per_seconds)
    await limit(runtime.cache, name, times=overall, per_seconds=per_seconds)


def client_of(connection: Connection) -> str:
    """Return where a request comes from: its address, of IPv6 the network, as the city's proxy tells it where one does.

    Only the last address of the header counts, the one that the nearest proxy has seen itself.
    """
    runtime: Runtime = connection.app.state.runtime
    wanted, told = runtime.settings.client_header, ""
    if wanted:
        told = connection.headers.get(wanted, "").rpartition(",")[2].strip()
    found = told or (connection.client.host if connection.client else "unknown")
    try:
        address = ipaddress.ip_address(found)
    except ValueError:
        return found[:_LONGEST]
    if address.version == 6:
        return str(ipaddress.ip_network((address, _IPV6_NETWORK), strict=False))
    return str(address)
