"""Open the database by its address and hand out transactions."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from tortoise import Tortoise
from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.connection import get_connection
from tortoise.transactions import in_transaction

CONNECTION = "default"
Act = Callable[[], Awaitable[None]]
_acts_after: ContextVar[list[Act] | None] = ContextVar("acts_after", default=None)
_SQLITE_PRAGMAS = {"journal_mode": "WAL", "synchronous": "FULL", "foreign_keys": "ON", "busy_timeout": 10_000}


def tortoise_config(database_url: str, models: Sequence[str], *, pool_size: int = 16) -> dict[str, Any]:
    """Return Tortoise's configuration for an address and the modules that hold models.

    `sqlite://PATH` (relative or absolute) or `postgres://user:password@host:port/name`, where
    `?host=/run/postgresql` names a socket's folder.
    """
    return {
        "connections": {CONNECTION: _connection(database_url, pool_size)},
        "apps": {"models": {"models": list(models), "default_connection": CONNECTION}},
        "use_tz": True,
        "timezone": "UTC",
    }


def _connection(database_url: str, pool_size: int) -> dict[str, Any]:
    scheme, _, rest = database_url.partition("://")
    if scheme == "sqlite":
        Path(rest).parent.mkdir(parents=True, exist_ok=True)
        return {"engine": "xinyi_platform.database.sqlite", "credentials": {"file_path": rest, **_SQLITE_PRAGMAS}}
    parts = urlsplit(database_url)
    query = dict(pair.split("=", 1) for pair in parts.query.split("&") if "=" in pair)
    return {
        "engine": "tortoise.backends.asyncpg",
        "credentials": {
            "host": unquote(query.get("host", "")) or parts.hostname,
            "port": parts.port or int(query.get("port", "5432")),
            "user": unquote(parts.username or "postgres"),
            "password": unquote(parts.password or ""),
            "database": parts.path.lstrip("/"),
            "minsize": 1,
            "maxsize": pool_size,
        },
    }


@asynccontextmanager
async def connect_database(database_url: str, models: Sequence[str], *, pool_size: int = 16) -> AsyncIterator[None]:
    """Hold the database open. Works under a server, where requests run in other contexts than the start."""
    config = tortoise_config(database_url, models, pool_size=pool_size)
    context = await Tortoise.init(config=config, _enable_global_fallback=True)
    try:
        yield
    finally:
        await context.close_connections()


def current_connection() -> BaseDBAsyncClient:
    """Return the connection of the running transaction, or the pool's where none runs."""
    return get_connection(CONNECTION)


def is_postgres() -> bool:
    """Tell whether the open database is PostgreSQL."""
    return current_connection().capabilities.dialect == "postgres"


@asynccontextmanager
async def transaction() -> AsyncIterator[BaseDBAsyncClient]:
    """Run the block in one transaction; inside another one it is a savepoint.

    READ COMMITTED on PostgreSQL, BEGIN IMMEDIATE on SQLite. Inside: no network, no gather, hot rows last.
    """
    outer = _acts_after.get()
    acts: list[Act] = []
    token = _acts_after.set(acts)
    try:
        async with in_transaction(CONNECTION) as connection:
            yield connection
    finally:
        _acts_after.reset(token)
    if outer is not None:
        outer += acts
        return
    for act in acts:
        await act()


async def after_commit(act: Act) -> None:
    """Do something that others must not see before the running transaction's effects; at once where none runs.

    For what may be done twice or not at all, like letting a cached copy go. Nothing is done after a rollback.
    """
    acts = _acts_after.get()
    if acts is None:
        await act()
    else:
        acts.append(act)
