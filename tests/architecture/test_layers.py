"""Dependencies run one way, and nobody reaches into another feature's inside."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from support.sources import ROOT, Source, sources

LAYERS = ("platform", "merchants", "scenarios", "rewards")
# The framework's plug-in door: what the host registers of its own.
_REGISTERS = ("feature", "host_feature")


def room_of(module: str) -> str | None:
    """Return the room that a module belongs to."""
    package = module.partition(".")[0]
    return package.removeprefix("xinyi_") if package.startswith("xinyi_") else None


def kind_of(source: Source) -> str:
    """Return what a module is in its capability: api, pages, models or domain."""
    stem = source.path.stem
    if stem == "models":
        return "models"
    for surface in ("api", "pages"):
        if stem == surface or stem.endswith(f"_{surface}"):
            return surface
    return "domain"


def test_the_contract_of_the_layers_is_kept() -> None:
    program = Path(sys.executable).with_name("lint-imports")
    ran = subprocess.run([program, "--no-cache"], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert ran.returncode == 0, ran.stdout


def test_no_room_imports_one_above_it() -> None:
    upwards = [
        f"{source.at(node)} imports {module}"
        for source in sources()
        for module, node in source.imports()
        if (room := room_of(module)) in LAYERS and LAYERS.index(room) > LAYERS.index(source.room)
    ]
    assert not upwards


def test_across_a_border_nobody_reads_another_features_models() -> None:
    """The host's models are the host's as well: a feature asks its functions."""
    reached = {
        f"{source.at(node)} imports {module}"
        for source in sources()
        for module, node in source.imports()
        if room_of(module) not in (None, source.room) and "models" in module.split(".")
    }
    assert not reached


def test_models_know_no_rules_and_rules_no_surface() -> None:
    """Inside a capability: api and pages on the domain's functions, these on the models."""
    reached = set()
    for source in sources():
        kind = kind_of(source)
        if kind in ("api", "pages") or source.path.stem in _REGISTERS:
            continue
        own = source.name.rpartition(".")[0]
        for module, node in source.imports():
            inside = module.startswith(f"{own}.")
            last = module.removeprefix(f"{own}.").partition(".")[0]
            if inside and (last in ("api", "pages") or last.endswith(("_api", "_pages"))):
                reached.add(f"{source.at(node)} imports {module}")
            if inside and kind == "models" and room_of(module) and last != "states":
                reached.add(f"{source.at(node)} imports {module}")
    assert not reached
