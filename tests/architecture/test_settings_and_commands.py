"""Every setting is explained and shown, every command says what it does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from xinyi_platform.cli import main
from xinyi_platform.commands.diagnosing import describe
from xinyi_platform.settings import Settings

# Where a value could be put that nobody may see in a terminal's history.
PASSWORD = "hunter2"


def every_command(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None, name
        yield (*path, name), command
        if isinstance(command, click.Group):
            yield from every_command(command, (*path, name))


COMMANDS = dict(every_command(main))


@pytest.mark.parametrize("name", [field.name for field in fields(Settings)])
def test_a_setting_says_what_it_is_for(name: str) -> None:
    meaning = next(field.metadata["meaning"] for field in fields(Settings) if field.name == name)
    assert len(meaning) >= 10


@pytest.mark.parametrize("name", [field.name for field in fields(Settings)])
def test_a_setting_is_read_from_its_name_and_shown_by_the_doctor(name: str) -> None:
    value = getattr(Settings(), name)
    read = Settings.from_environment({f"XINYI_{name.upper()}": str(value)})
    assert read == Settings()
    assert f"XINYI_{name.upper()}={value}" in describe(read)


def test_the_doctor_prints_every_setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XINYI_SECRET_FILE", str(tmp_path / "none.json"))
    monkeypatch.setenv("XINYI_DATABASE_URL", f"sqlite://{tmp_path}/city.sqlite3")
    answer = CliRunner().invoke(main, ["doctor"])
    assert answer.exit_code == 1, "there is no key ring"
    for field in fields(Settings):
        assert f"XINYI_{field.name.upper()}=" in answer.output
    assert "there is no key ring" in answer.output


@pytest.mark.parametrize("name", ["database_url", "redis_url", "sms_gateway_url"])
def test_a_password_in_an_address_is_masked(name: str) -> None:
    shown = "\n".join(describe(Settings(**{name: f"scheme://city:{PASSWORD}@host:5/x"})))  # type: ignore[arg-type]
    assert PASSWORD not in shown
    assert "scheme://city:***@host:5/x" in shown


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_a_command_says_what_it_does(path: tuple[str, ...]) -> None:
    command = COMMANDS[path]
    assert (command.help or "").strip(), "no help"
    for option in command.params:
        if isinstance(option, click.Option) and not option.is_flag and not option.help:
            assert option.show_default or option.prompt, f"{option.name} is not explained"
    answer = CliRunner().invoke(main, [*path, "--help"])
    assert answer.exit_code == 0, answer.output
    assert answer.output.startswith("Usage:")


def test_a_wrong_setting_ends_a_command_with_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XINYI_WORKERS", "many")
    answer = CliRunner().invoke(main, ["doctor"])
    assert answer.exit_code == 1
    assert answer.output == "Error: XINYI_WORKERS takes int, not 'many'\n"


def test_a_misspelt_setting_is_not_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XINYI_DATABASE", "sqlite://x")
    answer = CliRunner().invoke(main, ["migrate", "check"])
    assert answer.exit_code == 1
    assert "unknown setting XINYI_DATABASE" in answer.output
