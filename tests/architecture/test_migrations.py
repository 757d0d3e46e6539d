"""The schema's way up, down and up again, on both databases, and its fit to the models."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from support.databases import PostgresDatabases, SqliteDatabases, run_apart
from tortoise.backends.base.client import BaseDBAsyncClient

from xinyi_platform import migrations
from xinyi_platform.cli import main
from xinyi_platform.database import connect_database, current_connection, is_postgres, revisions


@pytest.fixture(params=["sqlite", "postgres"])
def empty_database_url(request: pytest.FixtureRequest, models: list[str]) -> Iterator[str]:
    """The address of a database with nothing in it."""
    chosen = request.config.getoption("--backend")
    if chosen not in (request.param, "both"):
        pytest.skip(f"only {chosen} was asked for")
    if request.param == "sqlite":
        files = SqliteDatabases(models, empty=True)
        yield files.fresh()
        files.close()
        return
    server: PostgresDatabases = request.getfixturevalue("postgres_databases")
    address = server.fresh(empty=True)
    yield address
    server.drop(address)


def tables_of(database_url: str, models: list[str]) -> set[str]:
    """Return the tables that a database has."""
    found: set[str] = set()

    async def read() -> None:
        async with connect_database(database_url, models):
            found.update(await _tables(current_connection()))

    run_apart(read)
    return found


async def _tables(connection: BaseDBAsyncClient) -> set[str]:
    query = (
        "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'"
        if is_postgres()
        else "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    )
    return {str(row["name"]) for row in await connection.execute_query_dict(query)}


def test_up_down_and_up_again(empty_database_url: str, models: list[str]) -> None:
    migrations.upgrade(empty_database_url, models)
    laid = tables_of(empty_database_url, models)
    assert len(laid) > 20
    assert migrations.differences(empty_database_url, models) is None
    migrations.downgrade(empty_database_url, models, to="base")
    assert tables_of(empty_database_url, models) == {"alembic_version"}
    migrations.upgrade(empty_database_url, models)
    assert tables_of(empty_database_url, models) == laid
    assert migrations.differences(empty_database_url, models) is None


def test_every_revision_goes_down_and_up_by_itself(empty_database_url: str, models: list[str]) -> None:
    migrations.upgrade(empty_database_url, models)
    for revision in migrations.revisions():
        migrations.downgrade(empty_database_url, models, to=revision.down_revision or "base")
    for revision in reversed(migrations.revisions()):
        migrations.upgrade(empty_database_url, models, to=revision.revision)
    assert migrations.differences(empty_database_url, models) is None


def test_up_twice_changes_nothing(empty_database_url: str, models: list[str]) -> None:
    migrations.upgrade(empty_database_url, models)
    migrations.upgrade(empty_database_url, models)
    assert migrations.differences(empty_database_url, models) is None


def test_a_missing_table_is_told(empty_database_url: str, models: list[str]) -> None:
    migrations.upgrade(empty_database_url, models)

    async def drop() -> None:
        async with connect_database(empty_database_url, models):
            await current_connection().execute_script("DROP TABLE job_lease")

    run_apart(drop)
    assert "job_lease" in (migrations.differences(empty_database_url, models) or "")


def test_a_missing_check_is_told(empty_database_url: str, models: list[str]) -> None:
    """Autogenerate compares CHECK constraints by their names."""
    if empty_database_url.startswith("sqlite"):
        pytest.skip("SQLite cannot drop a constraint")
    migrations.upgrade(empty_database_url, models)

    async def drop() -> None:
        async with connect_database(empty_database_url, models):
            await current_connection().execute_script("ALTER TABLE account DROP CONSTRAINT ck_account_kind")

    run_apart(drop)
    assert "ck_account_kind" in (migrations.differences(empty_database_url, models) or "")


def test_the_sql_can_be_read_without_a_database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XINYI_DATABASE_URL", "postgres://nobody@nowhere/none")
    answer = CliRunner().invoke(main, ["migrate", "up", "--sql"])
    assert answer.exit_code == 0
    assert "CREATE TABLE audit_entry" in answer.output
    assert "CONSTRAINT ck_quota_used_within_total CHECK (used >= 0 AND used <= total)" in answer.output


def test_the_sql_for_sqlite_is_refused_with_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    """It rebuilds tables from what it finds in them, which nobody can write down beforehand."""
    monkeypatch.setenv("XINYI_DATABASE_URL", "sqlite:///tmp/none.sqlite3")
    answer = CliRunner().invoke(main, ["migrate", "up", "--sql"])
    assert answer.exit_code == 1
    assert "set XINYI_DATABASE_URL to a PostgreSQL" in answer.output


def test_revisions_are_one_line_of_numbers() -> None:
    numbers = [revision.revision for revision in reversed(migrations.revisions())]
    assert numbers == [f"{place:04d}" for place in range(1, len(numbers) + 1)]
    assert migrations.next_number() == f"{len(numbers) + 1:04d}"


def test_an_installation_without_its_revisions_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lonely = tmp_path / "xinyi_platform" / "database" / "revisions.py"
    lonely.parent.mkdir(parents=True)
    shutil.copy(revisions.__file__, lonely)
    monkeypatch.setattr(revisions, "__file__", str(lonely))
    with pytest.raises(revisions.MigrationError, match=r"alembic/ with env\.py is missing"):
        revisions.alembic_folder()
