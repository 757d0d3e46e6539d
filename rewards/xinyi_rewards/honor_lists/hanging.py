"""What hangs on a kind of list: the scenes that a place on it gives, and those that ask not to be on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from xinyi_rewards.honor_lists.kinds import ListKind
from xinyi_rewards.rewards.policy import rewards_of
from xinyi_scenarios.manifests import Catalogue


def scenes_given(kind: ListKind, *, on: date) -> list[str]:
    """Return the slugs of the scenes that a published entry of a kind gives on a day."""
    return [policy.scene for policy in rewards_of(kind.slug, on=on)]


def scenes_barred(kind: ListKind, catalogue: Catalogue) -> list[str]:
    """Return the slugs of the scenes that nobody on a list of the kind's colour can claim."""
    return [scene.slug for scene in catalogue.everything() if _asks_not_to_be_on(kind.colour, scene.requires)]


def _asks_not_to_be_on(colour: str, tables: Sequence[Mapping[str, Any]]) -> bool:
    return any(
        (table["type"] == "not_on_list" and table["colour"] == colour)
        or (table["type"] == "all_of" and _asks_not_to_be_on(colour, table["of"]))
        for table in tables
    )
