"""Participation: merchants that joined a scene which asks for it."""

from __future__ import annotations

from xinyi_scenarios.participation.joining import join_scene, leave_scene, scenes_joined, signed_up_merchants

__all__ = ["join_scene", "leave_scene", "scenes_joined", "signed_up_merchants"]
