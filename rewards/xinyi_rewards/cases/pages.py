"""Cases for anybody, and for those who are shown in them."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from litestar import Controller, Request, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body, QueryParameter
from litestar.response import Redirect, Response, Template

from xinyi_platform.errors import NotFound
from xinyi_platform.principals import Allow, Anyone, Resident
from xinyi_platform.runtime import Runtime
from xinyi_platform.web import Form, page
from xinyi_rewards.cases.consenting import answer
from xinyi_rewards.cases.pictures import file_of
from xinyi_rewards.cases.reading import PAGE_SIZE, Story, published_stories, published_story, stories_about
from xinyi_rewards.cases.states import CONSENT_NAMES, NAMES

AnyRequest = Request[Any, Any, Any]
FRESH = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex, nofollow"}
"""What somebody takes back is gone with the next look."""


class AnswerForm(Form, kw_only=True, frozen=True):
    verdict: str = ""


def picture_of(story: Story, picture_id: UUID) -> UUID:
    """Return the stored file of a version's picture. Raises NotFound (404)."""
    for picture in story.pictures:
        if picture.id == picture_id:
            return picture.file_id
    raise NotFound


class PublicCasePages(Controller):
    path = "/cases"
    guards = [Allow(Anyone)]
    include_in_schema = False

    @get("/")
    async def index(
        self, request: AnyRequest, number: Annotated[int, QueryParameter(name="page", ge=1, le=10_000)] = 1
    ) -> Template:
        """What is published, the newest first."""
        stories = await published_stories(page=number)
        return page("cases/public_index.html", request, headers=FRESH, stories=stories, number=number, size=PAGE_SIZE)

    @get("/{case_id:uuid}")
    async def one(self, request: AnyRequest, case_id: UUID) -> Template:
        """One case."""
        return page("cases/public_case.html", request, headers=FRESH, story=await published_story(case_id))

    @get("/{case_id:uuid}/pictures/{case_picture_id:uuid}")
    async def picture(self, runtime: Runtime, case_id: UUID, case_picture_id: UUID) -> Response[bytes]:
        """A picture of what is published."""
        file_id = picture_of(await published_story(case_id), case_picture_id)
        return Response(await file_of(runtime, file_id), media_type="image/jpeg", headers=FRESH)


class MyCasePages(Controller):
    path = "/app/cases"
    guards = [Allow(Resident)]
    include_in_schema = False

    @get("/")
    async def mine(self, runtime: Runtime, request: AnyRequest, principal: Resident) -> Template:
        """What is told about me or my ward, to read, agree to or not."""
        rows = await stories_about(principal.id, at=runtime.clock.now())
        return page("cases/app_cases.html", request, rows=rows, names=CONSENT_NAMES, states=NAMES)

    @get("/{case_id:uuid}/pictures/{case_picture_id:uuid}")
    async def picture(
        self, runtime: Runtime, principal: Resident, case_id: UUID, case_picture_id: UUID
    ) -> Response[bytes]:
        """A picture of a version that I am asked about."""
        for _, story in await stories_about(principal.id, at=runtime.clock.now()):
            if story.version.case_id == case_id and any(one.id == case_picture_id for one in story.pictures):
                content = await file_of(runtime, picture_of(story, case_picture_id))
                return Response(content, media_type="image/jpeg", headers=FRESH)
        raise NotFound

    @post("/{person_id:uuid}")
    async def decide(
        self,
        runtime: Runtime,
        principal: Resident,
        person_id: UUID,
        data: Annotated[AnswerForm, Body(media_type=RequestEncodingType.URL_ENCODED)],
    ) -> Redirect:
        """Agree, refuse, or take it back."""
        await answer(person_id, principal.id, agrees=data.verdict == "agree", at=runtime.clock.now())
        return Redirect("/app/cases", status_code=303)


ROUTES = (PublicCasePages, MyCasePages)
