"""The scenes that come along: every one loads, is worded twice, and asks for what there is."""

from __future__ import annotations

import shutil
import tomllib
from importlib.resources import files
from pathlib import Path

import pytest
from click.testing import CliRunner

from xinyi_merchants.registry import TRADES
from xinyi_platform.app import all_features
from xinyi_platform.cli import main
from xinyi_scenarios.manifests import load_catalogue
from xinyi_scenarios.manifests.flows import Voucher
from xinyi_scenarios.manifests.loading import manifest_from
from xinyi_scenarios.manifests.schema import Manifest
from xinyi_scenarios.requirements import REGISTRY, evaluate
from xinyi_scenarios.requirements.checking import check_table
from xinyi_scenarios.requirements.gathering import GIVEN, PROVIDERS

FILES = sorted(file.name for file in files("xinyi_scenarios.catalogue").iterdir() if file.name.endswith(".toml"))


@pytest.fixture(scope="module")
def scenes() -> dict[str, Manifest]:
    for feature in all_features():
        feature.register_types()
    return load_catalogue(check_table).scenes


def test_every_file_is_a_scene_of_its_own_name(scenes: dict[str, Manifest]) -> None:
    assert sorted(f"{slug}.toml" for slug in scenes) == FILES
    assert len(FILES) == 32


@pytest.mark.parametrize("file", FILES)
def test_a_scene_is_worded_in_both_languages(scenes: dict[str, Manifest], file: str) -> None:
    scene = scenes[file.removesuffix(".toml")]
    for sentence in (scene.name, scene.summary, scene.terms, scene.provider):
        assert any("\u4e00" <= letter <= "\u9fff" for letter in sentence.zh)
        assert sentence.en.isascii()


@pytest.mark.parametrize("file", FILES)
def test_a_scene_names_trades_and_facts_that_there_are(scenes: dict[str, Manifest], file: str) -> None:
    scene = scenes[file.removesuffix(".toml")]
    if isinstance(scene.gives, Voucher):
        assert set(scene.gives.trades) <= set(TRADES)
    for table in scene.requires:
        assert check_table(table) <= set(PROVIDERS) | GIVEN


@pytest.mark.parametrize("file", FILES)
def test_a_scene_can_be_decided_when_nothing_is_known(scenes: dict[str, Manifest], file: str) -> None:
    """Facts that nobody provided lead to "cannot tell", never to a refusal."""
    scene = scenes[file.removesuffix(".toml")]
    facts = dict.fromkeys(set().union(*(check_table(table) for table in scene.requires)))
    facts |= {"credit": {"unknown": "not_answered", "zh": "未知", "en": "unknown"}, "today": "2026-11-23"}
    assert {finding.outcome for finding in evaluate(scene.requires, facts)} == {"cannot_tell"}


def test_the_command_lists_every_scene() -> None:
    printed = CliRunner().invoke(main, ["scenario", "list"])
    assert printed.exit_code == 0
    assert sorted(line.split()[0] + ".toml" for line in printed.stdout.splitlines()) == FILES


@pytest.mark.parametrize("file", FILES)
def test_the_linter_passes_what_comes_along(tmp_path: Path, file: str) -> None:
    with (tmp_path / file).open("wb") as copy, files("xinyi_scenarios.catalogue").joinpath(file).open("rb") as source:
        shutil.copyfileobj(source, copy)
    printed = CliRunner().invoke(main, ["scenario", "lint", str(tmp_path / file)])
    assert (printed.exit_code, printed.output) == (0, f"{file}: ok\n")


def test_every_type_is_described_in_the_readme() -> None:
    for feature in all_features():
        feature.register_types()
    readme = (Path(__file__).parents[3] / "scenarios" / "README.md").read_text(encoding="utf-8")
    assert [name for name in [*REGISTRY.names(), "any_of", "all_of", "not"] if f"`{name}`" not in readme] == []


def test_the_manifest_that_the_readme_walks_through_is_one(tmp_path: Path) -> None:
    readme = (Path(__file__).parents[3] / "scenarios" / "README.md").read_text(encoding="utf-8")
    (shown,) = [part.split("```")[0] for part in readme.split("```toml\n")[1:]]
    assert tomllib.loads(shown)["slug"] == "museum"
    (tmp_path / "museum.toml").write_text(shown, encoding="utf-8")
    printed = CliRunner().invoke(main, ["scenario", "lint", str(tmp_path / "museum.toml")])
    assert (printed.exit_code, printed.output) == (0, "museum.toml: ok\n")


@pytest.mark.parametrize("file", FILES)
def test_what_was_read_can_be_written_and_read_again(scenes: dict[str, Manifest], file: str) -> None:
    scene = scenes[file.removesuffix(".toml")]
    assert manifest_from(scene.written()) == scene


def test_the_readme_lists_every_scene_with_its_name_and_flow(scenes: dict[str, Manifest]) -> None:
    readme = (Path(__file__).parents[3] / "scenarios" / "README.md").read_text(encoding="utf-8")
    table = readme.split("### The 32 scenes\n")[1].split("\n### ")[0]
    listed = [line for line in table.splitlines() if line.startswith("| `")]
    assert listed == [f"| `{s.slug}` | {s.name.zh} · {s.name.en} | `{s.flow}` |" for _, s in sorted(scenes.items())]
