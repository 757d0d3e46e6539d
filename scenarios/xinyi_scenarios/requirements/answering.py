"""Findings as they cross HTTP, in the reader's language."""

from __future__ import annotations

from xinyi_platform.language import Language
from xinyi_platform.schemas import Answer
from xinyi_scenarios.requirements.checking import Finding


class FindingAnswer(Answer, kw_only=True, frozen=True):
    """One requirement: met, not_met or cannot_tell, the value compared, and what would change it."""

    type: str
    outcome: str
    reason: str
    compared: str
    would_change: str | None
    parts: list[FindingAnswer]


def finding_answer(finding: Finding, language: Language) -> FindingAnswer:
    return FindingAnswer(
        type=finding.type,
        outcome=finding.outcome.value,
        reason=finding.reason.read(language),
        compared=finding.compared,
        would_change=finding.would_change.read(language) if finding.would_change else None,
        parts=[finding_answer(part, language) for part in finding.parts],
    )
