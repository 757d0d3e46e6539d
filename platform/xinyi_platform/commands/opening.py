"""What commands start from: the settings in force, and one instance's parts over the open database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import click

from xinyi_platform.app import all_features, model_modules
from xinyi_platform.database import connect_database
from xinyi_platform.features import Feature, FeatureError
from xinyi_platform.keys import KeyRingError
from xinyi_platform.runtime import Runtime, build_runtime
from xinyi_platform.settings import Settings


def features_in_force() -> list[Feature]:
    """Load the host's and the installed features; a missing one ends the command."""
    try:
        return all_features()
    except FeatureError as error:
        raise click.ClickException(str(error)) from error


def registered_features() -> list[Feature]:
    """Load the features and register their types; what would stop the start ends the command."""
    features = features_in_force()
    try:
        for feature in features:
            feature.register_types()
    except FeatureError as error:
        raise click.ClickException(str(error)) from error
    return features


def check_foreign_parts() -> None:
    """End the command where somebody else's package would stop the start, before server processes die of it."""
    try:
        for feature in registered_features():
            feature.diagnose()
    except FeatureError as error:
        raise click.ClickException(str(error)) from error


def models_in_force() -> list[str]:
    """Return the modules that hold the models of every feature."""
    return model_modules(features_in_force())


@asynccontextmanager
async def open_runtime(settings: Settings) -> AsyncIterator[tuple[Runtime, list[Feature]]]:
    """Hold an instance's parts and its database open, with the features started, for one command."""
    features = features_in_force()
    try:
        runtime = build_runtime(settings)
    except KeyRingError as error:
        raise click.ClickException(str(error)) from error
    async with connect_database(settings.database_url, model_modules(features)):
        try:
            for feature in features:
                feature.prepare(runtime)
            for feature in features:
                await feature.start(runtime)
        except FeatureError as error:
            raise click.ClickException(str(error)) from error
        try:
            yield runtime, features
        finally:
            for feature in reversed(features):
                await feature.stop(runtime)
            await runtime.close()
