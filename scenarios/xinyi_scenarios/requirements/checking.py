"""Evaluate requirements over facts: a pure function, the same for page, API, claim and replay.

"Cannot tell" is not "no": a scene is not eligible when one requirement is not met, unknown when none is unmet
but one cannot be told, and eligible when all are met.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol, TypeVar

import msgspec

from xinyi_platform.language import Text

Facts = Mapping[str, Any]


class Outcome(StrEnum):
    MET = "met"
    NOT_MET = "not_met"
    CANNOT_TELL = "cannot_tell"


class Verdict(StrEnum):
    ELIGIBLE = "eligible"
    NOT_ELIGIBLE = "not_eligible"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Finding:
    """What one requirement came to: the value compared (masked where personal) and what would change it."""

    type: str
    outcome: Outcome
    reason: Text
    compared: str = ""
    would_change: Text | None = None
    parts: tuple[Finding, ...] = ()


class Arguments(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Base of a requirement type's arguments."""


Args = TypeVar("Args", bound=Arguments, contravariant=True)


class RequirementType(Protocol[Args]):
    """A kind of requirement. `facts` names what it reads, so that only that is gathered."""

    @property
    def name(self) -> str: ...

    @property
    def facts(self) -> tuple[str, ...]: ...

    @property
    def arguments(self) -> type[Any]: ...

    def check(self, facts: Facts, args: Args) -> Finding: ...


class Registry:
    """The requirement types by name."""

    def __init__(self) -> None:
        self._types: dict[str, RequirementType[Any]] = {}
        self._compiled: dict[bytes, tuple[Node, ...]] = {}
        self._nodes: dict[bytes, Node] = {}

    def register(self, kind: RequirementType[Any]) -> None:
        """Add a type. Raises ValueError where the name is taken by another one."""
        if kind.name in self._types and type(self._types[kind.name]) is not type(kind):
            raise ValueError(f"the requirement type {kind.name} is registered twice")
        self._types[kind.name] = kind

    def get(self, name: str) -> RequirementType[Any]:
        """Return a type. Raises ValueError, naming those that there are."""
        if name not in self._types:
            raise ValueError(f"unknown requirement type {name!r}; there are {', '.join(sorted(self._types))}")
        return self._types[name]

    def names(self) -> list[str]:
        return sorted(self._types)

    def compiled(self, key: bytes, tables: Sequence[Mapping[str, Any]]) -> tuple[Node, ...]:
        """Return tables ready to be evaluated, kept under `key`, their content."""
        nodes = self._compiled.get(key)
        if nodes is None:
            if len(self._compiled) >= _MOST_COMPILED:
                self._compiled.clear()
                self._nodes.clear()
            nodes = tuple(self._node(table) for table in tables)
            self._compiled[key] = nodes
        return nodes

    def _node(self, table: Mapping[str, Any]) -> Node:
        """Return one requirement; scenes that ask the same share it."""
        _refuse_depth(table)
        key = msgspec.json.encode(table)
        if key not in self._nodes:
            self._nodes[key] = _node_of(table, self)
        return self._nodes[key]


_MOST_COMPILED = 2_000
REGISTRY = Registry()
_GROUPS = ("any_of", "all_of", "not")
# How many groups may stand inside each other: more than anybody can read.
MOST_NESTED = 5


def check_table(table: Mapping[str, Any], registry: Registry = REGISTRY) -> set[str]:
    """Check a manifest's requirement table and return the facts that it reads. Raises ValueError."""
    _refuse_depth(table)
    return set(_node_of(table, registry).facts)


def evaluate(tables: Sequence[Mapping[str, Any]], facts: Facts, registry: Registry = REGISTRY) -> list[Finding]:
    """Return one finding for each requirement, in the manifest's order. Raises ValueError for a table that is wrong."""
    return [node.evaluate(facts) for node in compile_tables(tables, registry)]


def facts_read(tables: Sequence[Mapping[str, Any]], registry: Registry = REGISTRY) -> frozenset[str]:
    """Return the names of the facts that requirement tables read."""
    return frozenset().union(*(node.facts for node in compile_tables(tables, registry)))


def set_aside(tables: Sequence[Mapping[str, Any]], types: Collection[str]) -> list[dict[str, Any]]:
    """Return what is left to ask where something else stands in for requirements of some types.

    A group loses its parts of these types and falls away with the last of them; a `not` is never opened.
    """
    left: list[dict[str, Any]] = []
    for table in tables:
        if table["type"] in types:
            continue
        if table["type"] not in ("any_of", "all_of"):
            left.append(dict(table))
        elif parts := set_aside(table["of"], types):
            left.append({**table, "of": parts})
    return left


class ManyTables:
    """The requirement tables of many scenes, evaluated together: what several of them ask is evaluated once.

    `scenes` maps each slug to its tables; `facts` names what each reads. What reads which scene asks is evaluated for
    each.
    """

    def __init__(self, scenes: Mapping[str, Sequence[Mapping[str, Any]]], registry: Registry = REGISTRY) -> None:
        self._plans = {
            slug: [(node, "scene" in node.facts) for node in compile_tables(tables, registry)]
            for slug, tables in scenes.items()
        }
        self.facts = {slug: facts_read(tables, registry) for slug, tables in scenes.items()}

    def evaluate(self, facts: Facts) -> dict[str, list[Finding]]:
        """Return each scene's findings, in its manifest's order."""
        shared: dict[int, Finding] = {}
        found: dict[str, list[Finding]] = {}
        for slug, plan in self._plans.items():
            findings = []
            for node, asks_which in plan:
                finding = None if asks_which else shared.get(id(node))
                if finding is None:
                    finding = shared[id(node)] = node.evaluate({**facts, "scene": slug} if asks_which else facts)
                findings.append(finding)
            found[slug] = findings
        return found


