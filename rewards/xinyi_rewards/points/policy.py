"""The rules of points (`points.toml`)."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Annotated

import msgspec

from xinyi_platform.language import Text

Positive = Annotated[int, msgspec.Meta(ge=1)]


class Cause(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One thing that earns points, which are gone `validity_days` later; `yearly_cap` holds for each calendar year."""

    key: str
    name_zh: str
    name_en: str
    points: Positive
    validity_days: Positive
    yearly_cap: Positive

    @property
    def name(self) -> Text:
        return Text(self.name_zh, self.name_en)


class Level(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A level of honour, from a number of points on."""

    name_zh: str
    name_en: str
    at_least: Positive

    @property
    def name(self) -> Text:
        return Text(self.name_zh, self.name_en)


class PointRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All causes and levels."""

    cause: list[Cause]
    level: list[Level]

    def cause_of(self, key: str) -> Cause:
        return next(cause for cause in self.cause if cause.key == key)

    def level_of(self, points: int) -> Level | None:
        """Return the highest level that so many points make, or None."""
        reached = [level for level in self.level if level.at_least <= points]
        return max(reached, key=lambda level: level.at_least, default=None)


@cache
def point_rules() -> PointRules:
    """Return the rules in force."""
    text = files("xinyi_rewards.points").joinpath("points.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), PointRules)
