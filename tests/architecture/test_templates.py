"""No template is left over, none is missing, and each one can be read."""

from __future__ import annotations

import ast
import re

import pytest
from jinja2 import meta
from litestar import Litestar
from support.sources import ROOMS, ROOT, sources

pytestmark = pytest.mark.anyio

FOLDERS = sorted(path for room in ROOMS for path in (ROOT / room).rglob("templates") if path.is_dir())
TEMPLATES = {path.relative_to(folder).as_posix(): path for folder in FOLDERS for path in folder.rglob("*.html")}
_NAME = re.compile(r"[\w-]+/[\w-]+\.html")


def named_in_code() -> dict[str, str]:
    """Return every template's name that stands in a module, with the place."""
    return {
        node.value: source.at(node)
        for source in sources()
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and _NAME.fullmatch(node.value)
    }


def test_names_are_unique_over_all_folders() -> None:
    assert len(TEMPLATES) == sum(len(list(folder.rglob("*.html"))) for folder in FOLDERS)


def test_every_template_that_code_names_is_there() -> None:
    assert not {name: place for name, place in named_in_code().items() if name not in TEMPLATES}


async def test_every_template_is_reached_from_code(app: Litestar) -> None:
    """By a route's page, a slot, or another template that is."""
    assert app.template_engine is not None
    environment = app.template_engine.engine
    reached: set[str] = set()
    ahead = set(named_in_code())
    while ahead:
        name = ahead.pop()
        reached.add(name)
        tree = environment.parse(TEMPLATES[name].read_text(encoding="utf-8"))
        ahead |= {found for found in meta.find_referenced_templates(tree) if found} - reached
    assert set(TEMPLATES) == reached


async def test_every_template_compiles(app: Litestar) -> None:
    assert app.template_engine is not None
    for name in TEMPLATES:
        app.template_engine.get_template(name)
