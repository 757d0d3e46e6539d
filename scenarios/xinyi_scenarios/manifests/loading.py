"""Read manifests, with errors that name file, line and what to do; built-in and foreign ones by the same call."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Collection, Iterable, Mapping
from importlib.metadata import entry_points
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

import msgspec

from xinyi_scenarios.manifests.catalogue import Catalogue, Refused
from xinyi_scenarios.manifests.checking import faults_of
from xinyi_scenarios.manifests.flows import FLOWS
from xinyi_scenarios.manifests.schema import Manifest, WrittenManifest

# Returns the facts that a requirement table reads, or refuses it by a ValueError that says what is wrong with it.
Check = Callable[[Mapping[str, Any]], Collection[str]]
GROUP = "xinyi.scenarios"
# What is known when something is used, besides what was promised: never the bureau's word, which use does not ask for.
FACTS_AT_USE = frozenset({"merchant", "now", "scene"})
_PATH = re.compile(r" - at `\$\.?(?P<path>[^`]*)`$")


class ManifestError(Exception):
    """A manifest cannot be used. The message is `FILE:LINE: what is wrong; what to do`."""

    def __init__(self, file: str, line: int, wrong: str, hint: str) -> None:
        super().__init__(f"{file}:{line}: {wrong}; {hint}")
        self.line = line


def read_manifest(text: str, *, file: str, check: Check) -> Manifest:
    """Return a manifest from TOML; `check` sees each requirement, which the schema cannot. Raises ManifestError."""
    manifest = _convert(text, file)
    for path, wrong, hint in faults_of(manifest):
        table = re.fullmatch(r"(.+)\[(\d+)\]", path)
        line = _line_of_table(text, table[1], int(table[2])) if table else _line_of(text, path, None)
        raise ManifestError(file, line, wrong, hint)
    for tables in ("requires", "requires_at_use"):
        for place, table in enumerate(getattr(manifest, tables)):
            try:
                _refuse_facts(tables, check(table))
            except ValueError as error:
                hint = "`xinyi scenario lint` checks it again; scenarios/README.md lists the types"
                raise ManifestError(file, _line_of_table(text, tables, place), str(error), hint) from error
    return manifest


def _refuse_facts(tables: str, facts: Collection[str]) -> None:
    """Raise ValueError where a requirement cannot be told at that moment: who uses what where is known at a use."""
    if tables == "requires" and "merchant" in facts:
        raise ValueError("a requirement about the merchant belongs under requires_at_use")
    if tables == "requires_at_use" and not FACTS_AT_USE.issuperset(facts):
        unknown = ", ".join(sorted(set(facts) - FACTS_AT_USE))
        raise ValueError(f"at a use only {', '.join(sorted(FACTS_AT_USE))} are known, not {unknown}")


def manifest_from(values: Mapping[str, Any]) -> Manifest:
    """Return a manifest from plain values in the written form. Raises ValueError and msgspec.ValidationError."""
    written = msgspec.convert(values, WrittenManifest)
    flow = str(written.gives.get("flow", ""))
    parts = {name: getattr(written, name) for name in written.__struct_fields__ if name != "gives"}
    try:
        gives = FLOWS.read(written.gives)
    except msgspec.ValidationError as error:
        raise msgspec.ValidationError(_inside_gives(str(error))) from error
    return Manifest(**parts, flow=flow, gives=gives)


def _inside_gives(message: str) -> str:
    """Return a message about a flow's terms with the place that they have in the manifest."""
    found = _PATH.search(message)
    if found is None:
        return f"{message} - at `$.gives`"
    return _PATH.sub(f" - at `$.gives.{found['path']}`", message)


def _convert(text: str, file: str) -> Manifest:
    try:
        return manifest_from(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        place = re.search(r"line (\d+)", str(error))
        raise ManifestError(file, int(place[1]) if place else 1, "this is not TOML", str(error)) from error
    except msgspec.ValidationError as error:
        message = str(error)
        found = _PATH.search(message)
        path = found["path"] if found else ""
        unknown = re.search(r"unknown field `(\w+)`", message)
        line = _line_of(text, path, unknown[1] if unknown else None)
        wrong = _PATH.sub("", message)
        hint = f"see `{path or 'the manifest'}` in xinyi_scenarios/manifests: schema.py, flows.py for `gives`"
        raise ManifestError(file, line, wrong, hint) from error
    except ValueError as error:
        raise ManifestError(file, _line_of(text, "gives.flow", None), str(error), "choose one of them") from error


def _line_of(text: str, path: str, unknown: str | None) -> int:
    """Return the line on which a path's last key stands, under its table where it has one."""
    keys = [key for key in re.split(r"[.\[\]]+", path) if key and not key.isdigit() and key != "..."]
    wanted = unknown or (keys[-1] if keys else "")
    table = (keys if unknown else keys[:-1])[-1:] if keys else []
    inside = not table
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip()
        if stripped.startswith("["):
            inside = not table or stripped.strip("[]").split(".")[-1] == table[0]
        if inside and (re.match(rf"{re.escape(wanted)}\s*=", stripped) or stripped.strip("[]") == wanted):
            return number
    return 1


def _line_of_table(text: str, tables: str, place: int) -> int:
    """Return the line on which the table of that place begins, or all of them where they stand in one line."""
    lines = [line.strip() for line in text.splitlines()]
    begins = [number for number, line in enumerate(lines, 1) if line.startswith(f"[[{tables}]]")]
    return begins[place] if place < len(begins) else _line_of(text, tables, None)


def load_catalogue(check: Check) -> Catalogue:
    """Load the built-in scenes and those of the entry-point group `xinyi.scenarios`.

    `check` refuses what the schema cannot see (an unknown requirement type). A broken built-in raises; a broken
    foreign scene is refused and kept with its reason. A foreign entry point names a callable that returns
    manifest files, each with `name` and `read_text()`.
    """
    catalogue = Catalogue()
    built_in = sorted(files("xinyi_scenarios.catalogue").iterdir(), key=lambda file: file.name)
    for file in built_in:
        if file.name.endswith(".toml"):
            _add(catalogue, file, check)
    for point in entry_points(group=GROUP):
        try:
            foreign: Iterable[Traversable] = point.load()()
            for file in foreign:
                _add(catalogue, file, check)
        except Exception as error:
            catalogue.refused.append(Refused(point.value, str(error)))
    return catalogue


def _add(catalogue: Catalogue, file: Traversable, check: Check) -> None:
    manifest = read_manifest(file.read_text(encoding="utf-8"), file=file.name, check=check)
    try:
        catalogue.add(manifest)
    except ValueError as error:
        raise ManifestError(file.name, 1, str(error), "choose another slug, or raise the version") from error
