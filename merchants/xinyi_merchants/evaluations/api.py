"""The public notice as JSON."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from litestar import Controller, get
from litestar.params import QueryParameter

from xinyi_merchants.evaluations.reading import notices
from xinyi_platform.principals import Allow, Anyone
from xinyi_platform.runtime import Runtime
from xinyi_platform.schemas import Answer


class NamedMerchant(Answer, kw_only=True, frozen=True):
    """A merchant that a notice names. Neither its total nor its place is told."""

    code: str
    name: str
    division: str


class NoticeAnswer(Answer, kw_only=True, frozen=True):
    """A round in its notice: objections are taken up to and including `until`. `count` is how many it names."""

    round: UUID
    title: str
    criteria: str
    until: date | None
    count: int
    merchants: list[NamedMerchant]


class HonestMerchantApi(Controller):
    path = "/api/v1/honest-merchants"
    guards = [Allow(Anyone)]
    tags = ["merchants"]

    @get("/", summary="Merchants in public notice for the honest-merchant award")
    async def index(
        self, runtime: Runtime, number: Annotated[int, QueryParameter(name="page", ge=1, le=10_000)] = 1
    ) -> list[NoticeAnswer]:
        """The rounds whose notice runs, each with one page (50) of the merchants it names."""
        return [
            NoticeAnswer(
                round=found.round.id,
                title=found.round.title,
                criteria=found.round.criteria,
                until=found.round.notice_until,
                count=found.count,
                merchants=[NamedMerchant(code=s.code, name=s.name, division=s.division) for s in found.shops],
            )
            for found in await notices(runtime.clock.now(), page=number)
        ]
