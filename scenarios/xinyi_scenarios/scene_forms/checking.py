"""What is wrong with a manifest that was typed in, at the field where it stands.

Each value is read as its own type first, so that all wrong fields are named at once; then the manifest is read and
checked as a file would be.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import msgspec
from msgspec import inspect

from xinyi_platform.language import Text
from xinyi_scenarios.manifests import Manifest
from xinyi_scenarios.manifests.checking import faults_of
from xinyi_scenarios.manifests.loading import manifest_from
from xinyi_scenarios.requirements.checking import check_table
from xinyi_scenarios.scene_forms.shapes import (
    GROUPS,
    Field,
    arguments_of,
    fields_of,
    is_pairs,
    is_part,
    item_type,
    requirement_lists,
    scene_fields,
    terms_of_flow,
)

Faults = dict[str, Text]
_PLACE = re.compile(r"^(?P<message>.*?)(?: - at `\$\.?(?P<path>[^`]*)`)?$", re.DOTALL)
_MISSING = Text("请填写。", "This is needed.")


def find_faults(values: Mapping[str, Any], *, not_before: date) -> tuple[Manifest | None, Faults]:
    """Return the manifest, where it can be read, and what is wrong by the field's dotted name."""
    faults = dict(_wrong_fields(values))
    if faults:
        return None, faults
    try:
        scene = manifest_from(values)
    except msgspec.ValidationError as error:
        return None, _from_message(str(error))
    except ValueError as error:
        return None, {"gives.flow": _as_written(str(error))}
    for path, wrong, hint in faults_of(scene):
        faults.setdefault(_dotted(path), Text(f"{wrong.zh};{hint.zh}。", f"{wrong.en}; {hint.en}."))
    for name in requirement_lists():
        for place, table in enumerate(getattr(scene, name)):
            try:
                check_table(table)
            except ValueError as error:
                faults[f"{name}.{place}"] = _as_written(str(error))
    if scene.opens_on < not_before:
        day = not_before.isoformat()
        faults["opens_on"] = Text(f"不能早于{day}。", f"Not before {day}.")
    return scene, faults


def _wrong_fields(values: Mapping[str, Any]) -> Iterator[tuple[str, Text]]:
    for field in scene_fields():
        yield from _wrong(field, field.name, values)
    gives = values.get("gives")
    terms = terms_of_flow(str(gives.get("flow", ""))) if isinstance(gives, Mapping) else None
    if terms is not None:
        yield from _wrong_in_part(terms, "gives", gives)
    for name in requirement_lists():
        yield from _wrong_in_requirements(name, values.get(name))


def _wrong_in_requirements(path: str, tables: Any) -> Iterator[tuple[str, Text]]:
    for place, table in enumerate(tables if isinstance(tables, list) else []):
        row = f"{path}.{place}"
        arguments = arguments_of(table) if isinstance(table, Mapping) else None
        if arguments is not None:
            yield from _wrong_in_part(arguments, row, table)
        elif isinstance(table, Mapping) and table.get("type") in GROUPS:
            if not table.get("of"):
                yield row, Text("请在其中添加条件。", "Add a requirement inside it.")
            yield from _wrong_in_requirements(f"{row}.of", table.get("of"))


def _wrong_in_part(part: type[msgspec.Struct], path: str, values: Any) -> Iterator[tuple[str, Text]]:
    if not isinstance(values, Mapping):
        yield path, _MISSING
        return
    for field in fields_of(part):
        yield from _wrong(field, f"{path}.{field.name}", values)


def _wrong(field: Field, path: str, values: Mapping[str, Any]) -> Iterator[tuple[str, Text]]:
    value, items = values.get(field.name), item_type(field.type)
    if value is None:
        if (field.name in values and not field.optional) or (field.name not in values and field.required):
            yield path, _MISSING
    elif is_part(field.type):
        yield from _wrong_in_part(field.type.cls, path, value)  # type: ignore[attr-defined]
    elif items is not None and is_part(items) and isinstance(value, list):
        for place, row in enumerate(value):
            yield from _wrong_in_part(items.cls, f"{path}.{place}", row)  # type: ignore[attr-defined]
        if len(value) < (field.type.min_length or 0):  # type: ignore[attr-defined]
            yield path, Text("请至少添加一项。", "Add at least one.")
    else:
        fault = _wrong_value(field.type, value)
        if fault is not None:
            yield path, fault


def _wrong_value(kind: inspect.Type, value: Any) -> Text | None:
    items = item_type(kind)
    if items is not None:
        if not isinstance(value, (list, tuple)):
            return Text("应为列表。", "This is a list.")
        if len(value) < (kind.min_length or 0):  # type: ignore[attr-defined]
            return Text("请至少选择或填写一项。", "At least one is needed.")
        return next((fault for item in value if (fault := _wrong_value(items, item))), None)
    if is_pairs(kind):
        return _wrong_pairs(kind, value)
    return _wrong_scalar(kind, value)


def _wrong_pairs(kind: Any, value: Any) -> Text | None:
    if not isinstance(value, Mapping):
        return Text("每行一项,格式为“代码=数量”。", "One a line, as code=number.")
    wrong = (_wrong_value(kind.key_type, key) or _wrong_value(kind.value_type, value[key]) for key in value)
    return next((fault for fault in wrong if fault), None)


def _wrong_scalar(kind: inspect.Type, value: Any) -> Text | None:
    if isinstance(kind, inspect.IntType):
        fits = isinstance(value, int) and not isinstance(value, bool)
        inside = fits and (kind.ge is None or value >= kind.ge) and (kind.le is None or value <= kind.le)
        return None if inside else _whole_number(kind)
    if isinstance(kind, inspect.StrType):
        return _wrong_text(kind, value)
    if isinstance(kind, inspect.LiteralType) and value not in kind.values:
        return Text("请从选项中选择。", "Choose one of the options.")
    if isinstance(kind, inspect.DateType) and not isinstance(value, date):
        try:
            date.fromisoformat(str(value))
        except ValueError:
            return Text("请填写日期,如 2026-12-01。", "Give a date, such as 2026-12-01.")
    return None


def _whole_number(kind: inspect.IntType) -> Text:
    if kind.ge is not None and kind.le is not None:
        return Text(f"请填写{kind.ge}至{kind.le}的整数。", f"A whole number from {kind.ge} to {kind.le}.")
    if kind.ge is not None:
        return Text(f"请填写不小于{kind.ge}的整数。", f"A whole number, {kind.ge} or more.")
    return Text("请填写整数。", "A whole number.")


def _wrong_text(kind: inspect.StrType, value: Any) -> Text | None:
    if not isinstance(value, str) or (kind.min_length and not value):
        return _MISSING
    if kind.max_length is not None and len(value) > kind.max_length:
        return Text(f"最多{kind.max_length}个字符。", f"At most {kind.max_length} characters.")
    if kind.pattern is not None and not re.search(kind.pattern, value):
        return Text("格式不正确。", "It does not have the right form.")
    return None


def _from_message(message: str) -> Faults:
    found = _PLACE.match(message)
    path = _dotted(found["path"] or "") if found else ""
    return {path: _as_written(found["message"] if found else message)}


def _dotted(path: str) -> str:
    return re.sub(r"\[(\d+)\]", r".\1", path.replace("[...]", ""))


def _as_written(message: str) -> Text:
    """The rules of manifests speak English, as they do to the authors of files."""
    return Text(f"不符合规则:{message}", message)
