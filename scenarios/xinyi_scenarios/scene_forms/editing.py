"""Add and remove rows of a form without script: each press of a button comes back with the form changed."""

from __future__ import annotations

import re
from typing import Any

_MOST_ROWS = 60
_PATH = re.compile(r"[a-z_]+(\.[a-z_]+|\.\d{1,3}){0,12}")


def change_rows(values: dict[str, Any], act: str, chosen: str) -> bool:
    """Do `add:PATH` (a requirement of the type `chosen`, or an empty row) or `remove:PATH.N`; False for neither.

    `values` is changed. A path that leads nowhere changes nothing.
    """
    verb, _, path = act.partition(":")
    if verb not in ("add", "remove") or not _PATH.fullmatch(path):
        return False
    steps = path.split(".")
    if verb == "add":
        rows = _follow(values, steps)
        if isinstance(rows, list) and len(rows) < _MOST_ROWS:
            rows.append(_blank(path, chosen))
        return True
    rows, place = _follow(values, steps[:-1]), steps[-1]
    if isinstance(rows, list) and place.isdigit() and int(place) < len(rows):
        del rows[int(place)]
    return True


def _blank(path: str, chosen: str) -> dict[str, Any]:
    if path.split(".")[0] not in ("requires", "requires_at_use"):
        return {}
    return {"type": chosen, "of": []} if chosen in ("any_of", "all_of", "not") else {"type": chosen}


def _follow(values: Any, steps: list[str]) -> Any:
    for step in steps:
        if isinstance(values, dict):
            values = values.get(step)
        elif isinstance(values, list) and step.isdigit() and int(step) < len(values):
            values = values[int(step)]
        else:
            return None
    return values
