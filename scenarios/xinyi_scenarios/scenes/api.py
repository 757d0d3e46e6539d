"""Scenes over HTTP: list, look, eligibility with reasons, claim."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Controller, get, post
from litestar import Request as HttpRequest
from litestar.params import HeaderParameter, QueryParameter
from litestar.response import Response

from xinyi_platform.language import Language, language_of
from xinyi_platform.principals import Allow, Anyone, Resident
from xinyi_platform.runtime import Runtime
from xinyi_platform.schemas import Answer
from xinyi_scenarios.claims import claim_entitlement
from xinyi_scenarios.decisions import SceneDecision, decide_all, decide_scene
from xinyi_scenarios.entitlements.reading import EntitlementAnswer
from xinyi_scenarios.manifests import Catalogue, Manifest
from xinyi_scenarios.requirements.answering import FindingAnswer, finding_answer
from xinyi_scenarios.scenes.telling import rules_of, says, units_left

AnyRequest = HttpRequest[Any, Any, Any]


class SceneAnswer(Answer, kw_only=True, frozen=True):
    """One scene: what it gives and on what terms, in the reader's language."""

    slug: str
    version: int
    name: str
    summary: str
    terms: str
    provider: str
    flow: str
    benefit: dict[str, object]
    quota_total: int
    quota_period: str


class RuleAnswer(Answer, kw_only=True, frozen=True):
    """One rule in words."""

    label: str
    text: str


class SceneDetailAnswer(SceneAnswer, kw_only=True, frozen=True):
    """One scene with what is left in the running period, and its rules in words."""

    quota_left: int
    rules: list[RuleAnswer]


class EligibilityAnswer(Answer, kw_only=True, frozen=True):
    """A verdict with all its reasons. `decision` names the stored decision, where one scene was asked for."""

    scenario: str
    verdict: str
    findings: list[FindingAnswer]
    credit_as_of: datetime | None
    decision: UUID | None
    at: datetime


def scene_answer(scene: Manifest, language: Language) -> SceneAnswer:
    return SceneAnswer(**_told(scene, language))


def _told(scene: Manifest, language: Language) -> dict[str, Any]:
    return {
        "slug": scene.slug,
        "version": scene.version,
        "name": scene.name.text.read(language),
        "summary": scene.summary.text.read(language),
        "terms": scene.terms.text.read(language),
        "provider": scene.provider.text.read(language),
        "flow": scene.flow,
        "benefit": scene.benefit(),
        "quota_total": scene.quota.total,
        "quota_period": scene.quota.period,
    }


def eligibility_answer(decided: SceneDecision, language: Language) -> EligibilityAnswer:
    return _answer_with(decided, [finding_answer(finding, language) for finding in decided.findings])


def _answer_with(decided: SceneDecision, findings: list[FindingAnswer]) -> EligibilityAnswer:
    as_of = decided.credit.get("as_of") if decided.credit else None
    return EligibilityAnswer(
        scenario=decided.scene.slug,
        verdict=decided.verdict.value,
        findings=findings,
        credit_as_of=datetime.fromisoformat(as_of) if as_of else None,
        decision=decided.id,
        at=decided.at,
    )


class SceneController(Controller):
    path = "/api/v1"
    tags = ["scenarios"]

    @get("/scenarios", guards=[Allow(Anyone)], operation_id="listScenes")
    async def list_scenes(
        self, runtime: Runtime, request: AnyRequest, q: Annotated[str, QueryParameter(max_length=40)] = ""
    ) -> list[SceneAnswer]:
        """All scenes, or those whose name, summary or provider has the words of `q`, in either language."""
        language = language_of(request)
        return [scene_answer(scene, language) for scene in runtime.part(Catalogue).all() if says(scene, q)]

    @get("/scenarios/{slug:str}", guards=[Allow(Anyone)], operation_id="getScene")
    async def show(self, runtime: Runtime, request: AnyRequest, slug: str) -> SceneDetailAnswer:
        """One scene with its rules in words."""
        catalogue, now, language = runtime.part(Catalogue), runtime.clock.now(), language_of(request)
        scene = catalogue.get(slug)
        rules = await rules_of(scene, catalogue, at=now)
        return SceneDetailAnswer(
            **_told(scene, language),
            quota_left=await units_left(scene, at=now),
            rules=[RuleAnswer(label=label.read(language), text=words.read(language)) for label, words in rules],
        )

    @get("/scenarios/{slug:str}/eligibility", guards=[Allow(Resident)], operation_id="decideScene")
    async def eligibility(
        self, runtime: Runtime, request: AnyRequest, principal: Resident, slug: str
    ) -> EligibilityAnswer:
        """Whether I may have it, with every reason and what would change it; stored and replayable."""
        decided = await decide_scene(runtime, principal.id, slug)
        return eligibility_answer(decided, language_of(request))

    @get("/eligibility", guards=[Allow(Resident)], operation_id="decideAllScenes")
    async def all_at_once(self, runtime: Runtime, request: AnyRequest, principal: Resident) -> list[EligibilityAnswer]:
        """All scenes at once, with one read of the bureau."""
        language = language_of(request)
        decided = await decide_all(runtime, principal.id)
        # Scenes that ask the same have the same finding.
        found = {id(finding): finding for one in decided for finding in one.findings}
        answers = {key: finding_answer(finding, language) for key, finding in found.items()}
        return [_answer_with(one, [answers[id(finding)] for finding in one.findings]) for one in decided]

    @post("/scenarios/{slug:str}/claims", guards=[Allow(Resident)], operation_id="claim")
    async def claim(
        self,
        runtime: Runtime,
        request: AnyRequest,
        principal: Resident,
        slug: str,
        idempotency_key: Annotated[str | None, HeaderParameter(name="Idempotency-Key")] = None,
    ) -> Response[EntitlementAnswer]:
        """Claim it: 201 issued, or 202 while the bureau cannot be asked (the unit is held for me)."""
        language = language_of(request)
        claimed = await claim_entitlement(runtime, principal.id, slug, key=idempotency_key, language=language)
        headers = {"Idempotent-Replayed": "true"} if claimed.replayed else {}
        return Response(claimed.held, status_code=202 if claimed.held.state == "reserved" else 201, headers=headers)
