"""What the bureau's feed brought, for the city's credit office."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body
from litestar.response import Redirect, Template

from xinyi_platform.errors import DomainError
from xinyi_platform.language import Text, language_of
from xinyi_platform.principals import Allow, Role, Staff
from xinyi_platform.runtime import Runtime
from xinyi_platform.schemas import Answer
from xinyi_platform.schemas import Request as Sent
from xinyi_platform.web import Form, page
from xinyi_rewards.feed.models import FeedRow
from xinyi_rewards.feed.settling import settle_piece

AnyRequest = Request[Any, Any, Any]
KINDS = {
    "entry": Text("转载决定", "A decision to mirror"),
    "repair": Text("修复决定", "A repair that was decided"),
    "death": Text("死亡", "A death"),
}
_GUARD = Allow(Staff, roles=[Role.CREDIT_OFFICE], city=True)
_MOST = 200


class FeedAnswer(Answer, kw_only=True, frozen=True):
    """One piece of news: taken, waiting to be tried again, or refused with the reason and what was done about it."""

    id: UUID
    number: int
    kind: str
    outcome: str
    document_no: str
    reason_zh: str
    reason_en: str
    taken_at: datetime
    settled_at: datetime | None
    note: str


class PieceSettled(Sent, kw_only=True, frozen=True):
    """How a refused piece was dealt with."""

    note: Annotated[str, msgspec.Meta(min_length=2, max_length=400, examples=["已与法院核对,另行录入。"])]


class SettleForm(Form, kw_only=True, frozen=True):
    note: str = ""


async def _newest() -> list[FeedRow]:
    """Return the newest pieces, those that somebody has to deal with first."""
    waiting = await FeedRow.filter(outcome="refused", settled_at__isnull=True).order_by("-number").limit(_MOST)
    known = {row.id for row in waiting}
    return waiting + [row for row in await FeedRow.all().order_by("-number").limit(_MOST) if row.id not in known]


def answer_of(row: FeedRow) -> FeedAnswer:
    """Return a piece as staff see it."""
    return FeedAnswer(
        id=row.id,
        number=row.number,
        kind=row.kind,
        outcome=row.outcome,
        document_no=row.document_no,
        reason_zh=row.reason_zh,
        reason_en=row.reason_en,
        taken_at=row.taken_at,
        settled_at=row.settled_at,
        note=row.note,
    )


@get("/console/feed", guards=[_GUARD], include_in_schema=False)
async def feed_page(request: AnyRequest) -> Template:
    """The newest pieces, with what became of them."""
    return await _show(request)


@post("/console/feed/{piece_id:uuid}", guards=[_GUARD], include_in_schema=False, status_code=200)
async def settle_on_the_page(
    runtime: Runtime,
    request: AnyRequest,
    principal: Staff,
    piece_id: UUID,
    data: Annotated[SettleForm, Body(media_type=RequestEncodingType.URL_ENCODED)],
) -> Template | Redirect:
    """Note how a refused piece was dealt with; what is wrong is said and nothing that was typed is lost."""
    try:
        await settle_piece(piece_id, principal, note=data.note, at=runtime.clock.now())
    except DomainError as error:
        if error.status not in (400, 409):
            raise
        return await _show(request, about=piece_id, note=data.note, error=error)
    return Redirect("/console/feed", status_code=303)


async def _show(
    request: AnyRequest, *, about: UUID | None = None, note: str = "", error: DomainError | None = None
) -> Template:
    return page(
        "feed/console_feed.html",
        request,
        status_code=error.status if error else 200,
        rows=await _newest(),
        kinds=KINDS,
        about=about,
        note=note,
        error=error.explain(language_of(request)) if error else None,
    )


@get("/staff/v1/bureau-feed", guards=[_GUARD], tags=["honor-lists"], operation_id="listBureauFeed")
async def feed_as_json() -> list[FeedAnswer]:
    """The newest pieces of the bureau's feed, with what became of them."""
    return [answer_of(row) for row in await _newest()]


@post(
    "/staff/v1/bureau-feed/{piece_id:uuid}",
    guards=[_GUARD],
    status_code=200,
    tags=["honor-lists"],
    operation_id="settleBureauPiece",
)
async def settle(runtime: Runtime, principal: Staff, piece_id: UUID, data: PieceSettled) -> FeedAnswer:
    """Note how a refused piece was dealt with, once."""
    return answer_of(await settle_piece(piece_id, principal, note=data.note, at=runtime.clock.now()))


ROUTES = (feed_page, settle_on_the_page, feed_as_json, settle)