class Node(Protocol):
    """One requirement with its arguments read, or a group of them."""

    @property
    def facts(self) -> frozenset[str]: ...

    def evaluate(self, facts: Facts) -> Finding: ...


@dataclass(frozen=True, slots=True)
class _Leaf:
    kind: RequirementType[Any]
    arguments: Any

    @property
    def facts(self) -> frozenset[str]:
        return frozenset(self.kind.facts)

    def evaluate(self, facts: Facts) -> Finding:
        return self.kind.check(facts, self.arguments)


@dataclass(frozen=True, slots=True)
class _Group:
    name: str
    parts: tuple[Node, ...]

    @property
    def facts(self) -> frozenset[str]:
        return frozenset().union(*(part.facts for part in self.parts))

    def evaluate(self, facts: Facts) -> Finding:
        return _combine(self.name, tuple(part.evaluate(facts) for part in self.parts))


def compile_tables(tables: Sequence[Mapping[str, Any]], registry: Registry = REGISTRY) -> tuple[Node, ...]:
    """Return requirement tables ready to be evaluated; the same tables are read once. Raises ValueError."""
    return registry.compiled(msgspec.json.encode(tables), tables)


def _refuse_depth(table: Mapping[str, Any]) -> None:
    """Raise ValueError where groups stand inside each other too deep; level by level, without recursion."""
    level: list[Any] = [table]
    for _ in range(MOST_NESTED + 1):
        groups = [part for part in level if isinstance(part, Mapping) and part.get("type") in _GROUPS]
        level = [inner for group in groups if isinstance(group.get("of"), list) for inner in group["of"]]
        if not groups:
            return
    raise ValueError(f"groups are nested deeper than {MOST_NESTED}")


def _node_of(table: Mapping[str, Any], registry: Registry) -> Node:
    name = str(table.get("type", ""))
    if name in _GROUPS:
        return _Group(name, tuple(_node_of(part, registry) for part in _parts(table)))
    kind = registry.get(name)
    arguments = {key: value for key, value in table.items() if key != "type"}
    try:
        return _Leaf(kind, msgspec.convert(arguments, kind.arguments))
    except msgspec.ValidationError as error:
        raise ValueError(f"requirement {name}: {error}") from error


def _combine(name: str, parts: tuple[Finding, ...]) -> Finding:
    outcomes = [part.outcome for part in parts]
    if name == "not":
        flipped = {Outcome.MET: Outcome.NOT_MET, Outcome.NOT_MET: Outcome.MET}.get(outcomes[0], Outcome.CANNOT_TELL)
        return Finding("not", flipped, Text("以下情形不适用", "The following must not hold"), parts=parts)
    if name == "any_of":
        outcome = _first(outcomes, Outcome.MET, Outcome.CANNOT_TELL, Outcome.NOT_MET)
        if outcome is Outcome.NOT_MET:
            return _none_of(parts)
        return Finding("any_of", outcome, Text("满足以下任一条件", "Any one of these"), parts=parts)
    outcome = _first(outcomes, Outcome.NOT_MET, Outcome.CANNOT_TELL, Outcome.MET)
    return Finding("all_of", outcome, Text("同时满足以下条件", "All of these"), parts=parts)


def _none_of(parts: tuple[Finding, ...]) -> Finding:
    """Say why no way is open, and that any one of the ways out is enough."""
    reasons, ways = [part.reason for part in parts], [part.would_change for part in parts if part.would_change]
    reason = Text(
        f"以下条件均不满足:{';'.join(r.zh for r in reasons)}",
        f"None of these holds: {'; '.join(r.en for r in reasons)}",
    )
    zh, en = ";或:".join(w.zh.rstrip("。") for w in ways), "; or: ".join(w.en.rstrip(".") for w in ways)
    change = Text(f"任一即可:{zh}。", f"Any one is enough: {en}.") if ways else None
    return Finding("any_of", Outcome.NOT_MET, reason, would_change=change, parts=parts)


def _first(outcomes: Sequence[Outcome], *order: Outcome) -> Outcome:
    return next(outcome for outcome in order if outcome in outcomes)


def _parts(table: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    parts = table.get("of")
    wanted = 1 if table["type"] == "not" else None
    is_list = isinstance(parts, list) and all(isinstance(part, Mapping) for part in parts)
    if not is_list or not parts or (wanted and len(parts) != wanted) or set(table) != {"type", "of"}:
        only = " with one in it" if wanted else ""
        raise ValueError(f"{table['type']} takes `of`, a list of requirements{only}, and nothing else")
    return list(parts)


def verdict_of(findings: Sequence[Finding]) -> Verdict:
    """Return the verdict over all findings; without requirements everybody is eligible."""
    outcomes = {finding.outcome for finding in findings}
    if Outcome.NOT_MET in outcomes:
        return Verdict.NOT_ELIGIBLE
    return Verdict.UNKNOWN if Outcome.CANNOT_TELL in outcomes else Verdict.ELIGIBLE
