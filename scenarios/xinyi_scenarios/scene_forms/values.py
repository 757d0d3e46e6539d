"""From a manifest's written form to the fields of a form, and back.

A form is a flat mapping from dotted names to what was typed: `quota.limits.0.total`. What cannot be read as its type
stays as it was typed, so that the form shows it again beside its error.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from msgspec import inspect

from xinyi_scenarios.scene_forms.shapes import (
    GROUPS,
    Field,
    arguments_of,
    fields_of,
    is_pairs,
    is_part,
    is_scalar,
    item_type,
    requirement_lists,
    scene_fields,
    terms_of_flow,
)

Fields = Mapping[str, list[str]]
_WHOLE = re.compile(r"-?\d{1,18}")


def fill_form(values: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return a manifest's written form as the fields of a form. Reading them gives the same values again."""
    fields: dict[str, list[str]] = {}
    for field in scene_fields():
        _fill(fields, field, field.name, values)
    gives = values.get("gives", {})
    fields["gives.flow"] = [str(gives.get("flow", ""))]
    terms = terms_of_flow(fields["gives.flow"][0])
    if terms is None:
        fields["gives.raw"] = [json.dumps(gives, ensure_ascii=False)]
    else:
        _fill_part(fields, terms, "gives", gives)
    for name in requirement_lists():
        _fill_requirements(fields, name, values.get(name, []))
    return fields


def read_form(fields: Fields) -> dict[str, Any]:
    """Return the written form that a form's fields hold, without slug and version."""
    values: dict[str, Any] = {}
    for field in scene_fields():
        _read(values, field, field.name, fields)
    flow = _one(fields, "gives.flow")
    terms = terms_of_flow(flow)
    values["gives"] = _raw(fields, "gives") if terms is None else {"flow": flow, **_read_part(terms, "gives", fields)}
    for name in requirement_lists():
        values[name] = _read_requirements(name, fields)
    return values


def _fill_part(fields: dict[str, list[str]], part: type, path: str, values: Any) -> None:
    given = values if isinstance(values, Mapping) else {}
    for field in fields_of(part):
        _fill(fields, field, f"{path}.{field.name}", given)


def _fill(fields: dict[str, list[str]], field: Field, path: str, values: Mapping[str, Any]) -> None:
    value = values.get(field.name, field.default)
    items = item_type(field.type)
    if is_part(field.type):
        if field.optional:
            fields[f"{path}.on"] = ["true"] if value is not None else []
        _fill_part(fields, field.type.cls, path, value)  # type: ignore[attr-defined]
    elif items is not None and is_part(items):
        for place, row in enumerate(value or []):
            fields[f"{path}.{place}.row"] = ["true"]
            _fill_part(fields, items.cls, f"{path}.{place}", row)  # type: ignore[attr-defined]
    elif isinstance(items, inspect.LiteralType):
        fields[path] = [str(choice) for choice in value or []]
    else:
        fields[path] = [_typed(field.type, value)]


def _typed(kind: inspect.Type, value: Any) -> str:
    """Return a value as it stands in its input."""
    if value is None or isinstance(value, str):
        return value or ""
    if isinstance(kind, inspect.BoolType):
        return "true" if value else ""
    items = item_type(kind)
    if items is not None and is_scalar(items) and isinstance(value, (list, tuple)):
        return "\n".join(str(item) for item in value)
    if is_pairs(kind) and isinstance(value, Mapping):
        return "\n".join(f"{key}={amount}" for key, amount in value.items())
    if is_scalar(kind):
        return str(value)
    return json.dumps(value, ensure_ascii=False)


def _fill_requirements(fields: dict[str, list[str]], path: str, tables: Any) -> None:
    for place, table in enumerate(tables if isinstance(tables, list) else []):
        row, arguments = f"{path}.{place}", arguments_of(table)
        fields[f"{row}.type"] = [str(table.get("type", ""))]
        if table.get("type") in GROUPS:
            _fill_requirements(fields, f"{row}.of", table.get("of", []))
        elif arguments is None:
            fields[f"{row}.raw"] = [json.dumps(table, ensure_ascii=False)]
        else:
            _fill_arguments(fields, arguments, row, table)


