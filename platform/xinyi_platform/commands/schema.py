"""`xinyi migrate`: the only way that the schema changes."""

from __future__ import annotations

import click

from xinyi_platform import migrations
from xinyi_platform.commands.environment import settings_in_force
from xinyi_platform.commands.opening import models_in_force
from xinyi_platform.database.revisions import head_revision


@click.group(invoke_without_command=True)
@click.pass_context
def migrate(context: click.Context) -> None:
    """Bring the schema up to this program's. The commands below do other things with it."""
    if context.invoked_subcommand is None:
        migrations.upgrade(settings_in_force().database_url, models_in_force())
        click.echo(f"schema at {head_revision() or 'nothing: there is no revision yet'}")


@migrate.command()
@click.option("--to", default="head", show_default=True)
@click.option("--sql", is_flag=True, help="print the SQL from an empty database instead of running it")
def up(to: str, sql: bool) -> None:
    """Bring the schema up to a revision."""
    settings = settings_in_force()
    if sql:
        if settings.is_sqlite:
            raise click.ClickException("SQLite's tables are rebuilt as found: set XINYI_DATABASE_URL to a PostgreSQL")
        click.echo(migrations.upgrade_sql(settings.database_url, models_in_force(), to=to))
        return
    migrations.upgrade(settings.database_url, models_in_force(), to=to)


@migrate.command()
@click.option("--to", required=True, help="a revision, or `base`")
@click.confirmation_option(prompt="Data in what is removed will be lost. Go on?")
def down(to: str) -> None:
    """Bring the schema down to a revision."""
    migrations.downgrade(settings_in_force().database_url, models_in_force(), to=to)


@migrate.command()
def check() -> None:
    """Fail where the database differs from the models."""
    found = migrations.differences(settings_in_force().database_url, models_in_force())
    if found:
        raise click.ClickException(found)
    click.echo("the database fits the models")


@migrate.command()
@click.option("-m", "--message", required=True, help="what changes, in a few words")
def revision(message: str) -> None:
    """Write a revision with what the models have and the database lacks. Use a PostgreSQL that is at the head."""
    settings = settings_in_force()
    if settings.is_sqlite:
        raise click.ClickException("SQLite cannot tell all types apart: set XINYI_DATABASE_URL to a PostgreSQL")
    number = migrations.next_number()
    path = migrations.make_revision(settings.database_url, models_in_force(), message=message, number=number)
    click.echo(f"wrote {path}: read it, then run it up and down on both databases")
