"""Which features and models take part, also while rooms of the house are still being built."""

from __future__ import annotations

import importlib
import warnings
from pathlib import Path

from xinyi_platform.features import Feature

ROOT = Path(__file__).resolve().parents[2]


def model_modules() -> list[str]:
    """Return every models module of the checkout that can be imported; a broken one is warned about."""
    found = []
    for room in (
        "platform/xinyi_platform",
        "merchants/xinyi_merchants",
        "scenarios/xinyi_scenarios",
        "rewards/xinyi_rewards",
    ):
        for path in sorted((ROOT / room).rglob("models.py")):
            name = ".".join(path.relative_to(ROOT / room.split("/")[0]).with_suffix("").parts)
            try:
                importlib.import_module(name)
            except Exception as error:  # the tolerance of the building weeks
                warnings.warn(f"models left out: {name}: {error}", stacklevel=2)
                continue
            found.append(name)
    return found


def features() -> list[Feature]:
    """Return the features that can be imported; a broken one is warned about."""
    found: list[Feature] = []
    for name, kind in (
        ("merchants", "MerchantsFeature"),
        ("scenarios", "ScenariosFeature"),
        ("rewards", "RewardsFeature"),
    ):
        try:
            module = importlib.import_module(f"xinyi_{name}.feature")
        except Exception as error:  # the tolerance of the building weeks
            warnings.warn(f"feature left out: {name}: {error}", stacklevel=2)
            continue
        found.append(getattr(module, kind)())
    return found
