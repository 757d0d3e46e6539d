"""Decisions: a verdict on a scene with its reasons, stored with what it saw."""

from __future__ import annotations

from xinyi_scenarios.decisions.deciding import (
    DecisionDesk,
    SceneDecision,
    decide_afresh,
    decide_all,
    decide_many,
    decide_scene,
    replay_decision,
)

__all__ = [
    "DecisionDesk",
    "SceneDecision",
    "decide_afresh",
    "decide_all",
    "decide_many",
    "decide_scene",
    "replay_decision",
]
