"""Cases as JSON: what is published for anybody, and consent for those who are shown."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from litestar import Controller, get, post
from litestar.params import Parameter

from xinyi_platform.principals import Allow, Anyone, Resident
from xinyi_platform.runtime import Runtime
from xinyi_platform.schemas import Answer, Request
from xinyi_rewards.cases.consenting import answer
from xinyi_rewards.cases.reading import Story, published_stories, published_story, stories_about


class CasePictureAnswer(Answer, kw_only=True, frozen=True):
    path: str
    alt: str


class CaseAnswer(Answer, kw_only=True, frozen=True):
    """One published case; `people` are the forms of names that were agreed to, `people_en` the same in English."""

    id: UUID
    title: str
    body: str
    division: str
    people: list[str]
    people_en: list[str]
    pictures: list[CasePictureAnswer]
    published_at: datetime | None


class MyCaseAnswer(CaseAnswer, kw_only=True, frozen=True):
    """A version that I am asked about, for me or my ward: asked, agreed or refused. `person`: what to answer to."""

    person: UUID
    consent: str
    version: int


class CaseVerdict(Request, kw_only=True, frozen=True):
    verdict: Literal["agree", "refuse"]


class CaseController(Controller):
    path = "/api/v1/cases"
    guards = [Allow(Anyone)]
    tags = ["cases"]

    @get("/", operation_id="listCases")
    async def index(self, page: Annotated[int, Parameter(ge=1, le=10_000)] = 1) -> list[CaseAnswer]:
        """One page (20) of the published cases, the newest first."""
        return [CaseAnswer(**_values(story)) for story in await published_stories(page=page)]

    @get("/{case_id:uuid}", operation_id="getCase")
    async def one(self, case_id: UUID) -> CaseAnswer:
        """One published case."""
        return CaseAnswer(**_values(await published_story(case_id)))


class MyCaseController(Controller):
    path = "/api/v1/me/cases"
    guards = [Allow(Resident)]
    tags = ["cases"]

    @get("/", operation_id="listMyCases")
    async def mine(self, runtime: Runtime, principal: Resident) -> list[MyCaseAnswer]:
        """What is told about me or my ward, with what I answered."""
        return [
            MyCaseAnswer(**_values(story), person=person.id, consent=person.state, version=story.version.number)
            for person, story in await stories_about(principal.id, at=runtime.clock.now())
        ]

    @post("/{person_id:uuid}/answers", status_code=204, operation_id="answerCase")
    async def decide(self, runtime: Runtime, principal: Resident, person_id: UUID, data: CaseVerdict) -> None:
        """Agree, refuse, or take an agreement back, with which the case is off every page."""
        await answer(person_id, principal.id, agrees=data.verdict == "agree", at=runtime.clock.now())


def _values(story: Story) -> dict[str, Any]:
    base = f"/cases/{story.version.case_id}/pictures"
    return {
        "id": story.version.case_id,
        "title": story.version.title,
        "body": story.version.body,
        "division": story.division,
        "people": [person.name.zh for person in story.people],
        "people_en": [person.name.en for person in story.people],
        "pictures": [CasePictureAnswer(path=f"{base}/{one.id}", alt=one.alt) for one in story.pictures],
        "published_at": story.version.published_at,
    }


ROUTES = (CaseController, MyCaseController)
