"""Decide scenes for a resident.

Looking at all scenes reads the bureau once and stores nothing; a decision about one scene is stored with what it
saw, so that the same answer can be given again later and explained.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from xinyi_platform.errors import NotFound
from xinyi_platform.ids import new_id
from xinyi_platform.runtime import Runtime
from xinyi_scenarios.decisions.models import Decision
from xinyi_scenarios.manifests import Catalogue, Manifest
from xinyi_scenarios.requirements import Finding, Verdict, evaluate, verdict_of
from xinyi_scenarios.requirements.checking import check_table
from xinyi_scenarios.requirements.gathering import gather_facts


@dataclass(frozen=True, slots=True)
class SceneDecision:
    """A verdict on one scene. `credit` is the fact it rests on, where the scene asks for it."""

    id: UUID | None
    scene: Manifest
    verdict: Verdict
    findings: list[Finding]
    credit: Mapping[str, Any] | None
    at: datetime

    @property
    def needs_consent(self) -> bool:
        return self.credit is not None and self.credit.get("unknown") == "consent_missing"

    @property
    def rests_on_fresh_credit(self) -> bool:
        """Tell whether the standing is fresh enough for a grant by the scene's rule."""
        if self.credit is None:
            return True
        if self.credit.get("unknown"):
            return False
        as_of = datetime.fromisoformat(self.credit["as_of"])
        return self.at - as_of <= timedelta(hours=self.scene.bureau.fresh_hours)


def facts_of(scenes: Sequence[Manifest]) -> set[str]:
    """Return the names of the facts that scenes' requirements read."""
    return set().union(*(check_table(table) for scene in scenes for table in scene.requires))


async def decide_all(runtime: Runtime, resident_id: UUID) -> list[SceneDecision]:
    """Return the verdict on every scene that has opened, with one read of the bureau; nothing is stored."""
    now = runtime.clock.now()
    scenes = [scene for scene in runtime.part(Catalogue).all() if scene.opens_on <= now.date()]
    facts = await gather_facts(runtime, resident_id, facts_of(scenes), reason="decide")
    return [_decide(scene, facts, now) for scene in scenes]


async def decide_scene(runtime: Runtime, resident_id: UUID, slug: str, *, purpose: str) -> SceneDecision:
    """Return and store the verdict on one scene. `purpose` is decide or claim. Raises NotFound (404)."""
    scene, now = runtime.part(Catalogue).get(slug), runtime.clock.now()
    facts = await gather_facts(runtime, resident_id, facts_of([scene]), reason=f"{purpose}:{scene.name.zh}")
    decided = _decide(scene, facts, now)
    stored = await Decision.create(
        id=new_id(),
        resident_id=resident_id,
        scenario=slug,
        version=scene.version,
        purpose=purpose,
        verdict=decided.verdict.value,
        requires=scene.requires,
        inputs=facts,
        trace=[trace_of(finding) for finding in decided.findings],
        at=now,
    )
    return SceneDecision(stored.id, scene, decided.verdict, decided.findings, decided.credit, now)


def _decide(scene: Manifest, facts: Mapping[str, Any], now: datetime) -> SceneDecision:
    findings = evaluate(scene.requires, facts)
    needs_credit = "credit" in facts_of([scene])
    return SceneDecision(None, scene, verdict_of(findings), findings, facts["credit"] if needs_credit else None, now)


def trace_of(finding: Finding) -> dict[str, Any]:
    """Return a finding as it is stored and compared at a replay."""
    return {
        "type": finding.type,
        "outcome": finding.outcome.value,
        "zh": finding.reason.zh,
        "en": finding.reason.en,
        "compared": finding.compared,
        "parts": [trace_of(part) for part in finding.parts],
    }


async def replay_decision(decision_id: UUID) -> tuple[Decision, bool]:
    """Evaluate a stored decision again from what it saw; returns it and whether the result is the same."""
    stored = await Decision.get_or_none(id=decision_id)
    if stored is None:
        raise NotFound
    findings = evaluate(stored.requires, stored.inputs)
    same = verdict_of(findings).value == stored.verdict and [trace_of(f) for f in findings] == stored.trace
    return stored, same
