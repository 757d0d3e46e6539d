"""Decisions: the verdict over a scene's requirements, with its reasons, stored so that it can be replayed."""

from __future__ import annotations

from xinyi_scenarios.decisions.deciding import SceneDecision, decide_all, decide_scene, replay_decision

__all__ = ["SceneDecision", "decide_all", "decide_scene", "replay_decision"]
