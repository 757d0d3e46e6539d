"""Administrative divisions (GB/T 2260 and its 9- and 12-digit extensions): city → district → street → community."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from xinyi_platform.language import Text


@dataclass(frozen=True, slots=True)
class Division:
    """One division. `code` has 6 digits (city, district), 9 (street) or 12 (community)."""

    code: str
    name: Text


@cache
def divisions() -> dict[str, Division]:
    """Return all divisions of the city by code; the data is `divisions.toml`. Streets and below are synthetic."""
    text = files("xinyi_platform.divisions").joinpath("divisions.toml").read_text(encoding="utf-8")
    rows = tomllib.loads(text)["division"]
    return {row["code"]: Division(row["code"], Text(row["zh"], row["en"])) for row in rows}


def communities() -> list[str]:
    """Return the codes of all communities."""
    return [code for code in divisions() if len(code) == 12]


def is_division(code: str) -> bool:
    """Tell whether a code is the city's or one of its divisions'."""
    return code in divisions()


def is_city(code: str) -> bool:
    """Tell whether a code is the whole city's: it ends in 00, which no district's does."""
    return len(code) == 6 and code.endswith("00") and code in divisions()


def city_code() -> str:
    """Return the code of the whole city."""
    return next(code for code in divisions() if is_city(code))


def code_prefix(area: str) -> str:
    """Return what every code inside an area begins with: a city's 00 is not shared by its districts."""
    return area[:4] if is_city(area) else area


def is_within(code: str, area: str) -> bool:
    """Tell whether a division lies in an area (or is it); nothing lies in an area that does not exist."""
    return area in divisions() and code.startswith(code_prefix(area))


def parent_of(code: str) -> str | None:
    """Return the division directly above: community → street → district → city; None above the city."""
    if is_city(code) or code not in divisions():
        return None
    return code[:-3] if len(code) > 6 else city_code()


def division_name(code: str) -> Text:
    """Return a division's name with those above it: 淇滨区 黎阳路街道 …; the code where it is not known."""
    parts = [
        divisions()[code[:length]].name for length in (6, 9, 12) if code[:length] in divisions() and length <= len(code)
    ]
    if not parts:
        return Text(code, code)
    return Text(" ".join(p.zh for p in parts), ", ".join(p.en for p in reversed(parts)))
