"""The features that are installed, and the modules that hold their models."""

from __future__ import annotations

from pathlib import Path

from xinyi_platform.app import all_features
from xinyi_platform.app import model_modules as modules_of
from xinyi_platform.features import Feature, installed_features

ROOT = Path(__file__).resolve().parents[2]


def model_modules() -> list[str]:
    """Return the modules that hold the models of the host and of every installed feature."""
    return modules_of(all_features())


def features() -> list[Feature]:
    """Return fresh instances of the installed features, without the host's own."""
    return installed_features()
