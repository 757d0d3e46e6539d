"""The entry-point groups through which other packages add to the host, read without loading anything of them."""

from __future__ import annotations

from importlib.metadata import entry_points

FEATURES_GROUP = "xinyi.features"
SCENES_GROUP = "xinyi.scenarios"
BUILT_IN_FEATURES = ("merchants", "scenarios", "rewards")


def has_foreign_parts() -> bool:
    """Tell whether somebody else's package brings features or scenes."""
    features = {point.name for point in entry_points(group=FEATURES_GROUP)}
    return bool(features - set(BUILT_IN_FEATURES)) or bool(entry_points(group=SCENES_GROUP))
