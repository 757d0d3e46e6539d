"""Draws a SQLAlchemy MetaData from Tortoise's models, so that Alembic can compare it with a database.

Alembic speaks SQLAlchemy and the models are Tortoise's; nothing but the schema's comparison goes through here.
A field kind that is not listed raises, because a guessed column type would be a silent mistake in a city's data.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import TypeEngine
from tortoise import Model, Tortoise, fields
from tortoise.context import TortoiseContext
from tortoise.fields.relational import ForeignKeyFieldInstance
from tortoise.indexes import Index, PartialIndex
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

_TYPES: dict[type[fields.Field[Any]], Callable[[Any], TypeEngine[Any]]] = {
    fields.UUIDField: lambda _: sa.Uuid().with_variant(sa.CHAR(36), "sqlite"),
    fields.CharField: lambda field: sa.String(field.max_length),
    fields.TextField: lambda _: sa.Text(),
    fields.SmallIntField: lambda _: sa.SmallInteger(),
    fields.IntField: lambda _: sa.Integer(),
    fields.BigIntField: lambda _: sa.BigInteger(),
    fields.BooleanField: lambda _: sa.Boolean(),
    fields.DateField: lambda _: sa.Date(),
    fields.DatetimeField: lambda _: sa.DateTime(timezone=True),
    fields.JSONField: lambda _: sa.JSON().with_variant(postgresql.JSONB(), "postgresql"),
}


class BridgeError(Exception):
    """A model cannot be drawn; the message names the model and what is wrong with it."""


def draw_metadata(modules: Iterable[str]) -> sa.MetaData:
    """Return the schema of the models in `modules`. No database is touched. Raises BridgeError."""
    metadata = sa.MetaData(naming_convention=NAMING)
    for model in _load_models(list(modules)):
        _draw_table(metadata, model)
    return metadata


def _load_models(modules: Sequence[str]) -> list[type[Model]]:
    for module in modules:
        importlib.import_module(module)  # a module's own error is clearer than Tortoise's "not found"
    with TortoiseContext() as context:
        Tortoise.init_models(modules, "models")
        registered = list(context.apps["models"].values()) if context.apps else []
    _refuse_namesakes(modules, registered)
    return registered


def _refuse_namesakes(modules: Sequence[str], registered: Sequence[type[Model]]) -> None:
    """Tortoise keeps one model under each class name, and silently drops the other."""
    for module in modules:
        for value in vars(importlib.import_module(module)).values():
            is_model = isinstance(value, type) and issubclass(value, Model) and not value._meta.abstract
            if is_model and value.__module__ == module and value not in registered:
                raise BridgeError(f"{module}.{value.__name__}: another feature has a model of this name")


def _draw_table(metadata: sa.MetaData, model: type[Model]) -> None:
    meta = model._meta
    if not meta.db_table:
        raise BridgeError(f"{model.__name__} names no table in its Meta")
    columns = [_draw_column(model, name, column) for name, column in meta.fields_db_projection.items()]
    table = sa.Table(meta.db_table, metadata, *columns)
    for together in meta.unique_together:
        table.append_constraint(sa.UniqueConstraint(*_columns_of(model, together)))
    for constraint in meta.constraints:
        _draw_constraint(table, model, constraint)
    for index in meta.indexes:
        _draw_index(table, model, index)


def _draw_column(model: type[Model], name: str, column: str) -> sa.Column[Any]:
    field = model._meta.fields_map[name]
    column_type = _column_type(model, field)
    relation = field.reference
    parts: list[Any] = []
    if isinstance(relation, ForeignKeyFieldInstance):
        other = relation.related_model._meta
        target = f"{other.db_table}.{other.fields_db_projection[relation.to_field or other.pk_attr]}"
        parts.append(sa.ForeignKey(target, ondelete=relation.on_delete.value))
    return sa.Column(
        column,
        column_type,
        *parts,
        primary_key=field.pk,
        autoincrement=False,
        nullable=field.null,
        unique=(field.unique and not field.pk) or None,
        index=(bool(field.index) and not field.unique and not field.pk) or None,
        server_default=_server_default(model, field),
    )


def _column_type(model: type[Model], field: fields.Field[Any]) -> TypeEngine[Any]:
    """Enum fields derive from CharField and IntField, so a field's ancestors are asked in their order."""
    for kind in type(field).__mro__:
        if kind in _TYPES:
            return _TYPES[kind](field)
    raise BridgeError(f"{model.__name__}.{field.model_field_name}: no column type for {type(field).__name__}")


def _server_default(model: type[Model], field: fields.Field[Any]) -> sa.TextClause | None:
    """Only `db_default` reaches the database; a plain `default` is given by the program."""
    if not field.has_db_default():
        return None
    value = field.db_default
    if isinstance(value, bool):
        return sa.text("true" if value else "false")
    if isinstance(value, int):
        return sa.text(str(value))
    if isinstance(value, str):
        quoted = value.replace("'", "''")
        return sa.text(f"'{quoted}'")
    raise BridgeError(f"{model.__name__}.{field.model_field_name}: a db_default is a bool, a number or a text")


def _draw_constraint(table: sa.Table, model: type[Model], constraint: object) -> None:
    if isinstance(constraint, CheckConstraint):
        table.append_constraint(sa.CheckConstraint(constraint.check, name=constraint.name))
        return
    if not isinstance(constraint, UniqueConstraint):
        raise BridgeError(f"{model.__name__}: cannot draw a {type(constraint).__name__}")
    if not constraint.name:
        raise BridgeError(f"{model.__name__}: the unique constraint on {constraint.fields} has no name")
    columns = _columns_of(model, constraint.fields)
    if constraint.condition is None:
        table.append_constraint(sa.UniqueConstraint(*columns, name=constraint.name))
        return
    parts = [table.c[column] for column in columns]
    sa.Index(constraint.name, *parts, unique=True, **_where(constraint.condition))


def _draw_index(table: sa.Table, model: type[Model], index: object) -> None:
    if isinstance(index, (list, tuple)):
        columns = [table.c[column] for column in _columns_of(model, index)]
        sa.Index(f"ix_{table.name}_{'_'.join(column.name for column in columns)}", *columns)
        return
    if not isinstance(index, Index) or index.expressions or index.INDEX_TYPE:
        raise BridgeError(f"{model.__name__}: cannot draw the index {index!r}")
    if not index.name:
        raise BridgeError(f"{model.__name__}: the index on {index.fields} has no name")
    condition = index.extra.removeprefix(" WHERE ") if isinstance(index, PartialIndex) else ""
    parts = [table.c[column] for column in _columns_of(model, index.fields)]
    sa.Index(index.name, *parts, **_where(condition))


def _where(condition: str) -> dict[str, Any]:
    """Return a partial index's condition for both databases."""
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)} if condition else {}


def _columns_of(model: type[Model], names: Iterable[str]) -> list[str]:
    """Return column names for field names; a foreign key may go by its own name or by its column's."""
    meta = model._meta
    columns = []
    for name in names:
        field = meta.fields_map.get(name)
        source = field.source_field if isinstance(field, ForeignKeyFieldInstance) else name
        if source not in meta.fields_db_projection:
            raise BridgeError(f"{model.__name__}: there is no field {name}")
        columns.append(meta.fields_db_projection[source])
    return columns
