"""The message centre over HTTP. Reading twice changes nothing more, so that these acts need no key to be repeated."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Controller, get, post, put
from litestar import Request as HttpRequest
from litestar.params import QueryParameter

from xinyi_platform.language import Language, language_of
from xinyi_platform.notices.choosing import Choices, choices_of, choose
from xinyi_platform.notices.reading import Told, count_unread, my_notices, read_all, read_notice
from xinyi_platform.principals import Allow, Resident
from xinyi_platform.runtime import Runtime
from xinyi_platform.schemas import Answer, Request

AnyRequest = HttpRequest[Any, Any, Any]
PageNumber = Annotated[int, QueryParameter(name="page", ge=1, le=10_000)]


class NoticeAnswer(Answer, kw_only=True, frozen=True):
    """One notice in the reader's language. `about_loss`: she could lose something; `link` is a page of the app."""

    id: UUID
    kind: str
    about_loss: bool
    title: str
    body: str
    link: str
    created_at: datetime
    read_at: datetime | None


class NoticePage(Answer, kw_only=True, frozen=True):
    """Notices, newest first, and how many of all are unread."""

    unread: int
    notices: list[NoticeAnswer]


class UnreadAnswer(Answer, kw_only=True, frozen=True):
    """How many are unread now."""

    unread: int


class ChoicesRequest(Request, kw_only=True, frozen=True):
    """SMS for what would make me lose something, and SMS for the rest."""

    sms_losses: bool
    sms_news: bool


def _answer(told: Told, language: Language) -> NoticeAnswer:
    return NoticeAnswer(
        id=told.id,
        kind=told.kind,
        about_loss=told.about_loss,
        title=told.title.read(language),
        body=told.body.read(language),
        link=told.link,
        created_at=told.created_at,
        read_at=told.read_at,
    )


class NoticeController(Controller):
    path = "/api/v1/me/notices"
    guards = [Allow(Resident)]
    tags = ["notices"]

    @get("/", operation_id="listMyNotices")
    async def mine(self, request: AnyRequest, principal: Resident, number: PageNumber = 1) -> NoticePage:
        """What I was told, newest first, thirty a page."""
        language = language_of(request)
        rows = await my_notices(principal.id, number=number)
        return NoticePage(unread=await count_unread(principal.id), notices=[_answer(row, language) for row in rows])

    @post("/{notice_id:uuid}/read", status_code=200, operation_id="readNotice")
    async def read(self, runtime: Runtime, request: AnyRequest, principal: Resident, notice_id: UUID) -> NoticeAnswer:
        """Mark one as read."""
        told = await read_notice(principal.id, notice_id, at=runtime.clock.now())
        return _answer(told, language_of(request))

    @post("/read-all", status_code=200, operation_id="readAllNotices")
    async def read_them_all(self, runtime: Runtime, principal: Resident) -> UnreadAnswer:
        """Mark all as read."""
        await read_all(principal.id, at=runtime.clock.now())
        return UnreadAnswer(unread=await count_unread(principal.id))

    @get("/choices", operation_id="getNoticeChoices")
    async def choices(self, principal: Resident) -> Choices:
        """By what ways I am told; this list is always kept."""
        return (await choices_of([principal.id]))[principal.id]

    @put("/choices", operation_id="putNoticeChoices")
    async def decide(self, runtime: Runtime, principal: Resident, data: ChoicesRequest) -> Choices:
        """Choose by what ways I am told."""
        chosen = Choices(sms_losses=data.sms_losses, sms_news=data.sms_news)
        return await choose(principal.id, chosen, at=runtime.clock.now())


ROUTES = (NoticeController,)
