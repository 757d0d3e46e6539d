"""Requirements: typed conditions of scenes, each met, not met, or impossible to tell, with its reason."""

from __future__ import annotations

from xinyi_scenarios.requirements.checking import (
    REGISTRY,
    Facts,
    Finding,
    ManyTables,
    Outcome,
    Registry,
    RequirementType,
    Verdict,
    evaluate,
    facts_read,
    set_aside,
    verdict_of,
)

__all__ = [
    "REGISTRY",
    "Facts",
    "Finding",
    "ManyTables",
    "Outcome",
    "Registry",
    "RequirementType",
    "Verdict",
    "evaluate",
    "facts_read",
    "set_aside",
    "verdict_of",
]
