"""Changes of scenes without a developer: proposed by one person, approved by another, followed by every process."""

from __future__ import annotations

from xinyi_scenarios.scene_changes.following import CatalogueFollower

__all__ = ["CatalogueFollower"]
