"""Run the cases of a manifest by the evaluator that pages, claims and replays use."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from xinyi_platform.clock import SHANGHAI, local_date
from xinyi_platform.language import Text
from xinyi_scenarios.claims.terms import is_open
from xinyi_scenarios.manifests.schema import Manifest
from xinyi_scenarios.requirements import REGISTRY, Finding, Outcome, Verdict, evaluate, verdict_of
from xinyi_scenarios.trials.boundaries import boundaries_of
from xinyi_scenarios.trials.cases import Case, CaseFile, facts_of_moment, facts_of_person, first_moment

_DECIDES = {Verdict.NOT_ELIGIBLE: Outcome.NOT_MET, Verdict.UNKNOWN: Outcome.CANNOT_TELL}


@dataclass(frozen=True, slots=True)
class Trial:
    """One case as it came out. `wrong` says what does not fit, empty where all does."""

    name: str
    expected: str
    came_out: str
    decided_by: str
    wrong: str = ""


def try_cases(scene: Manifest, cases: CaseFile, *, facts: Collection[str]) -> list[Trial]:
    """Return how each case came out; `facts` are the names of those that there are."""
    return [_try_case(scene, case, cases.people[case.who], facts) for case in cases.cases]


def _try_case(scene: Manifest, case: Case, person: Mapping[str, Any], names: Collection[str]) -> Trial:
    at = case.at or first_moment(scene)
    at = at if at.tzinfo else at.replace(tzinfo=SHANGHAI)
    name = case.who if case.at is None else f"{case.who}, {at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
    expected = f"{case.expect} ({case.decides})" if case.decides else case.expect
    if not takes_claims(scene, at):
        return Trial(name, expected, "closed", "", "" if case.expect == "closed" else "takes no claims then")
    facts = {"scene": scene.slug, **facts_of_person(person, at=at, names=names)}
    findings = evaluate(scene.requires, facts)
    verdict = verdict_of(findings)
    deciding = deciding_types(findings, verdict)
    wrong = _wordless(findings)
    if case.decides and case.decides not in deciding:
        wrong = f"{case.decides} does not decide it"
    if verdict.value != case.expect:
        wrong = "another verdict"
    return Trial(name, expected, verdict.value, ", ".join(deciding), wrong)


def takes_claims(scene: Manifest, at: datetime) -> bool:
    """Tell whether a scene's days and hours take a claim at a moment."""
    day = local_date(at)
    in_days = scene.opens_on <= day and (scene.closes_on is None or day <= scene.closes_on)
    return in_days and is_open(scene.opening, at)


def deciding_types(findings: Sequence[Finding], verdict: Verdict) -> list[str]:
    """Return the types of the requirements that a verdict rests on, those inside groups as well."""
    wanted = _DECIDES.get(verdict, Outcome.MET)
    return list(dict.fromkeys(_deciding(findings, wanted)))


def _deciding(findings: Sequence[Finding], wanted: Outcome) -> Iterator[str]:
    for finding in findings:
        if finding.outcome is wanted:
            yield finding.type
            inside = finding.parts if finding.type != "not" else ()
            yield from _deciding(inside, wanted)
            yield from (part.type for part in finding.parts if finding.type == "not")


def _flat(findings: Sequence[Finding]) -> Iterator[Finding]:
    for finding in findings:
        yield finding
        yield from _flat(finding.parts)


def _wordless(findings: Sequence[Finding]) -> str:
    """Say which finding has no words in one of the languages."""
    for finding in _flat(findings):
        if not all(has_words(text) for text in (finding.reason, finding.would_change) if text is not None):
            return f"{finding.type} has no words in one language"
    return ""


def has_words(text: Text) -> bool:
    """Tell whether a text says something in both languages."""
    return bool(text.zh.strip() and text.en.strip())


def try_boundaries(scene: Manifest, *, facts: Collection[str]) -> list[Trial]:
    """Return how each requirement, taken by itself, comes out on both sides of its arguments."""
    at = first_moment(scene)
    tables = [*_leaves(scene.requires), *_leaves(scene.requires_at_use)]
    nothing = {**dict.fromkeys(facts), **facts_of_moment(at, facts), "scene": scene.slug, "merchant": None}
    return [trial for table in tables for trial in _try_table(table, at, nothing)]


def _leaves(tables: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    for table in tables:
        if isinstance(table.get("of"), list):
            yield from _leaves(table["of"])
        else:
            yield table


def _try_table(table: Mapping[str, Any], at: datetime, nothing: Mapping[str, Any]) -> Iterator[Trial]:
    kind = REGISTRY.get(str(table["type"]))
    args = msgspec.convert({key: value for key, value in table.items() if key != "type"}, kind.arguments)
    for example in boundaries_of(kind, args, at):
        (finding,) = evaluate([table], {**nothing, **example.facts})
        wrong = "" if finding.outcome is example.outcome else "another outcome"
        label = f"{kind.name}: {example.label}"
        yield Trial(label, example.outcome.value, finding.outcome.value, finding.type, wrong or _wordless([finding]))
    if not boundaries_of(kind, args, at):
        yield Trial(f"{kind.name}: nothing known of its boundaries", "", "", "")
