"""The message centre on a phone: the list, one message, and by what ways one wants to be told."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from litestar import Controller, Request, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body, QueryParameter
from litestar.response import Redirect, Template

from xinyi_platform.notices import reading
from xinyi_platform.notices.choosing import Choices, choices_of, choose
from xinyi_platform.notices.reading import PAGE_SIZE, my_notices, read_all, read_notice, unread_notices
from xinyi_platform.principals import Allow, Resident
from xinyi_platform.runtime import Runtime
from xinyi_platform.web import Form, count_entries, page

AnyRequest = Request[Any, Any, Any]
FORM = Body(media_type=RequestEncodingType.URL_ENCODED)
ON_THE_HOME = 3


class ChoicesForm(Form, kw_only=True, frozen=True):
    """A box that is not ticked is not sent."""

    sms_losses: bool = False
    sms_news: bool = False


class NoticePages(Controller):
    path = "/app/notices"
    guards = [Allow(Resident)]
    include_in_schema = False

    @get("/")
    async def index(
        self,
        request: AnyRequest,
        principal: Resident,
        number: Annotated[int, QueryParameter(name="page", ge=1, le=10_000)] = 1,
    ) -> Template:
        """What I was told, newest first."""
        rows = await my_notices(principal.id, number=number)
        unread = await reading.count_unread(principal.id)
        return page("notices/index.html", request, rows=rows, unread=unread, number=number, page_size=PAGE_SIZE)

    @get("/{notice_id:uuid}")
    async def one(self, runtime: Runtime, request: AnyRequest, principal: Resident, notice_id: UUID) -> Template:
        """One message; opening it is reading it."""
        told = await read_notice(principal.id, notice_id, at=runtime.clock.now())
        await count_entries(request)  # the number in the navigation without this one
        return page("notices/one.html", request, told=told)

    @post("/read-all")
    async def read_them_all(self, runtime: Runtime, principal: Resident) -> Redirect:
        """Mark all as read."""
        await read_all(principal.id, at=runtime.clock.now())
        return Redirect("/app/notices", status_code=303)

    @get("/choices")
    async def choices(self, request: AnyRequest, principal: Resident) -> Template:
        """By what ways I am told."""
        return page("notices/choices.html", request, chosen=(await choices_of([principal.id]))[principal.id])

    @post("/choices")
    async def decide(self, runtime: Runtime, principal: Resident, data: Annotated[ChoicesForm, FORM]) -> Redirect:
        """Choose."""
        chosen = Choices(sms_losses=data.sms_losses, sms_news=data.sms_news)
        await choose(principal.id, chosen, at=runtime.clock.now())
        return Redirect("/app/notices", status_code=303)


async def count_unread(request: AnyRequest) -> int:
    """The number beside the entry in the navigation."""
    return await reading.count_unread(request.user.id)


async def home_card(request: AnyRequest, _: dict[str, Any]) -> dict[str, Any] | None:
    """What the app's home says of unread messages."""
    rows = await unread_notices(request.user.id, limit=ON_THE_HOME)
    return {"rows": rows, "unread": await reading.count_unread(request.user.id)} if rows else None


ROUTES = (NoticePages,)
