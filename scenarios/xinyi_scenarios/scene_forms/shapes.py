"""The shapes of what a manifest holds: its types as a form must tell them apart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import msgspec
from msgspec import NODEFAULT, inspect

from xinyi_scenarios.manifests.flows import FLOWS, FlowTerms
from xinyi_scenarios.manifests.schema import Scene
from xinyi_scenarios.requirements import REGISTRY

GROUPS = ("any_of", "all_of", "not")
# Given by the framework, never typed in.
_FIXED = ("slug", "version", "requires", "requires_at_use")
_REQUIREMENTS = ("requires", "requires_at_use")


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a part: its type without the None of an optional one, and what it is when left out."""

    name: str
    type: inspect.Type
    optional: bool
    required: bool
    default: Any


@cache
def fields_of(part: type[msgspec.Struct]) -> tuple[Field, ...]:
    """Return the fields of a part in their order."""
    info = inspect.type_info(part)
    if not isinstance(info, inspect.StructType):
        raise TypeError(f"{part.__name__} is not a struct")
    return tuple(_field(found) for found in info.fields)


def _field(found: inspect.Field) -> Field:
    default = found.default
    if found.default_factory is not NODEFAULT:
        default = found.default_factory()
    kind, optional = _bare(found.type)
    plain = None if default is NODEFAULT else msgspec.to_builtins(default)
    return Field(found.name, kind, optional, found.required, plain)


def _bare(kind: inspect.Type) -> tuple[inspect.Type, bool]:
    """Return a type without its metadata and without None."""
    if isinstance(kind, inspect.Metadata):
        return _bare(kind.type)
    if isinstance(kind, inspect.UnionType):
        others = [inner for inner in kind.types if not isinstance(inner, inspect.NoneType)]
        if len(others) == 1:
            return _bare(others[0])[0], len(others) < len(kind.types)
    return kind, False


def item_type(kind: inspect.Type) -> inspect.Type | None:
    """Return the type of a list's or a tuple's items; None for what is no list."""
    if isinstance(kind, (inspect.ListType, inspect.VarTupleType)):
        return _bare(kind.item_type)[0]
    return None


def scene_fields() -> Iterator[Field]:
    """Yield the fields of a scene that a form edits besides its terms and requirements."""
    yield from (field for field in fields_of(Scene) if field.name not in _FIXED)


def requirement_lists() -> tuple[str, ...]:
    """Return the names of the lists of requirements."""
    return _REQUIREMENTS


def terms_of_flow(flow: str) -> type[FlowTerms] | None:
    """Return the terms of a flow; None where this installation has no such flow."""
    return FLOWS.get(flow).terms if flow in FLOWS.names() else None


def arguments_of(table: Mapping[str, Any]) -> type[msgspec.Struct] | None:
    """Return the arguments of a requirement table's type; None for a group and for an unknown type."""
    name = str(table.get("type", ""))
    if name in GROUPS or name not in REGISTRY.names():
        return None
    found: type[msgspec.Struct] = REGISTRY.get(name).arguments
    return found


def is_scalar(kind: inspect.Type) -> bool:
    """Tell whether one input, or one line, holds such a value."""
    return isinstance(kind, (inspect.IntType, inspect.StrType, inspect.DateType, inspect.LiteralType))


def is_part(kind: inspect.Type) -> bool:
    return isinstance(kind, inspect.StructType)


def is_pairs(kind: inspect.Type) -> bool:
    """Tell whether lines of `key=value` hold such a value."""
    return isinstance(kind, inspect.DictType) and all(is_scalar(_bare(t)[0]) for t in (kind.key_type, kind.value_type))
