"""Every CHECK and every unique constraint stands in the database, shown by violating it with plain SQL.

Autogenerate compares CHECK constraints by name only and few partial indexes, so each one is tried by hand. A new
constraint without a row here fails the walk.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from bridge import draw_metadata
from support.loading import model_modules
from support.violations import VIOLATIONS, valid_row
from tortoise.exceptions import IntegrityError

from xinyi_platform.database import connect_database, current_connection, is_postgres

pytestmark = pytest.mark.anyio

METADATA = draw_metadata(model_modules())
CHECKS = {
    str(constraint.name): table
    for table in METADATA.tables.values()
    for constraint in table.constraints
    if isinstance(constraint, sa.CheckConstraint)
}
UNIQUES: dict[str, tuple[sa.Table, tuple[str, ...]]] = {
    str(found.name): (table, tuple(column.name for column in found.columns))
    for table in METADATA.tables.values()
    for found in [*(c for c in table.constraints if isinstance(c, sa.UniqueConstraint)), *table.indexes]
    if not isinstance(found, sa.Index) or found.unique
}


async def insert(table: sa.Table, row: dict[str, Any]) -> None:
    """Insert a row past the models, with foreign keys off: only the constraint is asked."""
    names = list(row)
    columns = ", ".join(f'"{name}"' for name in names)
    marks = ", ".join(f"${place}" if is_postgres() else "?" for place in range(1, len(names) + 1))
    values = [_bound(table.c[name], row[name]) for name in names]
    await current_connection().execute_insert(f'INSERT INTO "{table.name}" ({columns}) VALUES ({marks})', values)


def _bound(column: sa.Column[Any], value: Any) -> Any:
    if is_postgres() or not isinstance(value, (datetime, date)):
        return value
    return value.isoformat(" ") if isinstance(value, datetime) else value.isoformat()


@pytest.fixture
async def open_database(database_url: str, models: list[str]) -> Any:
    async with connect_database(database_url, models):
        if is_postgres():
            # Triggers are what PostgreSQL checks foreign keys by.
            await current_connection().execute_script(
                "DO $$ DECLARE r record; BEGIN FOR r IN SELECT conrelid::regclass AS t, conname FROM pg_constraint "
                "WHERE contype = 'f' LOOP EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', r.t, r.conname); "
                "END LOOP; END $$"
            )
        else:
            await current_connection().execute_script("PRAGMA foreign_keys = OFF")
        yield


def test_no_unique_index_is_partial() -> None:
    """A `slot` column stands for the condition, so that both databases hold it alike; a partial one needs its test."""
    partial = [
        index.name
        for table in METADATA.tables.values()
        for index in table.indexes
        if index.unique and index.dialect_options["sqlite"]["where"] is not None
    ]
    assert not partial


def test_every_check_has_a_row_that_violates_it() -> None:
    assert set(VIOLATIONS) == set(CHECKS)


async def test_a_valid_row_of_every_table_goes_in(open_database: None) -> None:
    for table in METADATA.tables.values():
        await insert(table, valid_row(table))


@pytest.mark.parametrize("name", sorted(VIOLATIONS))
async def test_a_check_refuses(name: str, open_database: None) -> None:
    table = CHECKS[name]
    for change in _changes(VIOLATIONS[name]):
        with pytest.raises(IntegrityError) as refused:
            await insert(table, valid_row(table) | change)
        assert name in str(refused.value)


def _changes(given: dict[str, Any] | list[dict[str, Any]]) -> Iterable[dict[str, Any]]:
    return given if isinstance(given, list) else [given]


@pytest.mark.parametrize("name", sorted(UNIQUES))
async def test_a_unique_constraint_refuses_the_second_row(name: str, open_database: None) -> None:
    """Two rows that differ in everything else."""
    table, columns = UNIQUES[name]
    first = valid_row(table)
    given = {column: _filled(table.c[column], first[column]) for column in columns}
    await insert(table, first | given)
    with pytest.raises(IntegrityError) as refused:
        await insert(table, valid_row(table) | given)
    assert name in str(refused.value) or f"{table.name}.{columns[-1]}" in str(refused.value)


def _filled(column: sa.Column[Any], value: Any) -> Any:
    """Return the value, or one for a column that may be empty: NULL is like no other NULL."""
    if value is not None:
        return value
    if isinstance(column.type, sa.Integer):
        return 7
    if isinstance(column.type, sa.DateTime):
        return datetime(2026, 1, 1, tzinfo=UTC)
    return "given"
