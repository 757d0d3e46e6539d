"""Read manifests, with errors that name file, line and what to do; built-in and foreign ones by the same call."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Collection, Mapping
from functools import lru_cache
from typing import Any

import msgspec

from xinyi_platform.features import FeatureError
from xinyi_scenarios.manifests.catalogue import Catalogue, Refused
from xinyi_scenarios.manifests.checking import faults_of
from xinyi_scenarios.manifests.flows import FLOWS
from xinyi_scenarios.manifests.schema import Manifest, WrittenManifest
from xinyi_scenarios.plugins import Found, ManifestFile, Misfit, find_plugins, host_version
from xinyi_scenarios.plugins.door import OF_THE_MOMENT, check_reads, check_versions

# Returns the facts that one requirement table reads, or refuses it by a ValueError that says what is wrong with it.
Check = Callable[[Mapping[str, Any]], Collection[str]]
# What is known when something is used, besides what was promised: never the bureau's word, which use does not ask for.
FACTS_AT_USE = frozenset({"merchant", "now", "scene"})
_PATH = re.compile(r" - at `\$\.?(?P<path>[^`]*)`$")


class ManifestError(FeatureError):
    """A manifest cannot be used: `FILE:LINE: what is wrong; what to do`. A built-in one stops the start."""

    def __init__(self, file: str, line: int, wrong: str, hint: str) -> None:
        super().__init__(f"{file}:{line}: {wrong}; {hint}")
        self.line = line


def read_manifest(text: str, *, file: str, check: Check) -> Manifest:
    """Return a manifest from TOML; `check` sees each requirement, which the schema cannot. Raises ManifestError."""
    try:
        manifest = _convert(text, file)
    except RecursionError as error:
        wrong, hint = "tables are nested deeper than can be read", "put fewer groups inside each other"
        raise ManifestError(file, _deepest_table(text), wrong, hint) from error
    for path, fault, way in faults_of(manifest):
        table = re.fullmatch(r"(.+)\[(\d+)\]", path)
        line = _line_of_table(text, table[1], int(table[2])) if table else _line_of(text, path, None)
        raise ManifestError(file, line, fault.en, way.en)
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


@lru_cache(256)  # a process that builds several applications reads each scene once
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


def _deepest_table(text: str) -> int:
    """Return the line of the table heading over the line with the most brackets: where a reader lost its way."""
    lines = text.splitlines()
    deepest = max(range(len(lines)), key=lambda number: lines[number].count("["), default=0)
    return next((number + 1 for number in range(deepest, -1, -1) if lines[number].startswith("[")), 1)


def load_catalogue(check: Check, *, provided: Collection[str] | None = None) -> Catalogue:
    """Load the scenes of the built-in plug-in and of those of the entry-point group `xinyi.scenarios`.

    `check` refuses what the schema cannot see (an unknown requirement type); `provided` names the facts that can be
    gathered. A broken built-in scene raises ManifestError; a broken foreign one is kept out, with its reason. Raises
    Misfit where one does not fit this host or reads what it did not declare.
    """
    catalogue = Catalogue()
    for found in find_plugins():
        if found.plugin is None:
            catalogue.refused.append(Refused(found.source, found.reason))
            continue
        for file in found.plugin.manifests:
            try:
                _add(catalogue, file, found, check, provided)
            except Misfit:
                raise
            except Exception as error:
                if found.is_built_in:
                    raise
                catalogue.refused.append(Refused(found.source, str(error)))
    return catalogue


def _add(
    catalogue: Catalogue, file: ManifestFile, found: Found, check: Check, provided: Collection[str] | None
) -> None:
    manifest = read_manifest(file.read_text(encoding="utf-8"), file=file.name, check=check)
    reads = reads_of(manifest, check)
    check_host(manifest, reads, who=f"{found.source}, {file.name}", is_foreign=not found.is_built_in)
    unknown = sorted(reads - set(provided) - OF_THE_MOMENT) if provided is not None else []
    if unknown:
        raise ManifestError(file.name, 1, f"nobody provides {', '.join(unknown)}", "bring the fact with its type")
    try:
        catalogue.add(manifest)
    except ValueError as error:
        raise ManifestError(file.name, 1, str(error), "choose another slug, or raise the version") from error


def reads_of(manifest: Manifest, check: Check) -> set[str]:
    """Return the names of the facts that a manifest's requirements read, at the claim and at each use."""
    return {name for table in (*manifest.requires, *manifest.requires_at_use) for name in check(table)}


def check_host(manifest: Manifest, reads: Collection[str], *, who: str, is_foreign: bool) -> None:
    """Refuse a manifest that does not fit this host or reads more than it declares. Raises Misfit."""
    if manifest.host is not None:
        check_versions(who, manifest.host.versions)
        check_reads(who, manifest.host.reads, reads)
    elif is_foreign:
        names = ", ".join(f'"{name}"' for name in sorted(set(reads) - OF_THE_MOMENT))
        raise Misfit(f'{who} says not what it fits: add [host] with versions = ">={host_version()}", reads = [{names}]')
