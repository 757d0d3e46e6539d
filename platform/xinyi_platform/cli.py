"""The command line `xinyi`: the host's own commands, and those that features bring.

A command's module is loaded when the command is asked for, so that `xinyi serve` does not wait for Alembic, nor
`xinyi keys` for the pages.
"""

from __future__ import annotations

from importlib import import_module

import click

_HOST = {
    "audit": "trail:audit",
    "bureau": "simulating:bureau",
    "demo": "demonstrating:demo",
    "doctor": "diagnosing:doctor",
    "keys": "ring:keys",
    "logins": "seeding:logins",
    "migrate": "schema:migrate",
    "seed": "seeding:seed",
    "serve": "serving:serve",
    "worker": "working:worker",
}


class FeatureGroup(click.Group):
    """A group of the host's commands and of those of the features."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*_HOST, *_feature_commands()})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _HOST:
            return _feature_commands().get(cmd_name)
        module, name = _HOST[cmd_name].split(":")
        command: click.Command = getattr(import_module(f"xinyi_platform.commands.{module}"), name)
        return command


def _feature_commands() -> dict[str, click.Command]:
    found = import_module("xinyi_platform.commands.opening").features_in_force()
    return {command.name or "": command for feature in found for command in feature.commands}


@click.group(cls=FeatureGroup)
@click.version_option(package_name="xinyi")
def main() -> None:
    """信易+ Xinyi+: good public credit becomes everyday benefits, with reasons."""


if __name__ == "__main__":
    main()
