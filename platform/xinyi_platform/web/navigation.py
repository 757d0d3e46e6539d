"""What a surface's navigation shows to one caller, with the current page marked."""

from __future__ import annotations

from typing import Any

from litestar.connection import Request

from xinyi_platform.divisions import is_city
from xinyi_platform.features import Feature, NavEntry
from xinyi_platform.principals import Anyone, Operator, Principal, Staff, caller_of

_SURFACES = ("app", "portal", "console")
_COUNTS = "navigation_counts"


async def count_entries(request: Request[Any, Any, Any]) -> None:
    """Ask the entries of the page's surface for their numbers, before the page is drawn; templates cannot wait."""
    surface = request.url.path.partition("/")[2].partition("/")[0]
    if request.method != "GET" or surface not in _SURFACES or isinstance(caller_of(request), Anyone):
        return
    features: list[Feature] = request.app.state.features
    counted = [e for feature in features for e in feature.navigation if e.surface == surface and e.count]
    request.scope["state"][_COUNTS] = {e.path: await e.count(request) for e in counted if e.count}


def navigation_of(request: Request[Any, Any, Any], surface: str) -> list[dict[str, Any]]:
    """Return the entries that the caller may see, in order; the longest path that fits is the current one."""
    features: list[Feature] = request.app.state.features
    caller = caller_of(request)
    entries = [
        entry
        for feature in features
        for entry in feature.navigation
        if entry.surface == surface and _may_open(caller, entry)
    ]
    entries.sort(key=lambda entry: (entry.order, entry.path))
    current = _current(entries, request.url.path)
    counts = request.scope.get("state", {}).get(_COUNTS, {})
    return [
        {"path": e.path, "label": e.label, "current": e is current, "count": counts.get(e.path, 0)} for e in entries
    ]


def _may_open(caller: Principal | Anyone, entry: NavEntry) -> bool:
    if isinstance(caller, Operator) and entry.surface == "portal":
        return entry.duty in caller.duties
    if entry.city and isinstance(caller, Staff) and not is_city(caller.division):
        return False
    return not entry.roles or bool(entry.roles & (caller.roles if isinstance(caller, Staff) else frozenset()))


def _current(entries: list[NavEntry], path: str) -> NavEntry | None:
    fitting = [e for e in entries if path == e.path or path.startswith(e.path + "/")]
    return max(fitting, key=lambda e: len(e.path), default=None)
