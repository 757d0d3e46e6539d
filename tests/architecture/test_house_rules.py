"""Rules of the house that a reader of one line cannot check, held by reading all of them."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

import pytest
from support.sources import ROOT, Source, sources

Finder = Callable[[Source], Iterator[ast.AST]]


def called(node: ast.AST) -> str:
    """Return what a call calls as dotted text: `datetime.now`, `.values` for a method of an expression."""
    if not isinstance(node, ast.Call):
        return ""
    return _dotted(node.func)


def _dotted(node: ast.AST) -> str:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value)}.{node.attr}"
    return ""


def reads_the_machines_clock(source: Source) -> Iterator[ast.AST]:
    if source.name == "xinyi_platform.clock":
        return
    wrong = (
        "datetime.now",
        "datetime.utcnow",
        "datetime.today",
        "date.today",
        "time.time",
        "datetime.utcfromtimestamp",
    )
    for node in ast.walk(source.tree):
        if any(called(node) == name or called(node).endswith(f".{name}") for name in wrong):
            yield node


def reads_values_of_locked_rows(source: Source) -> Iterator[ast.AST]:
    """Tortoise drops the lock silently."""
    for node in ast.walk(source.tree):
        if not called(node).endswith((".values", ".values_list")):
            continue
        inner: ast.AST = node
        while isinstance(inner, (ast.Call, ast.Attribute, ast.Await)):
            inner = inner.func if isinstance(inner, ast.Call) else inner.value
            if isinstance(inner, ast.Attribute) and inner.attr == "select_for_update":
                yield node
                break


def runs_side_by_side_in_a_transaction(source: Source) -> Iterator[ast.AST]:
    """One connection answers one statement at a time; a sibling's failure would leave the other one running."""
    wrong = ("gather", "create_task", "ensure_future", "TaskGroup", "start_soon")
    yield from _inside_transactions(source, lambda node: called(node).rpartition(".")[2] in wrong)


def waits_for_others_in_a_transaction(source: Source) -> Iterator[ast.AST]:
    """No network and no sleep while rows are locked."""
    wrong = ("asyncio.sleep", "time.sleep", "anyio.sleep", "httpx.AsyncClient")
    yield from _inside_transactions(source, lambda node: called(node) in wrong or called(node).endswith("bureau.ask"))


def _inside_transactions(source: Source, is_wrong: Callable[[ast.AST], bool]) -> Iterator[ast.AST]:
    for block in ast.walk(source.tree):
        if isinstance(block, ast.AsyncWith) and any(
            called(item.context_expr).rpartition(".")[2] in ("transaction", "in_transaction") for item in block.items
        ):
            yield from (node for inner in block.body for node in ast.walk(inner) if is_wrong(node))


def opens_a_transaction_past_the_house(source: Source) -> Iterator[ast.AST]:
    if source.name.startswith("xinyi_platform.database"):
        return
    yield from (node for name, node in source.imports() if name.startswith("tortoise.transactions"))


def prints(source: Source) -> Iterator[ast.AST]:
    yield from (node for node in ast.walk(source.tree) if called(node) in ("print", "pprint", "breakpoint"))


def speaks_sqlalchemy(source: Source) -> Iterator[ast.AST]:
    yield from (node for name, node in source.imports() if name.partition(".")[0] == "sqlalchemy")


def speaks_alembic(source: Source) -> Iterator[ast.AST]:
    if source.name != "xinyi_platform.migrations":
        yield from (node for name, node in source.imports() if name.partition(".")[0] == "alembic")


def imports_inside_a_function(source: Source) -> Iterator[ast.AST]:
    """Dodges a cycle: the concept sits in the wrong room."""
    for function in ast.walk(source.tree):
        if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield from (node for node in ast.walk(function) if isinstance(node, (ast.Import, ast.ImportFrom)))


def swallows_every_exception(source: Source) -> Iterator[ast.AST]:
    """A handler for anything must say it on, log it or hand it on."""
    for node in ast.walk(source.tree):
        if not isinstance(node, ast.ExceptHandler):
            continue
        bare = node.type is None or _dotted(node.type) in ("Exception", "BaseException")
        body = [inner for statement in node.body for inner in ast.walk(statement)]
        if bare and not any(isinstance(inner, ast.Raise) or (node.name and _names(inner, node.name)) for inner in body):
            yield node


def _names(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def names_nothing(source: Source) -> Iterator[ast.AST]:
    """utils, helpers, manager, common, service: words that refuse nothing."""
    if {"utils", "util", "helpers", "helper", "manager", "common", "service", "services", "misc"} & set(
        source.name.replace("_", ".").split(".")
    ):
        yield source.tree


def opens_without_a_sentence(source: Source) -> Iterator[ast.AST]:
    if not (ast.get_docstring(source.tree) or "").strip():
        yield source.tree


RULES: dict[str, Finder] = {
    rule.__name__: rule
    for rule in (
        reads_the_machines_clock,
        reads_values_of_locked_rows,
        runs_side_by_side_in_a_transaction,
        waits_for_others_in_a_transaction,
        opens_a_transaction_past_the_house,
        prints,
        speaks_sqlalchemy,
        speaks_alembic,
        imports_inside_a_function,
        swallows_every_exception,
        names_nothing,
        opens_without_a_sentence,
    )
}


@pytest.mark.parametrize("rule", RULES)
def test_no_module(rule: str) -> None:
    found = [source.at(node) for source in sources() for node in RULES[rule](source)]
    assert not found, f"{rule}: {found}"


BROKEN = {
    "reads_the_machines_clock": "x = datetime.now(UTC)",
    "reads_values_of_locked_rows": "await Quota.filter(id=1).select_for_update().order_by('id').values('used')",
    "runs_side_by_side_in_a_transaction": "async def f():\n async with transaction():\n  await gather(a(), b())",
    "waits_for_others_in_a_transaction": "async def f():\n async with in_transaction():\n  await asyncio.sleep(1)",
    "opens_a_transaction_past_the_house": "from tortoise.transactions import in_transaction",
    "prints": "print(1)",
    "speaks_sqlalchemy": "import sqlalchemy as sa",
    "speaks_alembic": "from alembic import op",
    "imports_inside_a_function": "def f():\n import json",
    "swallows_every_exception": "try:\n f()\nexcept Exception:\n pass",
    "names_nothing": "'''x'''",
    "opens_without_a_sentence": "x = 1",
}


@pytest.mark.parametrize("rule", RULES)
def test_the_rule_finds_what_it_is_for(rule: str) -> None:
    name = "xinyi_platform.utils" if rule == "names_nothing" else "xinyi_platform.somewhere"
    broken = Source(name, ROOT / "platform" / "somewhere.py", ast.parse(BROKEN[rule]))
    assert list(RULES[rule](broken))