def _fill_arguments(fields: dict[str, list[str]], arguments: type, path: str, table: Mapping[str, Any]) -> None:
    """Fill a requirement's arguments; one that the table leaves out stays empty, for the table is kept as written."""
    _fill_part(fields, arguments, path, table)
    for field in fields_of(arguments):
        if field.name not in table and is_scalar(field.type) and _may_be_left_out(field):
            fields[f"{path}.{field.name}"] = [""]


def _read_arguments(arguments: type, path: str, fields: Fields) -> dict[str, Any]:
    defaults = {field.name: field.default for field in fields_of(arguments) if not is_scalar(field.type)}
    given = _read_part(arguments, path, fields)
    return {name: value for name, value in given.items() if name not in defaults or value != defaults[name]}


def _read_part(part: type, path: str, fields: Fields) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for field in fields_of(part):
        _read(values, field, f"{path}.{field.name}", fields)
    return values


def _read(values: dict[str, Any], field: Field, path: str, fields: Fields) -> None:
    """Put a field's value into `values`; what was left empty and has a default is left out."""
    items = item_type(field.type)
    if is_part(field.type):
        if field.optional and not _one(fields, f"{path}.on"):
            values[field.name] = None
        else:
            values[field.name] = _read_part(field.type.cls, path, fields)  # type: ignore[attr-defined]
    elif items is not None and is_part(items):
        rows = _places(fields, path, "row")
        values[field.name] = [_read_part(items.cls, f"{path}.{place}", fields) for place in rows]  # type: ignore[attr-defined]
    elif isinstance(items, inspect.LiteralType):
        values[field.name] = [_choice(items, typed) for typed in fields.get(path, [])]
    else:
        typed = _one(fields, path)
        if typed == "" and not isinstance(field.type, inspect.BoolType) and _may_be_left_out(field):
            return
        values[field.name] = _value(field.type, typed)


def _may_be_left_out(field: Field) -> bool:
    return not field.required and item_type(field.type) is None and not is_pairs(field.type)


def _value(kind: inspect.Type, typed: str) -> Any:
    items = item_type(kind)
    if items is not None and is_scalar(items):
        return [_scalar(items, line.strip()) for line in typed.splitlines() if line.strip()]
    if is_pairs(kind):
        return _pairs(kind, typed)
    if isinstance(kind, inspect.BoolType):
        return typed == "true"
    return _scalar(kind, typed) if is_scalar(kind) else _document(typed)


def _scalar(kind: inspect.Type, typed: str) -> Any:
    if isinstance(kind, inspect.LiteralType):
        return _choice(kind, typed)
    if isinstance(kind, inspect.IntType) and _WHOLE.fullmatch(typed.strip()):
        return int(typed)
    return typed.strip() if isinstance(kind, inspect.DateType) else typed


def _choice(kind: inspect.LiteralType, typed: str) -> Any:
    return next((value for value in kind.values if str(value) == typed), typed)


def _pairs(kind: Any, typed: str) -> Any:
    """Return lines of `key=value`; as they were typed where a line is none."""
    lines = [line.partition("=") for line in typed.splitlines() if line.strip()]
    if any(not sign for _, sign, _ in lines):
        return typed
    return {key.strip(): _scalar(kind.value_type, amount.strip()) for key, _, amount in lines}


def _document(typed: str) -> Any:
    try:
        return json.loads(typed)
    except ValueError:
        return typed


def _read_requirements(path: str, fields: Fields) -> list[dict[str, Any]]:
    tables = []
    for place in _places(fields, path, "type"):
        row, kind = f"{path}.{place}", _one(fields, f"{path}.{place}.type")
        arguments = arguments_of({"type": kind})
        if kind in GROUPS:
            tables.append({"type": kind, "of": _read_requirements(f"{row}.of", fields)})
        elif arguments is None:
            tables.append({**_raw(fields, row), "type": kind})
        else:
            tables.append({"type": kind, **_read_arguments(arguments, row, fields)})
    return tables


def _raw(fields: Fields, path: str) -> dict[str, Any]:
    found = _document(_one(fields, f"{path}.raw"))
    return found if isinstance(found, dict) else {}


def _places(fields: Fields, path: str, mark: str) -> list[int]:
    """Return the places of the rows that a list has."""
    wanted = re.compile(rf"{re.escape(path)}\.(\d{{1,4}})\.{mark}")
    return sorted({int(found[1]) for name in fields if (found := wanted.fullmatch(name))})


def _one(fields: Fields, name: str) -> str:
    found = fields.get(name) or [""]
    return found[0].replace("\r\n", "\n")
