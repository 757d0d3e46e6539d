"""Decide scenes for a resident.

Looking at all scenes reads the bureau once and stores nothing; a decision about one scene is stored with what it
saw, so that the same answer can be given again later and explained.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from xinyi_platform.clock import local_date
from xinyi_platform.credit import Asked, BureauNeeded, with_bureau
from xinyi_platform.credit.reading import FRESH
from xinyi_platform.database import GroupCommit, transaction
from xinyi_platform.database.bulk import bulk_insert
from xinyi_platform.errors import NotFound
from xinyi_platform.ids import new_id
from xinyi_platform.runtime import Runtime
from xinyi_scenarios.decisions.models import Decision
from xinyi_scenarios.manifests import Catalogue, Manifest
from xinyi_scenarios.requirements import Finding, ManyTables, Verdict, evaluate, facts_read, verdict_of
from xinyi_scenarios.requirements.gathering import Gathering, gather_facts


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
    return set().union(*(facts_read(scene.requires) for scene in scenes))


# Who asks, and what the bureau said of her just now.
Question = tuple[UUID, Asked | None]


class DecisionDesk:
    """The decisions of this process: those asked for at the same time share their queries and their commit."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._groups: GroupCommit[Question, SceneDecision] = GroupCommit(self._settle, most=runtime.settings.group_size)
        self._looks: GroupCommit[Question, list[SceneDecision]] = GroupCommit(
            self._look, most=runtime.settings.group_size
        )

    async def decide(self, resident_id: UUID, slug: str, asked: Asked | None) -> SceneDecision:
        """Return and store the verdict on one scene. Raises NotFound and BureauNeeded."""
        return await self._groups.submit(slug, (resident_id, asked))

    async def look_at_all(self, resident_id: UUID, asked: Asked | None) -> list[SceneDecision]:
        """Return the verdicts on every scene that has opened; nothing is stored. Raises BureauNeeded."""
        return await self._looks.submit("all", (resident_id, asked))

    async def close(self) -> None:
        await self._groups.close()
        await self._looks.close()

    async def _settle(self, slug: Hashable, questions: Sequence[Question]) -> Sequence[SceneDecision | Exception]:
        scene = self._runtime.part(Catalogue).get(str(slug))
        residents, asked = _who_asks(questions)
        async with transaction():
            decided = await decide_many(self._runtime, residents, scene, purpose="decide", asked=asked)
        return [decided[resident_id] for resident_id, _ in questions]

    async def _look(self, _: Hashable, questions: Sequence[Question]) -> Sequence[list[SceneDecision] | Exception]:
        now = self._runtime.clock.now()
        scenes = [scene for scene in self._runtime.part(Catalogue).all() if scene.opens_on <= local_date(now)]
        residents, asked = _who_asks(questions)
        gathering = Gathering(at=now, reason="decide", fresh_within=_fresh_within(scenes), asked=asked)
        async with transaction():
            gathered = await gather_facts(self._runtime, residents, facts_of(scenes), gathering)
        tables = ManyTables({scene.slug: scene.requires for scene in scenes})
        decided = {
            resident_id: facts if isinstance(facts, BureauNeeded) else _decide_together(scenes, tables, facts, now)
            for resident_id, facts in gathered.items()
        }
        return [decided[resident_id] for resident_id, _ in questions]


def _who_asks(questions: Sequence[Question]) -> tuple[list[UUID], dict[UUID, Asked]]:
    """Return each resident once, and what the bureau said of them just now."""
    asked = {resident_id: word for resident_id, word in questions if word}
    return list(dict.fromkeys(resident_id for resident_id, _ in questions)), asked


async def decide_all(runtime: Runtime, resident_id: UUID) -> list[SceneDecision]:
    """Return the verdict on every scene that has opened, with one read of the bureau; nothing is stored."""
    desk = runtime.part(DecisionDesk)
    return await with_bureau(runtime, resident_id, lambda asked: desk.look_at_all(resident_id, asked))


async def decide_scene(runtime: Runtime, resident_id: UUID, slug: str) -> SceneDecision:
    """Return and store the verdict on one scene. Raises NotFound (404)."""
    runtime.part(Catalogue).get(slug)
    desk = runtime.part(DecisionDesk)
    return await with_bureau(runtime, resident_id, lambda asked: desk.decide(resident_id, slug, asked))


