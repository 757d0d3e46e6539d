"""Scenes over HTTP: list, look, eligibility with reasons, pre-check without sign-in, claim."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from litestar import Controller, get, post
from litestar import Request as HttpRequest
from litestar.params import HeaderParameter
from litestar.response import Response

from xinyi_platform.clock import local_date
from xinyi_platform.language import Language, language_of
from xinyi_platform.principals import Allow, Anyone, Resident
from xinyi_platform.runtime import Runtime
from xinyi_platform.schemas import Answer, Request
from xinyi_scenarios.claims import claim_entitlement
from xinyi_scenarios.decisions import SceneDecision, decide_all, decide_scene
from xinyi_scenarios.decisions.deciding import facts_of
from xinyi_scenarios.entitlements.reading import EntitlementAnswer
from xinyi_scenarios.manifests import Catalogue, Manifest
from xinyi_scenarios.requirements import evaluate, verdict_of
from xinyi_scenarios.requirements.answering import FindingAnswer, finding_answer

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


class EligibilityAnswer(Answer, kw_only=True, frozen=True):
    """A verdict with all its reasons. `decision` names the stored decision, where one scene was asked for."""

    scenario: str
    verdict: str
    findings: list[FindingAnswer]
    credit_as_of: datetime | None
    decision: UUID | None
    at: datetime


class PrecheckRequest(Request, kw_only=True, frozen=True):
    """Answers that the visitor gives herself; nothing is stored and nobody is asked."""

    standing: Literal["good", "minor", "general", "serious"] | None = None
    age: Annotated[int, msgspec.Meta(ge=0, le=130)] | None = None
    division: Annotated[str, msgspec.Meta(pattern=r"^\d{6}(\d{3}(\d{3})?)?$")] | None = None
    on_red_list: bool = False


class PrecheckAnswer(Answer, kw_only=True, frozen=True):
    scenario: str
    name: str
    verdict: str
    findings: list[FindingAnswer]


def scene_answer(scene: Manifest, language: Language) -> SceneAnswer:
    benefit = scene.benefit()
    return SceneAnswer(
        slug=scene.slug,
        version=scene.version,
        name=scene.name.text.read(language),
        summary=scene.summary.text.read(language),
        terms=scene.terms.text.read(language),
        provider=scene.provider.text.read(language),
        flow=scene.flow,
        benefit=benefit,
        quota_total=scene.quota.total,
        quota_period=scene.quota.period,
    )


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
    async def list_scenes(self, runtime: Runtime, request: AnyRequest) -> list[SceneAnswer]:
        """All scenes."""
        language = language_of(request)
        return [scene_answer(scene, language) for scene in runtime.part(Catalogue).all()]

    @get("/scenarios/{slug:str}", guards=[Allow(Anyone)], operation_id="getScene")
    async def show(self, runtime: Runtime, request: AnyRequest, slug: str) -> SceneAnswer:
        """One scene."""
        return scene_answer(runtime.part(Catalogue).get(slug), language_of(request))

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

    @post("/precheck", status_code=200, guards=[Allow(Anyone)], operation_id="precheck")
    async def precheck(self, runtime: Runtime, request: AnyRequest, data: PrecheckRequest) -> list[PrecheckAnswer]:
        """What I could get, by my own answers; nothing is stored."""
        return run_precheck(runtime, data, language_of(request))

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


def run_precheck(runtime: Runtime, data: PrecheckRequest, language: Language) -> list[PrecheckAnswer]:
    """Evaluate all scenes over self-given answers; what was not answered cannot be told."""
    today = local_date(runtime.clock.now())
    born = today.replace(year=today.year - data.age, day=min(today.day, 28)) if data.age is not None else None
    not_said = {"unknown": "not_answered", "zh": "您没有填写信用状况", "en": "You did not say what your standing is"}
    known = {"standing": data.standing, "black_listed": False, "as_of": runtime.clock.now().isoformat()}
    scenes = runtime.part(Catalogue).all()
    facts: dict[str, Any] = dict.fromkeys(facts_of(scenes))
    facts |= {
        "today": today.isoformat(),
        "credit": known if data.standing else not_said,
        "birth_date": born.isoformat() if born else None,
        "division": data.division,
        "overdue_orders": 0,
        "red_lists": ["own answer"] if data.on_red_list else [],
        "black_lists": [],
    }
    answers = []
    for scene in scenes:
        findings = evaluate(scene.requires, facts)
        shown = [finding_answer(f, language) for f in findings]
        name = scene.name.text.read(language)
        answers.append(
            PrecheckAnswer(scenario=scene.slug, name=name, verdict=verdict_of(findings).value, findings=shown)
        )
    return answers
