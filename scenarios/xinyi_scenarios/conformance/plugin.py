"""The kit's door into pytest: parametrises tests that use `conformance`, and does nothing to others."""

from __future__ import annotations

import pytest

from xinyi_platform.app import all_features
from xinyi_scenarios.conformance.checks import checks_of
from xinyi_scenarios.plugins.registering import register_plugin


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Make a test of each check of the plug-in that the test's module names as SCENE_PLUGIN."""
    if "conformance" not in metafunc.fixturenames:
        return
    make = getattr(metafunc.module, "SCENE_PLUGIN", None)
    if not callable(make):
        raise pytest.UsageError(f"{metafunc.module.__name__} uses `conformance`: set SCENE_PLUGIN to the plug-in")
    for feature in all_features():
        feature.register_types()
    plugin = make()
    register_plugin(plugin)
    checks = checks_of(plugin, getattr(metafunc.module, "EXAMPLES", {}))
    metafunc.parametrize("conformance", checks, ids=[check.name for check in checks])
