"""The classification itself: one pure function from facts and a model to a class with its reasons."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from xinyi_merchants.risk_classes.rules import Band, Indicator, RiskRules
from xinyi_platform.language import Text

Colour = Literal["green", "yellow", "orange", "red"]
COLOURS: dict[Colour, Text] = {
    "green": Text("绿", "Green"),
    "yellow": Text("黄", "Yellow"),
    "orange": Text("橙", "Orange"),
    "red": Text("红", "Red"),
}
UNKNOWN = Text("无法得知", "cannot be told")

Facts = Mapping[str, int | None]
"""What is known of a merchant, as whole numbers by name; None, or no such name: it cannot be told."""


class Reason(msgspec.Struct, frozen=True, kw_only=True):
    """What one indicator came to. `value` is None where it cannot be told."""

    key: str
    zh: str
    en: str
    value: int | None
    points: int


class Classified(msgspec.Struct, frozen=True, kw_only=True):
    """A class with its points and every indicator that led to it, the heaviest first."""

    colour: Colour
    points: int
    version: str
    reasons: tuple[Reason, ...]


def classify(trade: str, facts: Facts, rules: RiskRules) -> Classified:
    """Return the class of a merchant. What cannot be told weighs as the model says, never as the worst or the best."""
    applied = [_reason(indicator, facts.get(indicator.fact)) for indicator in rules.indicators_of(trade)]
    points = sum(reason.points for reason in applied)
    return Classified(
        colour=_colour(points, rules),
        points=points,
        version=rules.version,
        reasons=tuple(sorted(applied, key=lambda reason: (-reason.points, reason.key))),
    )


def _reason(indicator: Indicator, value: int | None) -> Reason:
    if value is None:
        found, points = UNKNOWN, indicator.unknown
    else:
        band = _band(indicator, value)
        found, points = Text(band.zh, band.en), band.points
    return Reason(
        key=indicator.key,
        zh=f"{indicator.name.zh}:{found.zh}",
        en=f"{indicator.name.en}: {found.en}",
        value=value,
        points=points,
    )


def _band(indicator: Indicator, value: int) -> Band:
    return next(band for band in indicator.bands if band.below is None or value < band.below)


def _colour(points: int, rules: RiskRules) -> Colour:
    limits = rules.thresholds
    if points >= limits.red:
        return "red"
    if points >= limits.orange:
        return "orange"
    return "yellow" if points >= limits.yellow else "green"