async def decide_many(
    runtime: Runtime, resident_ids: Sequence[UUID], scene: Manifest, *, purpose: str, asked: Mapping[UUID, Asked]
) -> dict[UUID, SceneDecision | BureauNeeded]:
    """Return and store the verdicts on one scene for residents, in the caller's transaction.

    `purpose` is decide, claim or recheck. Where the bureau must be asked first, nothing is stored.
    """
    now = runtime.clock.now()
    reason = f"{purpose}:{scene.name.zh}"
    gathering = Gathering(at=now, reason=reason, fresh_within=_fresh_within([scene]), asked=asked)
    gathered = await gather_facts(runtime, resident_ids, facts_of([scene]), gathering)
    decided: dict[UUID, SceneDecision | BureauNeeded] = {}
    rows = []
    for resident_id, facts in gathered.items():
        if isinstance(facts, BureauNeeded):
            decided[resident_id] = facts
            continue
        verdict = replace(_decide(scene, facts, now), id=new_id())
        decided[resident_id] = verdict
        rows.append(_row(verdict, resident_id, facts, purpose))
    await bulk_insert(Decision, rows)
    return decided


async def decide_afresh(runtime: Runtime, resident_id: UUID, scene: Manifest, *, purpose: str) -> SceneDecision:
    """Return and store the verdict on one scene, asking the bureau first where no stored word is fresh enough.

    Outside of any transaction.
    """

    async def decide(asked: Asked | None) -> SceneDecision:
        known = {resident_id: asked} if asked else {}
        async with transaction():
            decided = await decide_many(runtime, [resident_id], scene, purpose=purpose, asked=known)
        answer = decided[resident_id]
        if isinstance(answer, BureauNeeded):
            raise answer
        return answer

    return await with_bureau(runtime, resident_id, decide)


def _fresh_within(scenes: Sequence[Manifest]) -> timedelta:
    """Return the shortest time that one of the scenes takes for fresh."""
    return min((timedelta(hours=scene.bureau.fresh_hours) for scene in scenes), default=FRESH)


def _row(decided: SceneDecision, resident_id: UUID, facts: Mapping[str, Any], purpose: str) -> dict[str, object]:
    return {
        "id": decided.id,
        "resident_id": resident_id,
        "scenario": decided.scene.slug,
        "version": decided.scene.version,
        "purpose": purpose,
        "verdict": decided.verdict.value,
        "requires": decided.scene.requires,
        "inputs": {**facts, "scene": decided.scene.slug},
        "trace": [trace_of(finding) for finding in decided.findings],
        "at": decided.at,
    }


def _decide(scene: Manifest, facts: Mapping[str, Any], now: datetime) -> SceneDecision:
    findings = evaluate(scene.requires, {**facts, "scene": scene.slug})
    credit = facts["credit"] if "credit" in facts_read(scene.requires) else None
    return SceneDecision(None, scene, verdict_of(findings), findings, credit, now)


def _decide_together(
    scenes: Sequence[Manifest], tables: ManyTables, facts: Mapping[str, Any], now: datetime
) -> list[SceneDecision]:
    found, credit = tables.evaluate(facts), facts.get("credit")
    return [
        SceneDecision(
            None,
            scene,
            verdict_of(found[scene.slug]),
            found[scene.slug],
            credit if "credit" in tables.facts[scene.slug] else None,
            now,
        )
        for scene in scenes
    ]


def trace_of(finding: Finding) -> dict[str, Any]:
    """Return a finding as it is stored and compared at a replay."""
    return {
        "type": finding.type,
        "outcome": finding.outcome.value,
        "zh": finding.reason.zh,
        "en": finding.reason.en,
        "compared": finding.compared,
        "change": {"zh": change.zh, "en": change.en} if (change := finding.would_change) else None,
        "parts": [trace_of(part) for part in finding.parts],
    }


async def replay_decision(decision_id: UUID) -> tuple[Decision, bool]:
    """Evaluate a stored decision again from what it saw; returns it and whether the result is the same."""
    stored = await Decision.get_or_none(id=decision_id)
    if stored is None:
        raise NotFound
    findings = evaluate(stored.requires, stored.inputs)
    again = [_as_far_as_told(trace_of(found), told) for found, told in zip(findings, stored.trace, strict=False)]
    same = verdict_of(findings).value == stored.verdict and len(again) == len(findings) and again == stored.trace
    return stored, same


def _as_far_as_told(found: dict[str, Any], told: Mapping[str, Any]) -> dict[str, Any]:
    """Return a trace without what would change it where the stored one, an older one, does not tell it."""
    parts = zip(found["parts"], told.get("parts", []), strict=False)
    kept = {**found, "parts": [_as_far_as_told(part, told_part) for part, told_part in parts]}
    if len(kept["parts"]) != len(found["parts"]):
        return found
    return kept if "change" in told else {key: value for key, value in kept.items() if key != "change"}
