"""What every manifest must pass."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from xinyi_scenarios.decisions.deciding import trace_of
from xinyi_scenarios.manifests import Manifest, read_manifest
from xinyi_scenarios.manifests.flows import FLOWS
from xinyi_scenarios.manifests.loading import check_host, manifest_from, reads_of
from xinyi_scenarios.manifests.parts import Sentence
from xinyi_scenarios.plugins import ManifestFile, ScenePlugin
from xinyi_scenarios.plugins.finding import BUILT_IN
from xinyi_scenarios.requirements import Verdict, evaluate, verdict_of
from xinyi_scenarios.requirements.checking import check_table
from xinyi_scenarios.requirements.gathering import GIVEN, PROVIDERS
from xinyi_scenarios.trials.running import has_words, try_boundaries


def _read(file: ManifestFile) -> Manifest:
    return read_manifest(file.read_text(encoding="utf-8"), file=file.name, check=check_table)


def passes_lint(file: ManifestFile, _: ScenePlugin) -> None:
    _read(file)


def reads_what_it_declares(file: ManifestFile, plugin: ScenePlugin) -> None:
    scene = _read(file)
    reads = reads_of(scene, check_table)
    check_host(scene, reads, who=file.name, is_foreign=plugin.name != BUILT_IN.name)
    missing = reads - set(PROVIDERS) - GIVEN
    assert not missing, f"nobody provides {', '.join(sorted(missing))}"


def speaks_both_languages(file: ManifestFile, _: ScenePlugin) -> None:
    for sentence in _sentences(_read(file)):
        assert any("\u4e00" <= letter <= "\u9fff" for letter in sentence.zh), f"no Chinese: {sentence.zh}"
        assert not any("\u4e00" <= letter <= "\u9fff" for letter in sentence.en), f"no English: {sentence.en}"
        assert has_words(sentence.text), f"a language is empty: {sentence}"


def _sentences(part: Any) -> Iterator[Sentence]:
    if isinstance(part, Sentence):
        yield part
    elif isinstance(part, msgspec.Struct):
        for name in part.__struct_fields__:
            yield from _sentences(getattr(part, name))
    elif isinstance(part, (list, tuple)):
        for inner in part:
            yield from _sentences(inner)


def can_be_written_and_read_again(file: ManifestFile, _: ScenePlugin) -> None:
    """A console writes what it read; what is promised comes back from the database as it was."""
    scene = _read(file)
    assert manifest_from(scene.written()) == scene
    kept = msgspec.json.decode(msgspec.json.encode(scene.gives.benefit(scene.flow)))
    assert FLOWS.read({"flow": kept.pop("kind"), **kept}) == scene.gives


def refuses_nobody_of_whom_nothing_is_known(file: ManifestFile, _: ScenePlugin) -> None:
    scene = _read(file)
    verdict = verdict_of(evaluate(scene.requires, dict.fromkeys(reads_of(scene, check_table))))
    assert verdict is (Verdict.UNKNOWN if scene.requires else Verdict.ELIGIBLE), verdict


def is_decided_the_same_on_replay(file: ManifestFile, _: ScenePlugin) -> None:
    """A decision keeps its requirements and facts as JSON; from these it must come out as it did."""
    scene = _read(file)
    facts = dict.fromkeys(reads_of(scene, check_table))
    requires, stored = msgspec.json.decode(msgspec.json.encode((scene.requires, facts)))
    assert [trace_of(f) for f in evaluate(requires, stored)] == [trace_of(f) for f in evaluate(scene.requires, facts)]


def comes_out_as_expected_on_both_sides(file: ManifestFile, _: ScenePlugin) -> None:
    wrong = [trial for trial in try_boundaries(_read(file), facts=PROVIDERS) if trial.wrong]
    assert not wrong, wrong


SCENE_CHECKS: dict[str, Callable[[ManifestFile, ScenePlugin], None]] = {
    check.__name__.replace("_", " "): check
    for check in (
        passes_lint,
        reads_what_it_declares,
        speaks_both_languages,
        can_be_written_and_read_again,
        refuses_nobody_of_whom_nothing_is_known,
        is_decided_the_same_on_replay,
        comes_out_as_expected_on_both_sides,
    )
}
