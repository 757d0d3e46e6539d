"""How long a listing may stand and from when it can be repaired: order 36 as dated policy (`terms.toml`).

Months are counted as 民法典 art. 201 and 202 count them: the first day is not counted, a term ends with the
corresponding day of its last month, or with that month's last day where there is none.
"""

from __future__ import annotations

import tomllib
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Annotated, Literal

import msgspec

from xinyi_platform.clock import start_of_local_day
from xinyi_platform.language import Text

Grade = Literal["minor", "ordinary", "serious"]
Months = Annotated[int, msgspec.Meta(ge=0, le=120)]


class GradeTerms(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The terms of one grade, in months. One that `is_published` False is not shown in principle."""

    name_zh: str
    name_en: str
    minimum_months: Months
    maximum_months: Months
    is_published: bool

    def __post_init__(self) -> None:
        if self.minimum_months > self.maximum_months:
            raise ValueError("the minimum term is longer than the maximum")

    @property
    def name(self) -> Text:
        return Text(self.name_zh, self.name_en)


class TermPolicy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The terms that hold from a day on, with their source."""

    in_force_from: date
    source: str
    grades: dict[Grade, GradeTerms]


@dataclass(frozen=True, slots=True)
class Term:
    """One entry's term, by days in the city: when it can first be repaired, and the last day it may stand."""

    repairable_from: date
    shortest: date
    longest: date


@cache
def _policies() -> list[TermPolicy]:
    text = files("xinyi_rewards.honor_lists").joinpath("terms.toml").read_text(encoding="utf-8")
    found = msgspec.convert(tomllib.loads(text)["policy"], list[TermPolicy])
    return sorted(found, key=lambda policy: policy.in_force_from)


def policy_on(day: date) -> TermPolicy:
    """Return the policy in force on a day; before the first one, the first."""
    known = _policies()
    return next((policy for policy in reversed(known) if policy.in_force_from <= day), known[0])


def months_after(day: date, months: int) -> date:
    """Return the last day of a term of so many months that begins with the day after `day`."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def term_of(grade: Grade, determined_on: date, *, policy: TermPolicy) -> Term:
    """Return the term of an entry of a grade that was legally determined on a day."""
    terms = policy.grades[grade]
    shortest = months_after(determined_on, terms.minimum_months)
    repairable = shortest + timedelta(days=1) if terms.minimum_months else determined_on
    return Term(repairable, shortest, months_after(determined_on, terms.maximum_months))


def over_at(last_day: date) -> datetime:
    """Return the moment, in UTC, at which a term is over: midnight in the city after its last day."""
    return start_of_local_day(last_day + timedelta(days=1))
