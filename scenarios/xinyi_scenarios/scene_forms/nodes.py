"""What a form shows, as a tree that one template draws: inputs, parts, rows and requirements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from msgspec import inspect

from xinyi_platform.language import Text
from xinyi_scenarios.requirements import REGISTRY
from xinyi_scenarios.scene_forms.checking import Faults
from xinyi_scenarios.scene_forms.labels import choice_label, label_of
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
from xinyi_scenarios.scene_forms.values import Fields, fill_form

Option = tuple[str, Text]


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One piece of a form. `kind` says how it is drawn; `name` is its dotted name.

    Inputs: `number`, `date`, `text`, `long`, `lines`, `flag`, `choice`, `choices`, `hidden`. Groups: `part`, `rows`,
    `row`, `requirements`.
    """

    kind: str
    name: str
    label: Text
    value: str = ""
    values: Sequence[str] = ()
    options: Sequence[Option] = ()
    required: bool = False
    least: int | None = None
    most: int | None = None
    longest: int | None = None
    fault: Text | None = None
    switch: str = ""
    children: Sequence[Node] = ()


def draw_form(values: Mapping[str, Any], faults: Faults) -> list[Node]:
    """Return the form of a manifest in its written form, with what is wrong beside each field."""
    pen = _Pen(fill_form(values), faults)
    nodes = [pen.field(field, field.name) for field in scene_fields()]
    flow = str(values.get("gives", {}).get("flow", ""))
    terms = terms_of_flow(flow)
    gives = [Node(kind="hidden", name="gives.flow", label=label_of("flow"), value=flow)]
    gives += pen.part(terms, "gives") if terms else [pen.raw("gives", values.get("gives", {}))]
    nodes.append(Node(kind="part", name="gives", label=label_of("gives"), children=gives, fault=faults.get("gives")))
    return nodes + [pen.requirements(name, name, values.get(name, [])) for name in requirement_lists()]


class _Pen:
    """Draws from the fields of one form and its faults."""

    def __init__(self, fields: Fields, faults: Faults) -> None:
        self._fields, self._faults = fields, faults

    def part(self, kind: type, path: str) -> list[Node]:
        return [self.field(field, f"{path}.{field.name}") for field in fields_of(kind)]

    def field(self, field: Field, path: str) -> Node:
        items = item_type(field.type)
        if is_part(field.type):
            on = bool(self._fields.get(f"{path}.on")) if field.optional else True
            children = self.part(field.type.cls, path)  # type: ignore[attr-defined]
            return self._group("part", path, field.name, children, switch=("on" if on else "off") * field.optional)
        if items is not None and is_part(items):
            places = sum(1 for name in self._fields if name.startswith(f"{path}.") and self._is_row(name, path))
            rows = [self._row(f"{path}.{place}", items.cls) for place in range(places)]  # type: ignore[attr-defined]
            return self._group("rows", path, field.name, rows)
        return self._input(field, path)

    def requirements(self, path: str, name: str, tables: Any) -> Node:
        rows = [self._requirement(f"{path}.{place}", table) for place, table in enumerate(tables or [])]
        options = [(kind, label_of(kind)) for kind in (*REGISTRY.names(), *GROUPS)]
        return self._group("requirements", path, name, rows, options=options)

    def raw(self, path: str, table: Mapping[str, Any]) -> Node:
        value = (self._fields.get(f"{path}.raw") or [""])[0]
        return Node(kind="long", name=f"{path}.raw", label=label_of(str(table.get("type", "JSON"))), value=value)

    def _requirement(self, path: str, table: Mapping[str, Any]) -> Node:
        kind = str(table.get("type", ""))
        children = [Node(kind="hidden", name=f"{path}.type", label=label_of("type"), value=kind)]
        arguments = arguments_of(table)
        if kind in GROUPS:
            children.append(self.requirements(f"{path}.of", "of", table.get("of", [])))
        else:
            children += self.part(arguments, path) if arguments else [self.raw(path, table)]
        return self._group("row", path, kind, children)

    def _row(self, path: str, kind: type) -> Node:
        mark = Node(kind="hidden", name=f"{path}.row", label=label_of("row"), value="true")
        return self._group("row", path, str(int(path.rpartition(".")[2]) + 1), [mark, *self.part(kind, path)])

    def _group(
        self, kind: str, path: str, name: str, children: Sequence[Node], *, switch: str = "",
        options: Sequence[Option] = (),
    ) -> Node:  # fmt: skip
        fault = self._faults.get(path)
        return Node(
            kind=kind, name=path, label=label_of(name), children=children, fault=fault, switch=switch, options=options
        )

    @staticmethod
    def _is_row(name: str, path: str) -> bool:
        place, _, mark = name.removeprefix(f"{path}.").partition(".")
        return place.isdigit() and mark == "row"

    def _input(self, field: Field, path: str) -> Node:
        typed = list(self._fields.get(path, []))
        kind, options = _kind_of(field.type), _options_of(field.type)
        if kind == "choices":  # those that are chosen stand first, in their order, which is kept
            options = sorted(options, key=lambda option: typed.index(option[0]) if option[0] in typed else 99)
        return Node(
            kind=kind,
            name=path,
            label=label_of(field.name),
            value=typed[0] if typed else "",
            values=typed,
            options=options,
            required=field.required and not field.optional and kind not in ("flag", "choices", "lines"),
            least=getattr(field.type, "ge", None),
            most=getattr(field.type, "le", None),
            longest=getattr(field.type, "max_length", None) if kind in ("text", "long") else None,
            fault=self._faults.get(path),
        )


def _kind_of(kind: inspect.Type) -> str:
    items = item_type(kind)
    if isinstance(items, inspect.LiteralType):
        return "choices"
    if items is not None or is_pairs(kind):
        return "lines"
    if isinstance(kind, inspect.StrType):
        return "long" if (kind.max_length or 0) > 80 else "text"
    named = {inspect.IntType: "number", inspect.BoolType: "flag", inspect.DateType: "date"}
    return "choice" if isinstance(kind, inspect.LiteralType) else named.get(type(kind), "long")


def _options_of(kind: inspect.Type) -> list[Option]:
    chosen = item_type(kind) or kind
    if not isinstance(chosen, inspect.LiteralType):
        return []
    return [(str(value), choice_label(value)) for value in chosen.values]
