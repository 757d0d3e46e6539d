"""The file of cases beside a manifest: named people, what is known of them, and what each should be told."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any, Literal

import msgspec

from xinyi_platform.clock import SHANGHAI, local_date
from xinyi_scenarios.manifests.schema import Manifest

NOT_ASKED = {
    "unknown": "consent_missing",
    "zh": "尚未同意查询信用状况",
    "en": "There is no consent to read the standing",
}
SILENT = {"unknown": "bureau_down", "zh": "信用平台暂时无法访问", "en": "The bureau cannot be reached just now"}
_WORDS = {"no_consent": NOT_ASKED, "silent": SILENT}


class CaseError(Exception):
    """A file of cases cannot be used; the message says what to do."""


class Case(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What somebody should be told. `at` is local time; `decides` a requirement's type that the answer rests on."""

    who: str
    expect: Literal["eligible", "not_eligible", "unknown", "closed"]
    decides: str = ""
    at: datetime | None = None


class CaseFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """People by name, each with facts by name; a fact that is left out is not known."""

    people: dict[str, dict[str, Any]]
    cases: list[Case]


def read_cases(text: str, *, file: str, facts: Collection[str]) -> CaseFile:
    """Return the cases of a TOML text; `facts` are those that there are. Raises CaseError."""
    try:
        found = msgspec.convert(tomllib.loads(text), CaseFile)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise CaseError(f"{file}: {error}") from error
    for name, person in found.people.items():
        for fact in sorted(set(person) - set(facts) - {"age"}):
            raise CaseError(f"{file}: {name} has a fact {fact!r} that nobody provides; there are {_named(facts)}, age")
    for case in found.cases:
        if case.who not in found.people:
            raise CaseError(f"{file}: a case is about {case.who!r}; there are {_named(found.people)}")
    return found


def _named(names: Collection[str]) -> str:
    return ", ".join(sorted(names))


def facts_of_person(person: Mapping[str, Any], *, at: datetime, names: Collection[str]) -> dict[str, Any]:
    """Return the facts as they would be gathered. `age = 67` and `credit = "good"` stand for what lies behind them."""
    facts: dict[str, Any] = {**dict.fromkeys(names), **facts_of_moment(at, names), "credit": NOT_ASKED}
    for name, value in person.items():
        if name == "age":
            facts["birth_date"] = born_for(int(value), local_date(at)).isoformat()
        elif name == "credit":
            facts["credit"] = _credit(value, at)
        else:
            facts[name] = msgspec.to_builtins(value)
    return facts


def facts_of_moment(at: datetime, names: Collection[str]) -> dict[str, Any]:
    """Return the facts that the hour alone decides."""
    moment = {"today": local_date(at).isoformat(), "now": at.astimezone(SHANGHAI).isoformat()}
    return {name: fact for name, fact in moment.items() if name in names}


def _credit(value: Any, at: datetime) -> dict[str, Any]:
    if isinstance(value, str) and value in _WORDS:
        return _WORDS[value]
    given = {"standing": value} if isinstance(value, str) else dict(value)
    return {"black_listed": False, "as_of": at.isoformat(), "is_fresh": True, **given}


def born_for(age: int, today: date) -> date:
    """Return the birth date of one who turned `age` today."""
    try:
        return today.replace(year=today.year - age)
    except ValueError:
        return date(today.year - age, 2, 28)


def first_moment(scene: Manifest) -> datetime:
    """Return the first moment at which a scene takes claims."""
    day = scene.opens_on
    while day.isoweekday() not in scene.opening.weekdays:
        day += timedelta(days=1)
    return datetime.combine(day, time.fromisoformat(scene.opening.opens), SHANGHAI)
