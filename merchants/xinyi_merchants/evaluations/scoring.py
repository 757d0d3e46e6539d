"""Score a merchant: one pure function of its inputs and the criteria, in integers: the same bytes for everybody."""

from __future__ import annotations

import hashlib
from typing import get_args

import msgspec

from xinyi_merchants.evaluations.criteria import Criteria, PartKey


class Inputs(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """What was known of a merchant at the end of a round. None means that it cannot be told, which is never a no.

    `standing` is None without a consent or without the bureau's word. `agency` is in permille. `answers` is how many
    residents answered the survey, `survey` how many gave 1, 2, 3, 4 and 5; it is empty where so few answered that
    a person could be guessed.
    """

    standing: str | None = None
    black_listed: bool = False
    answered_in_time: int = 0
    answered_late: int = 0
    satisfied: int = 0
    dissatisfied: int = 0
    inspections: int = 0
    inspections_passed: int = 0
    redemptions: int | None = None
    answers: int = 0
    survey: list[int] = []
    agency: int | None = None
    vetoes: list[str] = []


class Part(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """One part: its value and weight in permille, and the reason in a word. `value` None: left out."""

    key: PartKey
    weight: int
    value: int | None
    reason: str


class Result(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """`verdict`: passed, below, cannot_tell or veto. `total` is None where too little is told."""

    verdict: str
    total: int | None
    told: int
    parts: list[Part]
    vetoes: list[str]


def score(inputs: Inputs, criteria: Criteria) -> Result:
    """Return the result. Pure, integers only; no order in what it is given makes a difference."""
    found = _values(inputs, criteria)
    parts = [
        Part(key=key, weight=criteria.weights[key], value=found[key][0], reason=found[key][1])
        for key in get_args(PartKey)
        if key in criteria.weights
    ]
    told = sum(part.weight for part in parts if part.value is not None)
    points = sum(part.weight * part.value for part in parts if part.value is not None)
    total = points // told if told and told >= criteria.least_told else None
    vetoes = _vetoes(inputs, criteria)
    verdict = "veto" if vetoes else "cannot_tell" if total is None else _against(total, criteria)
    return Result(verdict=verdict, total=total, told=told, parts=parts, vetoes=vetoes)


def _against(total: int, criteria: Criteria) -> str:
    return "passed" if total >= criteria.pass_mark else "below"


def _vetoes(inputs: Inputs, criteria: Criteria) -> list[str]:
    facts = set(inputs.vetoes)
    if inputs.standing == "serious":
        facts.add("serious_standing")
    if inputs.black_listed:
        facts.add("black_listed")
    return [veto for veto in criteria.vetoes if veto in facts]


def _values(inputs: Inputs, criteria: Criteria) -> dict[PartKey, tuple[int | None, str]]:
    standing = criteria.standings.get(inputs.standing or "")
    return {
        "credit": (standing, inputs.standing or "cannot_tell"),
        "timeliness": _share(inputs.answered_in_time, inputs.answered_late),
        "satisfaction": _share(inputs.satisfied, inputs.dissatisfied),
        "inspections": _share(inputs.inspections_passed, inputs.inspections - inputs.inspections_passed),
        "participation": _participation(inputs.redemptions, criteria.full_redemptions),
        "survey": _survey(inputs, criteria.least_answers),
        "agency": (inputs.agency, "none" if inputs.agency is None else "scored"),
    }


def _share(good: int, bad: int) -> tuple[int | None, str]:
    if not good + bad:
        return None, "none"
    return good * 1_000 // (good + bad), f"{good}/{good + bad}"


def _participation(redemptions: int | None, full: int) -> tuple[int | None, str]:
    if redemptions is None:
        return None, "cannot_tell"
    return min(redemptions, full) * 1_000 // full, f"{redemptions}/{full}"


def _survey(inputs: Inputs, least: int) -> tuple[int | None, str]:
    """Score answers from 1 to 5: all ones are 0, all fives 1000."""
    if inputs.answers < least or not inputs.survey:
        return None, f"too_few:{inputs.answers}/{least}"
    points = sum(steps * times for steps, times in enumerate(inputs.survey))
    return points * 250 // inputs.answers, f"answers:{inputs.answers}"


class Sheet(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """What a merchant downloads and recomputes; `digest` is the SHA-256 of the result's canonical bytes."""

    format: str
    merchant: str
    round: str
    criteria: Criteria
    inputs: Inputs
    result: Result
    digest: str


FORMAT = "xinyi-evaluation-1"


def canonical(document: msgspec.Struct) -> bytes:
    """Return a document's one and only bytes: keys sorted, no blanks."""
    return msgspec.json.encode(document, order="sorted")


def digest_of(result: Result) -> str:
    """Return the SHA-256 of a result's canonical bytes in hex."""
    return hashlib.sha256(canonical(result)).hexdigest()


def differences(sheet: Sheet, published: Criteria | None) -> list[str]:
    """Return what of a downloaded sheet is not what scoring its inputs gives; empty where all is the same.

    `published` is the criteria of that version as this installation knows them.
    """
    found = [] if published == sheet.criteria else ["criteria"]
    again = score(sheet.inputs, published or sheet.criteria)
    for name in Result.__struct_fields__:
        if getattr(again, name) != getattr(sheet.result, name):
            found.append(f"result.{name}")
    if digest_of(again) != sheet.digest:
        found.append("digest")
    return found
