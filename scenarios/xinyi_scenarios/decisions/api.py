"""A stored decision for the person whom it is about, over HTTP and as a page."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request, get
from litestar.response import Template

from xinyi_platform.language import language_of
from xinyi_platform.principals import Allow, Resident
from xinyi_platform.runtime import Runtime
from xinyi_platform.schemas import Answer
from xinyi_platform.web import page
from xinyi_scenarios.decisions.explaining import explain_decision
from xinyi_scenarios.manifests import Catalogue
from xinyi_scenarios.requirements.answering import FindingAnswer, finding_answer

AnyRequest = Request[Any, Any, Any]


class InputAnswer(Answer, kw_only=True, frozen=True):
    """One fact that the decision saw."""

    fact: str
    name: str
    value: str


class DecisionAnswer(Answer, kw_only=True, frozen=True):
    """A stored decision: the scene's version, what it saw, and the whole tree of findings as told then."""

    id: UUID
    scenario: str
    version: int
    purpose: str
    verdict: str
    at: datetime
    inputs: list[InputAnswer]
    findings: list[FindingAnswer]


@get("/api/v1/decisions/{decision_id:uuid}", guards=[Allow(Resident)], tags=["scenarios"], operation_id="getDecision")
async def show_decision(request: AnyRequest, principal: Resident, decision_id: UUID) -> DecisionAnswer:
    """A decision about me, with everything that it rested on and what would change it."""
    told, language = await explain_decision(decision_id, principal.id), language_of(request)
    stored = told.decision
    return DecisionAnswer(
        id=stored.id,
        scenario=stored.scenario,
        version=stored.version,
        purpose=stored.purpose,
        verdict=stored.verdict,
        at=stored.at,
        inputs=[
            InputAnswer(fact=seen.fact, name=seen.name.read(language), value=seen.value.read(language))
            for seen in told.inputs
        ],
        findings=[finding_answer(finding, language) for finding in told.findings],
    )


@get("/app/decisions/{decision_id:uuid}", guards=[Allow(Resident)], include_in_schema=False)
async def decision_page(runtime: Runtime, request: AnyRequest, principal: Resident, decision_id: UUID) -> Template:
    """The same as a page."""
    told = await explain_decision(decision_id, principal.id)
    scene = runtime.part(Catalogue).scenes.get(told.decision.scenario)
    return page("decisions/app_decision.html", request, told=told, scene=scene)


ROUTES = (show_decision, decision_page)
