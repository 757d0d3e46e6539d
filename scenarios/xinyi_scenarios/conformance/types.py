"""What every requirement type must do, tried on its author's examples."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from xinyi_scenarios.manifests import ManifestError, read_manifest
from xinyi_scenarios.plugins import ManifestFile
from xinyi_scenarios.requirements import REGISTRY, Finding, Outcome, RequirementType
from xinyi_scenarios.requirements.checking import check_table
from xinyi_scenarios.requirements.examples import Example
from xinyi_scenarios.trials.boundaries import boundaries_of
from xinyi_scenarios.trials.running import has_words

Kind = RequirementType[Any]
Examples = Sequence[Example]
AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
# An identity number, or a mobile phone's.
_PERSONAL = re.compile(r"(?<!\d)(\d{17}[\dXx]|1\d{10})(?!\d)")


def examples_of(kind: Kind, files: Sequence[ManifestFile]) -> list[Example]:
    """Return the boundaries of a type's arguments as the manifests that use it set them."""
    found = []
    for table in (table for file in files for table in _tables(file) if table.get("type") == kind.name):
        arguments = {key: value for key, value in table.items() if key != "type"}
        for example in boundaries_of(kind, msgspec.convert(arguments, kind.arguments), AT):
            found.append(Example(example.facts, example.outcome, arguments, example.label))
    return found


def _tables(file: ManifestFile) -> Iterator[Mapping[str, Any]]:
    try:
        scene = read_manifest(file.read_text(encoding="utf-8"), file=file.name, check=check_table)
    except ManifestError:
        return  # its own check says so
    yield from _leaves([*scene.requires, *scene.requires_at_use])


def _leaves(tables: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    for table in tables:
        if isinstance(table.get("of"), list):
            yield from _leaves(table["of"])
        else:
            yield table


class Watched(Mapping[str, Any]):
    """Facts that remember which of them were read."""

    def __init__(self, facts: Mapping[str, Any]) -> None:
        self._facts = facts
        self.read: set[str] = set()

    def __getitem__(self, name: str) -> Any:
        self.read.add(name)
        return self._facts[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._facts)

    def __len__(self) -> int:
        return len(self._facts)


def _check(kind: Kind, example: Example, facts: Mapping[str, Any] | None = None) -> Finding:
    arguments = msgspec.convert(dict(example.arguments), kind.arguments)
    return kind.check(example.facts if facts is None else facts, arguments)


def is_registered(kind: Kind, _: Examples) -> None:
    assert type(REGISTRY.get(kind.name)) is type(kind), f"{kind.name} is not the type that is registered by that name"


def refuses_unknown_arguments(kind: Kind, _: Examples) -> None:
    wrong = kind.arguments.__struct_config__.forbid_unknown_fields
    assert wrong, f"{kind.arguments.__name__} takes misspelt arguments: derive it from Arguments"


def has_an_example_of_each_outcome(kind: Kind, examples: Examples) -> None:
    missing = set(Outcome) - {example.outcome for example in examples}
    assert not missing, f"give examples that come to {', '.join(sorted(missing))}"


def says_what_its_examples_say(kind: Kind, examples: Examples) -> None:
    for example in examples:
        finding = _check(kind, example)
        assert finding.outcome is example.outcome, f"{example}: {finding}"
        assert finding.type == kind.name, f"the finding is of {finding.type}"


def speaks_both_languages(kind: Kind, examples: Examples) -> None:
    for example in examples:
        finding = _check(kind, example)
        for text in (finding.reason, finding.would_change):
            assert text is None or has_words(text), f"{example}: {text}"


def is_pure(kind: Kind, examples: Examples) -> None:
    """Same facts, same finding, also after a way through the database; and the facts are left as they were."""
    for example in examples:
        before = copy.deepcopy(dict(example.facts))
        first = _check(kind, example)
        assert dict(example.facts) == before, f"the check changed the facts of {example}"
        assert _check(kind, example) == first, f"another finding the second time: {example}"
        stored = msgspec.json.decode(msgspec.json.encode(before))
        assert _check(kind, example, stored) == first, f"another finding from stored facts: {example}"


def reads_only_its_facts(kind: Kind, examples: Examples) -> None:
    for example in examples:
        watched = Watched(example.facts)
        _check(kind, example, watched)
        more = watched.read - set(kind.facts)
        assert not more, f"reads {', '.join(sorted(more))}, which `facts` does not name"


def cannot_tell_without_facts(kind: Kind, examples: Examples) -> None:
    """What nobody knows refuses nobody, and breaks nothing."""
    for example in examples:
        for facts in ({}, dict.fromkeys(kind.facts)):
            outcome = _check(kind, example, facts).outcome
            assert outcome is Outcome.CANNOT_TELL, f"{outcome} with no facts at all"
        for missing in kind.facts:
            _check(kind, example, {**example.facts, missing: None})
            _check(kind, example, {name: fact for name, fact in example.facts.items() if name != missing})


def shows_no_personal_number(kind: Kind, examples: Examples) -> None:
    for example in examples:
        finding = _check(kind, example)
        change = finding.would_change
        said = [finding.reason.zh, finding.reason.en, finding.compared, *((change.zh, change.en) if change else ())]
        assert not any(_PERSONAL.search(text) for text in said), f"mask what is personal: {said}"


TYPE_CHECKS: dict[str, Callable[[Kind, Examples], None]] = {
    check.__name__.replace("_", " "): check
    for check in (
        is_registered,
        refuses_unknown_arguments,
        has_an_example_of_each_outcome,
        says_what_its_examples_say,
        speaks_both_languages,
        is_pure,
        reads_only_its_facts,
        cannot_tell_without_facts,
        shows_no_personal_number,
    )
}
