"""The command line `xinyi`: the host's own commands, and those that features bring."""

from __future__ import annotations

import click

from xinyi_platform.commands.demonstrating import demo
from xinyi_platform.commands.diagnosing import doctor
from xinyi_platform.commands.opening import features_in_force
from xinyi_platform.commands.ring import keys
from xinyi_platform.commands.schema import migrate
from xinyi_platform.commands.seeding import logins, seed
from xinyi_platform.commands.serving import serve, worker
from xinyi_platform.commands.simulating import bureau
from xinyi_platform.commands.trail import audit


class FeatureGroup(click.Group):
    """A group that also has the commands of the features, which are loaded only when they are asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*super().list_commands(ctx), *_feature_commands()})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        return super().get_command(ctx, cmd_name) or _feature_commands().get(cmd_name)


def _feature_commands() -> dict[str, click.Command]:
    return {command.name or "": command for feature in features_in_force() for command in feature.commands}


@click.group(cls=FeatureGroup)
@click.version_option(package_name="xinyi")
def main() -> None:
    """信易+ Xinyi+: good public credit becomes everyday benefits, with reasons."""


for _command in (audit, bureau, demo, doctor, keys, logins, migrate, seed, serve, worker):
    main.add_command(_command)

if __name__ == "__main__":
    main()
