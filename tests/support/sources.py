"""The product's own source files, parsed, for tests that walk all of them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("platform", "merchants", "scenarios", "rewards")


@dataclass(frozen=True)
class Source:
    """One module: `name` as it is imported, `path` from the checkout's root."""

    name: str
    path: Path
    tree: ast.Module

    @property
    def room(self) -> str:
        return self.path.parts[0]

    def at(self, node: ast.AST) -> str:
        return f"{self.path}:{getattr(node, 'lineno', 1)}"

    def imports(self) -> Iterator[tuple[str, ast.stmt]]:
        """Yield each imported module with its statement; `from a import b` counts as `a` and as `a.b`."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    yield alias.name, node
            elif isinstance(node, ast.ImportFrom) and node.module:
                yield node.module, node
                for alias in node.names:
                    yield f"{node.module}.{alias.name}", node


@cache
def sources() -> tuple[Source, ...]:
    """Return every module of the four rooms."""
    return tuple(_read(room, path) for room in ROOMS for path in sorted((ROOT / room).rglob("*.py")))


def _read(room: str, path: Path) -> Source:
    parts = path.relative_to(ROOT / room).with_suffix("").parts
    name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
    return Source(name, path.relative_to(ROOT), ast.parse(path.read_text(encoding="utf-8")))
