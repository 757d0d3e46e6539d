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
    for feature in features:
        feature.prepare(runtime)
    async with connect_database(settings.database_url, model_modules(features)):
        for feature in features:
            await feature.start(runtime)
        try:
            yield runtime, features
        finally:
            for feature in reversed(features):
                await feature.stop(runtime)
            await runtime.close()
