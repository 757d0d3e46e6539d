"""The risk model as dated data: which indicators, how a value turns into points, where a class begins.

A version is a TOML file in this folder that opens on its first day; what was classed under it keeps its name.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Annotated

import msgspec
from msgspec import Meta

from xinyi_merchants.registry.trades import TRADES

Points = Annotated[int, Meta(ge=0, le=100)]
Name = Annotated[str, Meta(min_length=1, max_length=80)]


class RulesError(Exception):
    """A model cannot be used: `FILE: what is wrong`. It stops the start."""


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A name in both languages."""

    zh: Name
    en: Name


class Band(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Values under `below` (the last band has none) get the points."""

    points: Points
    zh: Name
    en: Name
    below: int | None = None


class Indicator(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One indicator: general, or of some trades. `unknown` are the points of what cannot be told."""

    key: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{1,39}$")]
    name: Words
    fact: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_.]{1,59}$")]
    unknown: Points
    bands: Annotated[tuple[Band, ...], Meta(min_length=2, max_length=10)]
    trades: tuple[str, ...] = ()


class Thresholds(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The points from which a class begins; below yellow it is green."""

    yellow: Annotated[int, Meta(ge=1)]
    orange: int
    red: int


class RiskRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One version of the model."""

    version: Annotated[str, Meta(pattern=r"^\d{4}-\d{2}$")]
    first_day: date
    source: Name
    thresholds: Thresholds
    indicator: Annotated[tuple[Indicator, ...], Meta(min_length=1, max_length=60)]

    def indicators_of(self, trade: str) -> list[Indicator]:
        """Return the general indicators and those of a trade."""
        return [one for one in self.indicator if not one.trades or trade in one.trades]


def read_rules(text: str, *, file: str) -> RiskRules:
    """Read and check a model. Raises RulesError that names the file and what to put right."""
    try:
        rules = msgspec.convert(tomllib.loads(text), RiskRules)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise RulesError(f"{file}: {error}") from error
    fault = next(iter(_faults(rules)), None)
    if fault:
        raise RulesError(f"{file}: {fault}")
    return rules


def _faults(rules: RiskRules) -> list[str]:
    limits, found = rules.thresholds, []
    if not limits.yellow < limits.orange < limits.red:
        found.append("thresholds: yellow < orange < red")
    keys = [one.key for one in rules.indicator]
    found += [f"{key}: the key stands there twice" for key in {key for key in keys if keys.count(key) > 1}]
    for one in rules.indicator:
        found += [f"{one.key}: there is no trade {trade}" for trade in one.trades if trade not in TRADES]
        found += _band_faults(one)
    return found


def _band_faults(one: Indicator) -> list[str]:
    limits = [band.below for band in one.bands]
    if limits[-1] is not None or None in limits[:-1]:
        return [f"{one.key}: every band but the last needs `below`, and the last has none"]
    rising = [limit for limit in limits if limit is not None]
    return [f"{one.key}: `below` must rise from band to band"] if rising != sorted(set(rising)) else []


@cache
def every_version() -> Sequence[RiskRules]:
    """Return the models that are shipped, the newest first. Raises RulesError."""
    folder = files("xinyi_merchants.risk_classes.rules")
    found = [file for file in folder.iterdir() if file.name.endswith(".toml")]
    rules = [read_rules(file.read_text(encoding="utf-8"), file=file.name) for file in found]
    return sorted(rules, key=lambda one: one.first_day, reverse=True)


def rules_of(day: date) -> RiskRules:
    """Return the model in force on a day. Raises LookupError before the first one."""
    for rules in every_version():
        if rules.first_day <= day:
            return rules
    raise LookupError(f"no risk model is in force on {day}")
