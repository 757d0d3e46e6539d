"""How features are found: a missing or broken built-in stops the start with a sentence."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
from click.testing import CliRunner
from support.loading import model_modules
from support.sources import ROOMS, ROOT, sources

from xinyi_platform import features
from xinyi_platform.app import all_features
from xinyi_platform.cli import main
from xinyi_platform.features import BUILT_IN, GROUP, FeatureError, installed_features

REAL = {name: EntryPoint(name, f"xinyi_{name}.feature:{name.title()}Feature", GROUP) for name in BUILT_IN}


def install(monkeypatch: pytest.MonkeyPatch, points: Iterable[EntryPoint]) -> None:
    """Let the given entry points be all that are installed."""
    given = list(points)
    monkeypatch.setattr(features, "entry_points", lambda *, group: [p for p in given if p.group == group])


@pytest.mark.parametrize("missing", BUILT_IN)
def test_a_missing_built_in_stops_the_start(missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, [point for name, point in REAL.items() if name != missing])
    with pytest.raises(FeatureError, match=f"built-in feature {missing} is not installed.*pip install -e"):
        installed_features()


def test_without_an_install_every_built_in_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, [])
    with pytest.raises(FeatureError, match="merchants, scenarios, rewards"):
        installed_features()


def test_a_broken_feature_stops_the_start_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, [*REAL.values(), EntryPoint("parking", "no_such_module:Parking", GROUP)])
    with pytest.raises(FeatureError, match="feature parking cannot be loaded: No module named 'no_such_module'"):
        installed_features()


def test_a_command_ends_with_the_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XINYI_DATABASE_URL", f"sqlite://{tmp_path}/city.sqlite3")
    install(monkeypatch, [])
    answer = CliRunner().invoke(main, ["migrate"])
    assert answer.exit_code == 1
    assert answer.output.startswith("Error: built-in feature merchants, scenarios, rewards is not installed")


def test_built_ins_come_in_the_order_of_their_dependencies_and_foreign_ones_after(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    foreign = EntryPoint("aaa", "xinyi_platform.features:Feature", GROUP)
    install(monkeypatch, [foreign, *reversed(REAL.values())])
    assert [type(found).__name__ for found in installed_features()] == [
        "MerchantsFeature",
        "ScenariosFeature",
        "RewardsFeature",
        "Feature",
    ]


def test_every_models_module_is_registered_by_its_feature() -> None:
    """A table that no feature names would have no migration and no connection."""
    written = {source.name for source in sources() if source.path.stem == "models"}
    assert written == set(model_modules())


def test_every_folder_of_templates_is_registered() -> None:
    there = {folder for room in ROOMS for folder in (ROOT / room).rglob("templates") if folder.is_dir()}
    assert there == {folder for feature in all_features() for folder in feature.template_folders}
