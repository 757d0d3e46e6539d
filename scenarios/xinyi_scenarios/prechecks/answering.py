"""Evaluate every running scene over a visitor's own answers."""

from __future__ import annotations

from dataclasses import dataclass

from xinyi_platform.clock import local_date
from xinyi_platform.runtime import Runtime
from xinyi_scenarios.decisions.deciding import facts_of
from xinyi_scenarios.manifests import Catalogue, Manifest
from xinyi_scenarios.prechecks.questions import PrecheckRequest, facts_from
from xinyi_scenarios.requirements import Finding, ManyTables, Verdict, verdict_of

ORDER = (Verdict.ELIGIBLE, Verdict.UNKNOWN, Verdict.NOT_ELIGIBLE)


@dataclass(frozen=True, slots=True)
class Prechecked:
    """What one scene says to the answers."""

    scene: Manifest
    verdict: Verdict
    findings: list[Finding]


def open_scenes(runtime: Runtime) -> list[Manifest]:
    """Return the scenes that have opened."""
    today = local_date(runtime.clock.now())
    return [scene for scene in runtime.part(Catalogue).all() if scene.opens_on <= today]


def precheck(runtime: Runtime, answers: PrecheckRequest) -> list[Prechecked]:
    """Return every scene's verdict: first what she could get, then what may be, then what not."""
    scenes = open_scenes(runtime)
    facts = dict.fromkeys(facts_of(scenes)) | facts_from(answers, at=runtime.clock.now())
    found = ManyTables({scene.slug: scene.requires for scene in scenes}).evaluate(facts)
    rows = [Prechecked(scene, verdict_of(found[scene.slug]), found[scene.slug]) for scene in scenes]
    return sorted(rows, key=lambda row: ORDER.index(row.verdict))
