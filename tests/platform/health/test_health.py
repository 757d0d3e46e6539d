"""Live while the process answers, ready while its database does."""

from __future__ import annotations

import httpx
import pytest
from litestar import Litestar
from tortoise.connection import get_connection

from xinyi_platform.bureau.simulator import Simulator
from xinyi_platform.cache import RedisCache
from xinyi_platform.database import is_postgres
from xinyi_platform.runtime import Runtime

pytestmark = pytest.mark.anyio


async def test_a_well_instance_is_live_and_ready(app_client: httpx.AsyncClient) -> None:
    for path in ("/health/live", "/health/ready"):
        answer = await app_client.get(path)
        assert (answer.status_code, answer.json()) == (200, {"status": "ok", "part": None})


async def test_without_its_database_it_is_live_and_not_ready(app: Litestar, app_client: httpx.AsyncClient) -> None:
    connection = get_connection("default")
    await connection.close()
    if is_postgres():
        connection._connection, connection.create_connection = None, _gone  # type: ignore[attr-defined,method-assign]
    else:
        connection.filename = "/no/such/folder/city.sqlite3"  # type: ignore[attr-defined]
    assert (await app_client.get("/health/live")).status_code == 200
    answer = await app_client.get("/health/ready")
    assert (answer.status_code, answer.json()) == (503, {"status": "unavailable", "part": "database"})


async def _gone(with_db: bool) -> None:
    raise ConnectionRefusedError


async def test_a_silent_bureau_and_a_lost_redis_leave_it_ready(
    app_client: httpx.AsyncClient, runtime: Runtime, bureau: Simulator
) -> None:
    bureau.mode = "down"
    runtime.cache = RedisCache("redis://127.0.0.1:1/0")
    assert (await app_client.get("/health/ready")).status_code == 200
