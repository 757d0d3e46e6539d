"""A resident's own points: a page and JSON. Nobody else sees them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Controller, Request, get, post, put
from litestar.enums import RequestEncodingType
from litestar.params import Body
from litestar.response import Redirect, Template

from xinyi_platform.clock import local_date
from xinyi_platform.principals import Allow, Resident
from xinyi_platform.runtime import Runtime
from xinyi_platform.schemas import Answer
from xinyi_platform.schemas import Request as Sent
from xinyi_platform.web import Form, page
from xinyi_rewards.points.earning import refuse_points, want_points
from xinyi_rewards.points.models import PointEntry, PointHolder
from xinyi_rewards.points.policy import Level, point_rules

AnyRequest = Request[Any, Any, Any]


@dataclass(frozen=True, slots=True)
class Standing:
    """What somebody has now: the sum of what is not over, its level, and each row, the newest first."""

    points: int
    level: Level | None
    rows: list[PointEntry]
    is_off: bool


async def standing_of(resident_id: UUID, *, on: date) -> Standing:
    """Return a resident's points on a day."""
    if await PointHolder.exists(resident_id=resident_id, is_off=True):
        return Standing(0, None, [], is_off=True)
    rows = await PointEntry.filter(resident_id=resident_id).order_by("-at", "-id").limit(500)
    points = sum(row.points for row in rows if row.expires_on >= on)
    return Standing(points, point_rules().level_of(points), rows, is_off=False)


class PointRow(Answer, kw_only=True, frozen=True):
    """Points that a cause earned, or their reversal (below zero); they count up to and including `expires_on`."""

    cause: str
    points: int
    at: datetime
    expires_on: date


class PointsAnswer(Answer, kw_only=True, frozen=True):
    """My points. `level` is null below the first one; `is_off`: I want none."""

    points: int
    level_zh: str | None
    level_en: str | None
    is_off: bool
    rows: list[PointRow]


class PointsChoice(Sent, kw_only=True, frozen=True):
    """`is_off` true deletes what there is and collects none any more."""

    is_off: bool


class ChoiceForm(Form, kw_only=True, frozen=True):
    act: str = ""


class MyPointsController(Controller):
    path = "/api/v1/me/points"
    guards = [Allow(Resident)]
    tags = ["points"]

    @get("/", operation_id="getMyPoints")
    async def mine(self, runtime: Runtime, principal: Resident) -> PointsAnswer:
        """My points of honour with each row; they are worth no money and cannot be given away."""
        found = await standing_of(principal.id, on=local_date(runtime.clock.now()))
        return PointsAnswer(
            points=found.points,
            level_zh=found.level.name_zh if found.level else None,
            level_en=found.level.name_en if found.level else None,
            is_off=found.is_off,
            rows=[
                PointRow(cause=row.cause, points=row.points, at=row.at, expires_on=row.expires_on) for row in found.rows
            ],
        )

    @put("/", status_code=204, operation_id="choosePoints")
    async def choose(self, runtime: Runtime, principal: Resident, data: PointsChoice) -> None:
        """Have points or none."""
        act = refuse_points if data.is_off else want_points
        await act(principal.id, at=runtime.clock.now())


class PointPages(Controller):
    path = "/app/points"
    guards = [Allow(Resident)]
    include_in_schema = False

    @get("/")
    async def mine(self, runtime: Runtime, request: AnyRequest, principal: Resident) -> Template:
        """My points, how they came about, and the switch."""
        found = await standing_of(principal.id, on=local_date(runtime.clock.now()))
        causes = {cause.key: cause.name for cause in point_rules().cause}
        return page("points/app_points.html", request, found=found, causes=causes, rules=point_rules())

    @post("/")
    async def choose(
        self,
        runtime: Runtime,
        principal: Resident,
        data: Annotated[ChoiceForm, Body(media_type=RequestEncodingType.URL_ENCODED)],
    ) -> Redirect:
        """Have points or none."""
        act = refuse_points if data.act == "off" else want_points
        await act(principal.id, at=runtime.clock.now())
        return Redirect("/app/points", status_code=303)


ROUTES = (MyPointsController, PointPages)
