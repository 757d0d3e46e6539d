"""Where every command begins: the settings in force."""

from __future__ import annotations

import click

from xinyi_platform.settings import Settings, SettingsError


def settings_in_force() -> Settings:
    """Read the settings; a wrong one ends the command with a sentence instead of a traceback."""
    try:
        return Settings.from_environment()
    except SettingsError as error:
        raise click.ClickException(str(error)) from error
