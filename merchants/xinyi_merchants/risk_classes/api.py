"""Classes as JSON for supervisors, and the model itself, without anybody's class, for everybody."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Controller, get, post
from litestar.params import QueryParameter

from xinyi_merchants.risk_classes.classifying import Reason
from xinyi_merchants.risk_classes.lots import MOST_DRAWN, InspectionRelief, draw_inspections
from xinyi_merchants.risk_classes.models import InspectionDraw, RiskClass
from xinyi_merchants.risk_classes.reading import list_classes, read_dossier
from xinyi_merchants.risk_classes.rules import Indicator, Thresholds, rules_of
from xinyi_platform.clock import local_date
from xinyi_platform.errors import NotFound
from xinyi_platform.principals import Allow, Anyone, Role, Staff
from xinyi_platform.runtime import Runtime
from xinyi_platform.schemas import Answer, Request
from xinyi_platform.tenancy import area_of


class RiskClassAnswer(Answer, kw_only=True, frozen=True):
    """A merchant's class with the indicators that led to it, the heaviest first."""

    merchant_id: UUID
    colour: str
    points: int
    version: str
    computed_at: datetime
    reasons: list[Reason]


class RiskModelAnswer(Answer, kw_only=True, frozen=True):
    """The model in force: indicators with their bands, and the points from which a class begins."""

    version: str
    first_day: date
    source: str
    thresholds: Thresholds
    indicators: list[Indicator]


class DrawRequest(Request, kw_only=True, frozen=True):
    """How many shops of the area, of one trade or of all."""

    number: Annotated[int, msgspec.Meta(ge=1, le=MOST_DRAWN)]
    trade: Annotated[str, msgspec.Meta(max_length=24, examples=["catering"])] = ""


class DrawAnswer(Answer, kw_only=True, frozen=True):
    """A draw with all that is needed to repeat it."""

    id: UUID
    seed: str
    weights: dict[str, int]
    candidates: list[list[str]]
    drawn: list[str]
    drawn_at: datetime


def _answer(row: RiskClass) -> RiskClassAnswer:
    return RiskClassAnswer(
        merchant_id=row.merchant_id,
        colour=row.colour,
        points=row.points,
        version=row.version,
        computed_at=row.computed_at,
        reasons=msgspec.convert(row.reasons, list[Reason]),
    )


def _draw_answer(row: InspectionDraw) -> DrawAnswer:
    return DrawAnswer(**{name: getattr(row, name) for name in DrawAnswer.__struct_fields__})


class StaffRiskApi(Controller):
    path = "/staff/v1/risk-classes"
    guards = [Allow(Staff, roles=[Role.SUPERVISOR])]
    tags = ["supervision"]

    @get("/", summary="Classes of the area")
    async def index(
        self,
        runtime: Runtime,
        principal: Staff,
        colour: Annotated[str, QueryParameter(max_length=10)] = "",
        trade: Annotated[str, QueryParameter(max_length=24)] = "",
        number: Annotated[int, QueryParameter(name="page", ge=1, le=10_000)] = 1,
    ) -> list[RiskClassAnswer]:
        """A page of 50, the heaviest first; the look is written down."""
        now = runtime.clock.now()
        listed = await list_classes(principal, colour=colour, trade=trade, page=number, at=now)
        return [_answer(row) for row in listed.rows]

    @get("/{merchant_id:uuid}", summary="One merchant's class")
    async def one(self, runtime: Runtime, principal: Staff, merchant_id: UUID) -> RiskClassAnswer:
        """404 also outside the area; the look is written down."""
        return _answer((await read_dossier(principal, merchant_id, at=runtime.clock.now())).held)


class StaffDrawApi(Controller):
    path = "/staff/v1/inspection-draws"
    guards = [Allow(Staff, roles=[Role.SUPERVISOR])]
    tags = ["supervision"]

    @post("/", status_code=201, summary="Draw shops to inspect")
    async def draw(self, runtime: Runtime, principal: Staff, data: DrawRequest) -> DrawAnswer:
        """Likelier the higher the class, never impossible for the lowest."""
        now = runtime.clock.now()
        return _draw_answer(
            await draw_inspections(
                principal, number=data.number, trade=data.trade, now=now, relief=runtime.parts.get(InspectionRelief)
            )
        )

    @get("/{draw_id:uuid}", summary="One draw, to be repeated")
    async def one(self, principal: Staff, draw_id: UUID) -> DrawAnswer:
        """404 also for another area's."""
        row = await area_of(principal).bind(InspectionDraw.filter(id=draw_id)).first()
        if row is None:
            raise NotFound
        return _draw_answer(row)


class RiskModelApi(Controller):
    path = "/api/v1/risk-model"
    guards = [Allow(Anyone)]
    tags = ["supervision"]

    @get("/", summary="The risk model in force")
    async def show(self, runtime: Runtime) -> RiskModelAnswer:
        """Which indicators count and how much. It says no merchant's class: that is for supervisors only."""
        rules = rules_of(local_date(runtime.clock.now()))
        return RiskModelAnswer(
            version=rules.version,
            first_day=rules.first_day,
            source=rules.source,
            thresholds=rules.thresholds,
            indicators=list(rules.indicator),
        )


ROUTES = (StaffRiskApi, StaffDrawApi, RiskModelApi)
