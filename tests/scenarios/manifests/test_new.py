"""`xinyi scenario new` begins a scene with a file that already passes."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from xinyi_platform.cli import main


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("flow", ["voucher", "waiver"])
def test_a_new_manifest_passes_lint(flow: str) -> None:
    made = CliRunner().invoke(main, ["scenario", "new", "museum", "--flow", flow])
    assert made.exit_code == 0, made.output
    assert f'flow = "{flow}"' in Path("museum.toml").read_text(encoding="utf-8")
    assert CliRunner().invoke(main, ["scenario", "lint", "museum.toml"]).exit_code == 0


def test_a_file_that_is_there_is_kept() -> None:
    Path("museum.toml").write_text("mine")
    made = CliRunner().invoke(main, ["scenario", "new", "museum"])
    assert made.exit_code == 1
    assert "is there already" in made.output
    assert Path("museum.toml").read_text() == "mine"


@pytest.mark.parametrize("slug", ["Museum", "9lives", "a", "../museum", "m" * 60])
def test_what_is_no_slug_is_refused_and_nothing_is_written(slug: str, tmp_path: Path) -> None:
    made = CliRunner().invoke(main, ["scenario", "new", slug])
    assert made.exit_code == 1
    assert "slug" in made.output or ".toml:1" in made.output
    assert list(tmp_path.iterdir()) == []
