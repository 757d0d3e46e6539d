"""What the bureau's feed brought, for the city's credit office."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from litestar import Request, get
from litestar.response import Template

from xinyi_platform.language import Text
from xinyi_platform.principals import Allow, Role, Staff
from xinyi_platform.schemas import Answer
from xinyi_platform.web import page
from xinyi_rewards.feed.models import FeedRow

KINDS = {
    "entry": Text("转载决定", "A decision to mirror"),
    "repair": Text("修复决定", "A repair that was decided"),
    "death": Text("死亡", "A death"),
}
_GUARD = Allow(Staff, roles=[Role.CREDIT_OFFICE], city=True)
_MOST = 200


class FeedAnswer(Answer, kw_only=True, frozen=True):
    """One piece of news: taken, or refused with the reason."""

    number: int
    kind: str
    outcome: str
    document_no: str
    reason_zh: str
    reason_en: str
    taken_at: datetime


async def _newest() -> list[FeedRow]:
    return await FeedRow.all().order_by("-number").limit(_MOST)


@get("/console/feed", guards=[_GUARD], include_in_schema=False)
async def feed_page(request: Request[Any, Any, Any]) -> Template:
    """The newest pieces, with what became of them."""
    return page("feed/console_feed.html", request, rows=await _newest(), kinds=KINDS)


@get("/staff/v1/bureau-feed", guards=[_GUARD], tags=["honor-lists"], operation_id="listBureauFeed")
async def feed_as_json() -> list[FeedAnswer]:
    """The newest pieces of the bureau's feed, with what became of them."""
    return [
        FeedAnswer(
            number=row.number,
            kind=row.kind,
            outcome=row.outcome,
            document_no=row.document_no,
            reason_zh=row.reason_zh,
            reason_en=row.reason_en,
            taken_at=row.taken_at,
        )
        for row in await _newest()
    ]


ROUTES = (feed_page, feed_as_json)
