"""Insert many rows of one model by one statement, and learn which of them went in; or stream very many.

Tortoise's `bulk_create` cannot say which rows a conflict left out, which is what decides a race in a group of
claims. The SQL is drawn from the model's own fields, so that a column is named in one place only.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
from tortoise import Model, fields
from tortoise.exceptions import IntegrityError, OperationalError

from xinyi_platform.database.connection import current_connection, is_postgres

_POSTGRES_TYPES: dict[type[fields.Field[Any]], str] = {
    fields.UUIDField: "uuid",
    fields.CharField: "text",
    fields.TextField: "text",
    fields.BigIntField: "bigint",  # before IntField, which it descends from
    fields.SmallIntField: "smallint",
    fields.IntField: "int",
    fields.BooleanField: "bool",
    fields.DateField: "date",
    fields.DatetimeField: "timestamptz",
    fields.JSONField: "text",
}
_SQLITE_ROWS = 200
Row = Sequence[object]


async def bulk_insert(
    model: type[Model], rows: Sequence[Mapping[str, object]], *, skip_conflicts: bool = False
) -> set[UUID]:
    """Insert rows given as `{field: value}`, all with the same fields; return the ids of those that went in.

    With `skip_conflicts` a row that breaks a unique constraint is left out, also where the other row is of the
    same statement: the first one wins. Joins the caller's transaction.
    """
    if not rows:
        return set()
    names = list(rows[0])
    if is_postgres():
        return await _insert_postgres(model, names, rows, skip_conflicts)
    inserted: set[UUID] = set()
    for start in range(0, len(rows), _SQLITE_ROWS):
        inserted |= await _insert_sqlite(model, names, rows[start : start + _SQLITE_ROWS], skip_conflicts)
    return inserted


async def copy_in(model: type[Model], names: Sequence[str], batches: AsyncIterator[Sequence[Row]]) -> int:
    """Stream rows in, as fast as the database takes them: by COPY on PostgreSQL. Returns how many.

    A row holds the values of `names` in their order; batches are asked for while earlier ones travel. Joins the
    caller's transaction, which cannot go on after a failure. Raises IntegrityError where a row breaks a constraint,
    OperationalError where it holds what the database cannot store.
    """
    if not is_postgres():
        return sum([len(await _insert_batch(model, names, batch)) async for batch in batches])
    columns = [model._meta.fields_db_projection[name] for name in names]
    counted = 0

    async def rows() -> AsyncIterator[Row]:
        nonlocal counted
        async for batch in batches:
            counted += len(batch)
            for row in batch:
                yield row

    try:
        async with current_connection().acquire_connection() as connection:
            await connection.copy_records_to_table(model._meta.db_table, records=rows(), columns=columns)
    except asyncpg.IntegrityConstraintViolationError as error:
        raise IntegrityError(type(error).__name__) from None  # its own text holds the row
    except asyncpg.DataError as error:
        raise OperationalError(type(error).__name__) from error
    return counted


async def _insert_batch(model: type[Model], names: Sequence[str], batch: Sequence[Row]) -> Sequence[Row]:
    await bulk_insert(model, [dict(zip(names, row, strict=True)) for row in batch])
    return batch


def _statement(model: type[Model], names: Sequence[str], source: str, skip_conflicts: bool) -> str:
    columns = ", ".join(f'"{model._meta.fields_db_projection[name]}"' for name in names)
    conflict = ' ON CONFLICT DO NOTHING RETURNING "id"' if skip_conflicts else ""
    return f'INSERT INTO "{model._meta.db_table}" ({columns}) {source}{conflict}'


async def _insert_postgres(
    model: type[Model], names: Sequence[str], rows: Sequence[Mapping[str, object]], skip_conflicts: bool
) -> set[UUID]:
    found = [model._meta.fields_map[name] for name in names]
    types = [_postgres_type(field) for field in found]
    arrays = ", ".join(f"${place}::{kind}[]" for place, kind in enumerate(types, 1))
    aliases = ", ".join(f"c{place}" for place in range(len(names)))
    picked = ", ".join(
        f"c{place}::jsonb" if isinstance(field, fields.JSONField) else f"c{place}" for place, field in enumerate(found)
    )
    source = f"SELECT {picked} FROM unnest({arrays}) AS given({aliases})"  # noqa: S608 -- names of our own models
    values = [_column(field, [row[name] for row in rows]) for name, field in zip(names, found, strict=True)]
    answer = await current_connection().execute_query_dict(_statement(model, names, source, skip_conflicts), values)
    return {UUID(str(row["id"])) for row in (answer if skip_conflicts else rows)}


async def _insert_sqlite(
    model: type[Model], names: Sequence[str], rows: Sequence[Mapping[str, object]], skip_conflicts: bool
) -> set[UUID]:
    found = [model._meta.fields_map[name] for name in names]
    marks = "(" + ", ".join("?" for _ in names) + ")"
    source = "VALUES " + ", ".join(marks for _ in rows)
    columns = [_column(field, [row[name] for row in rows]) for name, field in zip(names, found, strict=True)]
    values = [str(value) if isinstance(value, UUID) else value for row in zip(*columns, strict=True) for value in row]
    answer = await current_connection().execute_query_dict(_statement(model, names, source, skip_conflicts), values)
    return {UUID(str(row["id"])) for row in (answer if skip_conflicts else rows)}


def _postgres_type(field: fields.Field[Any]) -> str:
    for kind, name in _POSTGRES_TYPES.items():
        if isinstance(field, kind):
            return name
    raise TypeError(f"bulk_insert has no PostgreSQL type for {type(field).__name__}")


def _column(field: fields.Field[Any], values: list[object]) -> list[object]:
    """Return a column's values as the driver takes them: documents as text, everything else as it is."""
    if not isinstance(field, fields.JSONField):
        return values
    return [value if value is None else msgspec.json.encode(value).decode() for value in values]
