"""What the schema alone cannot see in a manifest: names that must exist, and parts that must fit each other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from xinyi_merchants.registry import TRADES
from xinyi_platform.consents.purposes import PURPOSES
from xinyi_platform.divisions import is_division
from xinyi_scenarios.manifests.schema import Limit, Manifest
from xinyi_scenarios.plugins.door import is_specifier

# Where in the manifest, what is wrong there, and what to do.
Fault = tuple[str, str, str]


def faults_of(scene: Manifest) -> Iterator[Fault]:
    """Yield what is wrong with a manifest that fits its schema, the first fault first."""
    yield from _places(scene)
    yield from _purposes(scene)
    yield from _times(scene)
    yield from _limits(scene)
    yield from _host(scene)


def _places(scene: Manifest) -> Iterator[Fault]:
    for trade in getattr(scene.gives, "trades", []):
        if trade not in TRADES:
            yield "gives.trades", f"unknown trade {trade!r}", f"there are {', '.join(sorted(TRADES))}"
    for code in getattr(scene.gives, "districts", []):
        if not is_division(code):
            yield "gives.districts", f"unknown division {code!r}", "use codes of GB/T 2260 that this city has"


def _purposes(scene: Manifest) -> Iterator[Fault]:
    known = f"there are {', '.join(sorted(PURPOSES))}"
    if scene.bureau.purpose not in PURPOSES:
        yield "bureau.purpose", f"unknown purpose {scene.bureau.purpose!r}", known
    missing = {"standing", "black_list"} - set(scene.bureau.data)
    if missing and any(kind == "credit_status" for kind in _types(scene.requires)):
        yield (
            "bureau.data",
            f"credit_status reads {', '.join(sorted(missing))}, which is not declared",
            "add it to data",
        )
    consent = getattr(scene.gives, "consent", None)
    if consent is not None and consent not in PURPOSES:
        yield "gives.consent", f"unknown purpose {consent!r}", known


def _types(tables: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    for table in tables:
        yield str(table.get("type"))
        parts = table.get("of")
        if isinstance(parts, list):
            yield from _types(part for part in parts if isinstance(part, Mapping))


def _times(scene: Manifest) -> Iterator[Fault]:
    if scene.closes_on is not None and scene.closes_on < scene.opens_on:
        yield "closes_on", "it closes before it opens", "closes_on is the last day, not before opens_on"
    if scene.opening.opens >= scene.opening.closes:
        yield "opening.closes", "the hours are empty", "opens lies before closes, on the same day"


def _limits(scene: Manifest) -> Iterator[Fault]:
    yield from _limits_of("quota", scene.quota.limits, scene.quota.total, scene.quota.period)
    if scene.budget is None:
        return
    yield from _limits_of("budget", scene.budget.limits, scene.budget.total_fen, scene.budget.period)
    if scene.gives.worst_fen is None:
        yield "budget", "nobody can tell what one costs", "give the percentage a cap_fen, so that it can be set aside"
    elif scene.gives.worst_fen == 0:
        yield "budget", "what is given costs nothing", "leave the budget out, or give a value"


def _limits_of(of: str, limits: list[Limit], total: int, period: str) -> Iterator[Fault]:
    seen = {("scene", period)}
    for place, limit in enumerate(limits):
        where = f"{of}.limits[{place}]"
        yield from _limit(limit, where, total)
        if (limit.per, limit.period) in seen:
            yield where, f"a second limit per {limit.per} and {limit.period}", "keep the smaller one"
        seen.add((limit.per, limit.period))


def _limit(limit: Limit, where: str, total: int) -> Iterator[Fault]:
    if limit.shares and limit.per != "district":
        yield where, f"shares in a limit per {limit.per}", "only a limit per district has shares"
    for code in limit.shares:
        if not is_division(code):
            yield where, f"unknown division {code!r}", "use codes of GB/T 2260 that this city has"
    if limit.total > total:
        yield where, f"a limit of {limit.total} inside a total of {total}", "a narrower limit is not larger"


def _host(scene: Manifest) -> Iterator[Fault]:
    if scene.host is not None and not is_specifier(scene.host.versions):
        yield "host.versions", f"no version specifier: {scene.host.versions!r}", 'write one like ">=0.1,<1"'
