"""The pre-check over HTTP: what is asked, and what the answers give. No sign-in, and nothing is stored."""

from __future__ import annotations

from typing import Any

from litestar import Controller, get, post
from litestar import Request as HttpRequest
from litestar.response import Response

from xinyi_platform.language import Language, language_of
from xinyi_platform.principals import Allow, Anyone
from xinyi_platform.runtime import Runtime
from xinyi_platform.schemas import Answer
from xinyi_scenarios.prechecks.answering import Prechecked, open_scenes, precheck
from xinyi_scenarios.prechecks.questions import PrecheckRequest, questions_for
from xinyi_scenarios.requirements.answering import FindingAnswer, finding_answer

AnyRequest = HttpRequest[Any, Any, Any]
NOT_KEPT = {"cache-control": "no-store"}


class ChoiceAnswer(Answer, kw_only=True, frozen=True):
    value: str
    text: str


class QuestionAnswer(Answer, kw_only=True, frozen=True):
    """A question that some running scene gives rise to: `choice`, `number` (years) or `yes_no`."""

    field: str
    text: str
    kind: str
    choices: list[ChoiceAnswer]


class PrecheckAnswer(Answer, kw_only=True, frozen=True):
    """One scene's verdict over the answers given: `eligible`, `unknown` or `not_eligible`, with every reason."""

    scenario: str
    name: str
    summary: str
    verdict: str
    findings: list[FindingAnswer]


def precheck_answer(row: Prechecked, language: Language) -> PrecheckAnswer:
    return PrecheckAnswer(
        scenario=row.scene.slug,
        name=row.scene.name.text.read(language),
        summary=row.scene.summary.text.read(language),
        verdict=row.verdict.value,
        findings=[finding_answer(finding, language) for finding in row.findings],
    )


class PrecheckController(Controller):
    path = "/api/v1/precheck"
    guards = [Allow(Anyone)]
    tags = ["scenarios"]

    @get("/questions", operation_id="precheckQuestions")
    async def questions(self, runtime: Runtime, request: AnyRequest) -> list[QuestionAnswer]:
        """What a pre-check asks: what the running scenes look at. Each question may be left out."""
        language = language_of(request)
        return [
            QuestionAnswer(
                field=question.field,
                text=question.text.read(language),
                kind=question.kind,
                choices=[ChoiceAnswer(value=value, text=text.read(language)) for value, text in question.choices],
            )
            for question in questions_for(open_scenes(runtime))
        ]

    @post("/", status_code=200, operation_id="precheck")
    async def check(
        self, runtime: Runtime, request: AnyRequest, data: PrecheckRequest
    ) -> Response[list[PrecheckAnswer]]:
        """What I could get, by my own answers, best first; nothing is stored."""
        language = language_of(request)
        answers = [precheck_answer(row, language) for row in precheck(runtime, data)]
        return Response(answers, headers=NOT_KEPT)
